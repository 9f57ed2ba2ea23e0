"""
Define a calendar: when a bank does not contact its customers, and which days are no ordinary ones.

A pinned, versioned input of every decision (SEMANTICS T9). The YAML files in `deploy/calendars/`
decode into these structs; an unknown field is an error. Times of day are whole minutes since the
wall clock showed 00:00.
"""

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from schemas.campaign import CampaignId


Minute = Annotated[int, Meta(ge=0, le=1_439)]
"""Minutes since the wall clock showed 00:00."""

Year = Annotated[int, Meta(ge=1970, le=2200)]

DayKind = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "working"]
"""
What a day is: `holiday` or `working` where the calendar lists it so, else its weekday.

Every day has exactly one kind: a Saturday that is worked is `working` and not `sat`.
"""

DAY_KINDS: tuple[DayKind, ...] = get_args(DayKind)


class Window(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Quiet from `start` up to and without `end`; `end` at or before `start` is that of the next day.

    `on` are the kinds of day on which it starts: one over midnight belongs to the day before it.
    `start` = `end` is a whole day.
    """

    start: Minute
    end: Minute
    on: Annotated[tuple[DayKind, ...], Meta(min_length=1, max_length=9)] = DAY_KINDS


class Quiet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The windows that bind each class; `mandatory` is never bound by any (SEMANTICS O3)."""

    marketing: Annotated[tuple[Window, ...], Meta(max_length=16)] = ()
    servicing: Annotated[tuple[Window, ...], Meta(max_length=16)] = ()


class ListedDay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A date that is not what its weekday says: time off, or a weekend that is worked."""

    date: date
    kind: Literal["holiday", "working"]


class Calendar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """
    Quiet hours and listed days of a bank or a country.

    `days` are in ascending order, each once, all within the declared years `year_min` to
    `year_max`; beyond these nobody has said anything, and a day is its weekday. `time_zone` says
    where the calendar comes from; windows and dates are read on the customer's own wall clock.
    """

    id: CampaignId
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)]
    year_min: Year
    year_max: Year
    quiet: Quiet = Quiet()
    days: Annotated[tuple[ListedDay, ...], Meta(max_length=4_096)] = ()

    def __post_init__(self) -> None:
        """Refuse years that end before they begin, and days out of order or out of the years."""
        if self.year_max < self.year_min:
            raise ValueError(f"wanted year_max of {self.year_min} or more, found {self.year_max}")
        for listed in self.days:
            if not self.year_min <= listed.date.year <= self.year_max:
                years = f"{self.year_min} to {self.year_max}"
                raise ValueError(f"wanted days of the years {years}, found {listed.date}")
        for earlier, later in pairwise(self.days):
            if later.date <= earlier.date:
                raise ValueError(f"wanted a day after {earlier.date}, found {later.date}")
