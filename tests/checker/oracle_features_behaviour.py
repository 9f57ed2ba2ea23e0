"""Say how a customer answers and what they have: core.md §3.9, group behaviour."""

from tests.checker.oracle_features_credit import count, words
from tests.checker.oracle_subject import ABSENT, DAY_MS, HOUR_MS, Subject, may_read, since, until
from tests.checker.oracle_words import Said, word


def contacts(subject: Subject) -> list[int]:
    """Return when the contacts that were not released were decided."""
    return [one["decided_at_ms"] for one in subject.customer["contacts"] if not one["released"]]


def contact_count(subject: Subject, days: int) -> int:
    """Return how many of them were in the last days."""
    return sum(at > subject.now - days * DAY_MS for at in contacts(subject))


def session_days(subject: Subject) -> int:
    """Return how long ago the app was used."""
    kept = word(subject.customer, "session", "")
    return ABSENT if kept is None else since(kept.at, subject.now, DAY_MS)


def nearest_benefit(subject: Subject) -> tuple[int, int]:
    """Return what is missing to the nearest goal, and when that benefit ends."""
    missing = [
        (kept.goal - kept.amount, about, kept.until)
        for about, kept in words(subject, "benefit")
        if kept.amount < kept.goal and not is_over(kept, subject.now)
    ]
    least, _, ends_at = min(missing, default=(ABSENT, "", 0))
    return least, ends_at


def is_over(kept: Said, now: int) -> bool:
    """Return whether what was said has ended."""
    return 0 < kept.until <= now


def standing(subject: Subject, kind: str, status: str) -> list[Said]:
    """Return the words of a kind with this status that are not over."""
    return [
        kept
        for _, kept in words(subject, kind)
        if kept.status == status and not is_over(kept, subject.now)
    ]


def grant_hours(subject: Subject) -> int:
    """Return how long there is until the first granted benefit ends."""
    ends = [kept.until for kept in standing(subject, "grant", "granted") if kept.until]
    return until(min(ends, default=0), subject.now, HOUR_MS)


def points_level(subject: Subject) -> str:
    """Return the level of points."""
    kept = word(subject.customer, "points", "")
    return "" if kept is None else kept.status


def response_days(subject: Subject) -> dict[str, int]:
    """Return how long ago the last response was, by channel."""
    found = sorted(words(subject, "response"))
    return {about: since(kept.at, subject.now, DAY_MS) for about, kept in found}


def statuses(subject: Subject, kind: str) -> dict[str, str]:
    """Return what was said about each subject."""
    return {about: kept.status for about, kept in sorted(words(subject, kind))}


def readable(subject: Subject, kind: str) -> dict[str, str]:
    """Return what others said about each subject, where the customer lets it be read."""
    found = sorted(words(subject, kind))
    return {about: kept.status for about, kept in found if may_read(subject, kept.detail)}


def score_ppm(subject: Subject) -> dict[str, int]:
    """Return the scores that are still valid, by model."""
    found = sorted(words(subject, "score"))
    return {about: kept.amount for about, kept in found if kept.until > subject.now}


BEHAVIOUR = {
    "contact_count_7d": ("int", lambda one: contact_count(one, 7)),
    "contact_count_30d": ("int", lambda one: contact_count(one, 30)),
    "last_contact_days": (
        "int",
        lambda one: since(max(contacts(one), default=0), one.now, DAY_MS),
    ),
    "response_kind": ("strings_by_name", lambda one: statuses(one, "response")),
    "response_days": ("ints_by_name", response_days),
    "session_days": ("int", session_days),
    "wallet_count": ("int", lambda one: count(one, "wallet", "bound")),
    "benefit_missing": ("int", lambda one: nearest_benefit(one)[0]),
    "benefit_hours": ("int", lambda one: until(nearest_benefit(one)[1], one.now, HOUR_MS)),
    "grant_count": ("int", lambda one: len(standing(one, "grant", "granted"))),
    "grant_hours": ("int", grant_hours),
    "coupon_count": ("int", lambda one: len(standing(one, "coupon", "issued"))),
    "points_level": ("string", points_level),
    "score_ppm": ("ints_by_name", score_ppm),
    "partner": ("strings_by_name", lambda one: readable(one, "partner")),
    "survey": ("strings_by_name", lambda one: readable(one, "survey")),
}
