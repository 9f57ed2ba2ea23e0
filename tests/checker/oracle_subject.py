"""Say whom a feature is about, and how times are read: core.md §3.9."""

from typing import NamedTuple

from tests.checker.identity import Facts


Said = tuple[str, str, Facts]
"""Of a gate: reason, clause, what was seen."""

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
HALF_LIVES_DAYS = (7, 30, 90)
ABSENT = -1


class Subject(NamedTuple):
    """
    A candidate and its customer as of a moment.

    Attributes:
        customer: all that is known of them.
        card: the journey's card as it is now.
        statement: of a due_date campaign the statement, where it is kept.
        currency: of the journey, "" where it has none.
        now: of the occasion, epoch ms.
        time_zone: the tenant's, "" where it has none.
        segments: the tenant's as published, None where none are known.
    """

    customer: Facts
    card: str
    statement: Facts | None
    currency: str
    now: int
    time_zone: str
    segments: Facts | None = None


def since(at: int, now: int, unit_ms: int) -> int:
    """Return whole units from a moment to now, not below 0; -1 where there is no moment."""
    return max(0, now - at) // unit_ms if at else ABSENT


def until(at: int, now: int, unit_ms: int) -> int:
    """Return whole units from now to a moment, not below 0; -1 where there is no moment."""
    return max(0, at - now) // unit_ms if at else ABSENT


def may_read(subject: Subject, purpose: str) -> bool:
    """Return whether the customer lets a purpose's data be read: `granted`, and effective."""
    kept = subject.customer["consents"].get((purpose, "data"))
    if kept is None:
        return False
    return bool(kept["status"] == "granted" and kept["effective"] <= subject.now)
