"""Say what features are read from: a customer at one moment, and what a candidate is about."""

from collections.abc import Callable
from typing import NamedTuple

from lifecycle.instants import DAY_MS
from schemas.decisions import FeatureValue
from schemas.events import EventData
from schemas.rules import Kind
from schemas.segments import SegmentsPublished
from schemas.state import CustomerRow, Journey, StatementState


HOUR_MS = 3_600_000
PPM = 1_000_000
ABSENT = -1
"""What an integer is where nothing is known."""


class Context(NamedTuple):
    """
    A customer as of `now_ms`, epoch milliseconds UTC.

    `card_token` is the candidate's card as it is now, `statement` the bill that it is about,
    `time_zone` the tenant's, "" where none is known. `event` is the one at hand, where a rule
    about it is asked, and `failed` then takes the campaigns whose rule could not be computed.
    `segments` are the bank's, None where none are known.
    """

    row: CustomerRow
    now_ms: int
    time_zone: str
    card_token: str
    statement: StatementState | None
    journey: Journey | None
    event: EventData | None = None
    failed: list[str] | None = None
    segments: SegmentsPublished | None = None


class Feature(NamedTuple):
    """
    One declared feature.

    `behavioural`: it rests on what the customer did (SEMANTICS O3, O4; a milestone, or that it is
    missing, does not). `absent` is what it is where nothing is known. `read` never raises.
    """

    kind: Kind
    unit: str
    absent: FeatureValue
    meaning: str
    read: Callable[[Context], FeatureValue]
    behavioural: bool = False


def days_since(at_ms: int, now_ms: int) -> int:
    """Return whole days since a moment, 0 for one that is still to come, -1 for none (0)."""
    return max(0, now_ms - at_ms) // DAY_MS if at_ms else ABSENT


def hours_until(at_ms: int, now_ms: int) -> int:
    """Return whole hours until a moment, 0 for one that is past, -1 for none (0)."""
    return max(0, at_ms - now_ms) // HOUR_MS if at_ms else ABSENT
