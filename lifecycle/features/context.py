"""Say what features are read from."""

from typing import NamedTuple

from schemas.state import CustomerRow, Journey, StatementState


class Context(NamedTuple):
    """A customer at one moment, and what a candidate is about."""

    row: CustomerRow
    now_ms: int
    time_zone: str
    card_token: str
    statement: StatementState | None
    journey: Journey | None
