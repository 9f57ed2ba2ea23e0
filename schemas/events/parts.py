"""Say what all events are made of: the base struct, tokens, money, time and channels."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from schemas.channels import Channel
from schemas.events.currencies import CurrencyCode


__all__ = [
    "AmountMinor",
    "CalendarDate",
    "Channel",
    "Count",
    "Currency",
    "EventData",
    "Instant",
    "Label",
    "Token",
]

Token = Annotated[str, Meta(min_length=1, max_length=128)]
"""An opaque identifier; never a phone number, a name or a card number."""

Label = Annotated[str, Meta(max_length=128)]
"""A code or a word of the bank's own, "" where it has none; never free text about a person."""

Currency = CurrencyCode
"""ISO 4217 alphabetic code."""

AmountMinor = Annotated[int, Meta(ge=0, le=10**15)]
"""Money in minor units of its currency, never negative."""

Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""How many, or how many days."""

Instant = Annotated[datetime, Meta(tz=True)]
"""A moment in an event's own data: RFC 3339 with offset."""

CalendarDate = date
"""A day on the bank's calendar: ISO 8601, no time of day."""


class EventData(Struct, frozen=True, kw_only=True, tag_field="event_type"):
    """The part of an event that is its own; the subclass's tag is its type."""
