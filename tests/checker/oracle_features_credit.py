"""Say what a customer owes and may borrow: core.md §3.9, group credit."""

from collections.abc import Iterator

from tests.checker.identity import Facts
from tests.checker.oracle_statements import is_repaid
from tests.checker.oracle_subject import ABSENT, DAY_MS, HOUR_MS, Subject, since, until
from tests.checker.oracle_words import Said, word


MILLION = 1_000_000


def words(subject: Subject, kind: str) -> Iterator[tuple[str, Said]]:
    """Yield the words of a kind with their subjects."""
    for (of, about), kept in subject.customer["words"].items():
        if of == kind:
            yield about, kept


def count(subject: Subject, kind: str, status: str) -> int:
    """Return how many words of a kind have this status."""
    return sum(kept.status == status for _, kept in words(subject, kind))


def bill(subject: Subject) -> Facts | None:
    """Return the statement at hand, else the newest that was issued."""
    if subject.statement is not None:
        return subject.statement
    return max(
        issued(subject), key=lambda one: (one["issued_at"], one["statement_id"]), default=None
    )


def issued(subject: Subject) -> list[Facts]:
    """Return the statements of which more than repayments is known."""
    return [one for one in subject.customer["statements"].values() if one["issued_at"]]


def bill_total_minor(subject: Subject) -> int:
    """Return what the bill is over."""
    found = bill(subject)
    return found["total"] if found else ABSENT


def bill_open_minor(subject: Subject) -> int:
    """Return what is still owed on it."""
    found = bill(subject)
    if not found:
        return ABSENT
    is_paid = is_repaid(subject.customer, found["statement_id"])
    return 0 if is_paid else max(0, found["total"] - found["paid"])


def bill_due_hours(subject: Subject) -> int:
    """Return how long there is to pay it."""
    found = bill(subject)
    return until(found["due_at"], subject.now, HOUR_MS) if found else ABSENT


def bill_paid_ppm(subject: Subject) -> int:
    """Return the share of it that is paid; a bill over nothing has none."""
    found = bill(subject)
    if not found or not found["total"]:
        return ABSENT
    return min(MILLION, found["paid"] * MILLION // found["total"])


def repaid_share_ppm(subject: Subject) -> int:
    """Return of the bills that are past their due date the share that is repaid."""
    past = [one for one in issued(subject) if one["due_at"] <= subject.now]
    repaid = sum(is_repaid(subject.customer, one["statement_id"]) for one in past)
    return repaid * MILLION // len(past) if past else ABSENT


def overdue_days(subject: Subject) -> int:
    """Return how late the latest is."""
    late = [kept.amount for _, kept in words(subject, "overdue") if kept.status == "overdue"]
    return max(late, default=ABSENT)


def autopay(subject: Subject) -> bool:
    """Return whether the card is paid by itself."""
    kept = word(subject.customer, "autopay", subject.card)
    return kept is not None and kept.status == "active"


def credit_limit_minor(subject: Subject) -> int:
    """Return the card's permanent limit."""
    kept = word(subject.customer, "limit", f"{subject.card}|perm")
    return ABSENT if kept is None else kept.amount


def limit_use_ppm(subject: Subject) -> int:
    """Return the bill as a share of the limit; of no limit there is none."""
    limit, total = credit_limit_minor(subject), bill_total_minor(subject)
    return min(10**9, total * MILLION // limit) if limit > 0 and total >= 0 else ABSENT


def precheck(subject: Subject) -> Said | None:
    """Return the best temporary limit that still holds."""
    valid = [(kept.amount, about, kept) for about, kept in words(subject, "precheck")]
    return max((one for one in valid if one[2].until > subject.now), default=(0, "", None))[2]


def temp_limit_minor(subject: Subject) -> int:
    """Return that limit."""
    kept = precheck(subject)
    return ABSENT if kept is None else kept.amount


def temp_limit_hours(subject: Subject) -> int:
    """Return how long it holds."""
    kept = precheck(subject)
    return ABSENT if kept is None else until(kept.until, subject.now, HOUR_MS)


def declined_days(subject: Subject) -> int:
    """Return how long ago a purchase was refused for want of limit."""
    refused = [
        kept.at for _, kept in words(subject, "declined") if kept.status == "insufficient_limit"
    ]
    return since(max(refused, default=0), subject.now, DAY_MS)


CREDIT = {
    "bill_total_minor": ("int", bill_total_minor),
    "bill_open_minor": ("int", bill_open_minor),
    "bill_due_hours": ("int", bill_due_hours),
    "bill_paid_ppm": ("int", bill_paid_ppm),
    "bill_count": ("int", lambda one: len(issued(one))),
    "repaid_share_ppm": ("int", repaid_share_ppm),
    "overdue_days": ("int", overdue_days),
    "autopay": ("bool", autopay),
    "credit_limit_minor": ("int", credit_limit_minor),
    "limit_use_ppm": ("int", limit_use_ppm),
    "temp_limit_minor": ("int", temp_limit_minor),
    "temp_limit_hours": ("int", temp_limit_hours),
    "plan_count": ("int", lambda one: count(one, "instalment", "created")),
    "plan_ever": ("bool", lambda one: any(words(one, "instalment"))),
    "declined_days": ("int", declined_days),
}
