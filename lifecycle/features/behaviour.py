"""What the customer did with messages, wallets, the app, benefits, and what others observed."""

from functools import partial
from typing import Final

from lifecycle import words
from lifecycle.features.context import (
    ABSENT,
    Context,
    Feature,
    days_since,
    hours_until,
)
from lifecycle.instants import DAY_MS
from schemas.state import WordState


def _contact_count(days: int, context: Context) -> int:
    return sum(
        not contact.released and contact.decided_at_ms > context.now_ms - days * DAY_MS
        for contact in context.row.contacts
    )


def _last_contact_days(context: Context) -> int:
    made = [one.decided_at_ms for one in context.row.contacts if not one.released]
    return days_since(max(made, default=0), context.now_ms)


def _by_subject(context: Context, kind: str) -> list[WordState]:
    """Return words so that a map of them says nothing of the order in which they came."""
    return sorted(words.of_kind(context.row, kind), key=lambda word: word.subject)


def _response_kind(context: Context) -> dict[str, int | str]:
    return {word.subject: word.status for word in _by_subject(context, "response")}


def _response_days(context: Context) -> dict[str, int | str]:
    return {
        word.subject: days_since(word.at_ms, context.now_ms)
        for word in _by_subject(context, "response")
    }


def _session_days(context: Context) -> int:
    at_ms = [word.at_ms for word in words.of_kind(context.row, "session")]
    return days_since(max(at_ms, default=0), context.now_ms)


def _wallet_count(context: Context) -> int:
    return sum(word.status == "bound" for word in words.of_kind(context.row, "wallet"))


def _benefit(context: Context) -> WordState | None:
    """Return the benefit under way that is nearest to its goal (then the lesser id)."""
    open_ones = [
        word
        for word in words.of_kind(context.row, "benefit")
        if word.amount < word.goal and not words.over(word, context.now_ms)
    ]
    return min(open_ones, key=lambda word: (word.goal - word.amount, word.subject), default=None)


def _benefit_missing(context: Context) -> int:
    word = _benefit(context)
    return ABSENT if word is None else word.goal - word.amount


def _benefit_hours(context: Context) -> int:
    word = _benefit(context)
    return ABSENT if word is None else hours_until(word.until_ms, context.now_ms)


def _open_grants(context: Context) -> list[WordState]:
    return [
        word
        for word in words.of_kind(context.row, "grant")
        if word.status == "granted" and not words.over(word, context.now_ms)
    ]


def _grant_hours(context: Context) -> int:
    ends = [word.until_ms for word in _open_grants(context) if word.until_ms]
    return hours_until(min(ends, default=0), context.now_ms)


def _coupon_count(context: Context) -> int:
    return sum(
        word.status == "issued" and not words.over(word, context.now_ms)
        for word in words.of_kind(context.row, "coupon")
    )


def _points_level(context: Context) -> str:
    word = words.find(context.row, "points", "")
    return "" if word is None else word.status


def _score_ppm(context: Context) -> dict[str, int | str]:
    return {
        word.subject: word.amount
        for word in _by_subject(context, "score")
        if word.until_ms > context.now_ms
    }


def _observed(kind: str, context: Context) -> dict[str, int | str]:
    return {
        word.subject: word.status
        for word in _by_subject(context, kind)
        if words.readable(context.row, word, context.now_ms)
    }


BEHAVIOUR: Final = {
    **{
        f"contact_count_{days}d": Feature(
            "int",
            "contacts",
            0,
            f"in the last {days} days, without those that failed",
            partial(_contact_count, days),
            behavioural=True,
        )
        for days in (7, 30)
    },
    "last_contact_days": Feature(
        "int", "days", ABSENT, "since the last of them", _last_contact_days, behavioural=True
    ),
    "response_kind": Feature(
        "strings_by_name", "", {}, "the last response, by channel", _response_kind, behavioural=True
    ),
    "response_days": Feature(
        "ints_by_name", "days", {}, "since that, by channel", _response_days, behavioural=True
    ),
    "session_days": Feature(
        "int", "days", ABSENT, "since the app was last used", _session_days, behavioural=True
    ),
    "wallet_count": Feature(
        "int", "wallets", 0, "wallets that hold a card", _wallet_count, behavioural=True
    ),
    "benefit_missing": Feature(
        "int",
        "as the benefit counts",
        ABSENT,
        "to the nearest goal of a benefit",
        _benefit_missing,
        behavioural=True,
    ),
    "benefit_hours": Feature(
        "int", "hours", ABSENT, "until that benefit's window ends", _benefit_hours, behavioural=True
    ),
    "grant_count": Feature(
        "int",
        "benefits",
        0,
        "granted and not used",
        lambda context: len(_open_grants(context)),
        behavioural=True,
    ),
    "grant_hours": Feature(
        "int", "hours", ABSENT, "until the first of them expires", _grant_hours, behavioural=True
    ),
    "coupon_count": Feature(
        "int", "coupons", 0, "issued and not used", _coupon_count, behavioural=True
    ),
    "points_level": Feature("string", "", "", "level of points", _points_level, behavioural=True),
    "score_ppm": Feature(
        "ints_by_name",
        "ppm",
        {},
        "the bank's own valid scores, by model",
        _score_ppm,
        behavioural=True,
    ),
    "partner": Feature(
        "strings_by_name",
        "",
        {},
        "what partners observed, by `partner|attribute`; needs consent",
        partial(_observed, "partner"),
        behavioural=True,
    ),
    "survey": Feature(
        "strings_by_name",
        "",
        {},
        "answers, by `survey|question`; needs consent",
        partial(_observed, "survey"),
        behavioural=True,
    ),
}
