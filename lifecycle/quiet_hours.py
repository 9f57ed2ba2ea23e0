"""
Say when a customer must be left alone, by the wall clock where the customer is (SEMANTICS O4, O6).

A moment is quiet by what the wall clock shows then, and by nothing else: wall times that a change
of the clock skips never occur, those that it repeats count both times. Between two changes the
clock runs evenly, so the first quiet or open moment is found by going from edge to edge of the
windows, exactly to the millisecond. `zone` "" or one that tzdata lacks is closed at all times to
what is bound at all; mandatory messages are not.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

from lifecycle.instants import DAY_MS, EPOCH_DAY
from lifecycle.local_time import zone_rules
from lifecycle.wall_clock import MINUTE_MS, even_runs, next_local_ms, offset_ms
from schemas.calendar import DAY_KINDS, Calendar, DayKind, Window
from schemas.state import CustomerRow


__all__ = [
    "HORIZON_MS",
    "Day",
    "MessageClass",
    "Rest",
    "customer_zone",
    "day",
    "next_local_ms",
    "next_open_ms",
    "next_quiet_ms",
    "quiet",
    "rest_of",
    "unreadable",
    "wish",
    "zone_of",
]

MessageClass: TypeAlias = Literal["marketing", "servicing", "mandatory"]

HORIZON_MS: Final = 14 * DAY_MS
"""How far ahead a moment is looked for: the longest holiday is shorter."""

_WISH: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


class Day(NamedTuple):
    """What a day is, and whether its year is one that the calendar speaks of."""

    kind: DayKind
    declared: bool


class Rest(NamedTuple):
    """What a customer's quiet hours follow from; `zone` "" is closed (ZONE_UNKNOWN)."""

    calendar: Calendar | None
    zone: str
    wishes: str


def rest_of(row: CustomerRow, calendar: Calendar | None, tenant_zone: str) -> Rest:
    """Return what a customer's quiet hours follow from, by what profile and preference say."""
    zone = customer_zone(row, tenant_zone)
    return Rest(calendar, zone, row.preference.quiet_hours if row.preference else "")


def customer_zone(row: CustomerRow, tenant_zone: str) -> str:
    """Return the zone of the customer's profile, else the tenant's, else "" (ZONE_UNKNOWN)."""
    return zone_of(row.profile.time_zone if row.profile else "", tenant_zone)


def day(calendar: Calendar | None, ordinal: int) -> Day:
    """Return what a day of the wall clock is; `ordinal` is its proleptic Gregorian one."""
    kind = DAY_KINDS[(ordinal - 1) % 7]
    if calendar is None:
        return Day(kind, declared=False)
    spoken = _spoken(calendar)
    return Day(spoken.listed.get(ordinal, kind), declared=spoken.first <= ordinal <= spoken.last)


def zone_of(profile_zone: str, tenant_zone: str) -> str:
    """
    Return the customer's zone, else the tenant's, else "" (ZONE_UNKNOWN, SEMANTICS O4).

    A zone that a profile names and tzdata lacks is "": that customer is somewhere else than where
    the tenant is, and nobody can say where.
    """
    named = profile_zone or tenant_zone
    return named if named and zone_rules(named) is not None else ""


@lru_cache(maxsize=4_096)
def wish(wishes: str) -> Window | None:
    """Return a customer's own quiet hours, such as `21:00-08:00`; None for "" or the unreadable."""
    written = _WISH.fullmatch(wishes)
    if written is None:
        return None
    start_hour, start_minute, end_hour, end_minute = map(int, written.groups())
    return Window(start=start_hour * 60 + start_minute, end=end_hour * 60 + end_minute)


def unreadable(wishes: str) -> bool:
    """Return whether a customer wishes something that we cannot read: it counts as no wish."""
    return wishes != "" and wish(wishes) is None


def quiet(
    calendar: Calendar | None, zone: str, wishes: str, message_class: MessageClass, at_ms: int
) -> bool:
    """Return whether a message of this class must not reach the customer at `at_ms`."""
    if message_class == "mandatory":
        return False
    if zone_rules(zone) is None:
        return True
    windows = _windows(calendar, wishes, message_class)
    return _binds(calendar, windows, at_ms + offset_ms(zone, at_ms))


@lru_cache(maxsize=1_024)  # all who are asked at a tick are asked of one moment
def next_open_ms(
    calendar: Calendar | None, zone: str, wishes: str, message_class: MessageClass, at_ms: int
) -> int | None:
    """Return the first moment at or after `at_ms` that is not quiet, None if none in 14 days."""
    if message_class == "mandatory":
        return at_ms
    if zone_rules(zone) is None:
        return None
    windows = _windows(calendar, wishes, message_class)
    span = _Span(zone, at_ms, at_ms + HORIZON_MS)
    return _first(calendar, windows, span, wanted=False)


@lru_cache(maxsize=1_024)  # all who are asked at a tick are asked of one moment
def next_quiet_ms(
    calendar: Calendar | None, zone: str, wishes: str, message_class: MessageClass, at_ms: int
) -> int | None:
    """
    Return the first quiet moment after an open one, both at or after `at_ms` and within 14 days.

    No message may expire later (SEMANTICS O6). None where there is no such moment.
    """
    open_ms = next_open_ms(calendar, zone, wishes, message_class, at_ms)
    if open_ms is None or message_class == "mandatory":
        return None
    windows = _windows(calendar, wishes, message_class)
    span = _Span(zone, open_ms, at_ms + HORIZON_MS)
    return _first(calendar, windows, span, wanted=True)


class _Span(NamedTuple):
    """Moments on a zone's clock, from `from_ms` to `last_ms`, both of them included."""

    zone: str
    from_ms: int
    last_ms: int


def _first(
    calendar: Calendar | None, windows: Sequence[Window], span: _Span, *, wanted: bool
) -> int | None:
    """Return the first moment that is quiet, or is not, as wanted; only edges change that."""
    edges_ms = sorted({0, *(edge * MINUTE_MS for one in windows for edge in (one.start, one.end))})
    for run in even_runs(span.zone, span.from_ms, span.last_ms + 1):
        at_ms = run.from_ms
        while at_ms < run.until_ms:
            shown_ms = at_ms + run.offset_ms
            if _binds(calendar, windows, shown_ms) == wanted:
                return at_ms
            of_day_ms = shown_ms % DAY_MS
            at_ms += next((edge for edge in edges_ms if edge > of_day_ms), DAY_MS) - of_day_ms
    return None


def _binds(calendar: Calendar | None, windows: Sequence[Window], shown_ms: int) -> bool:
    """Return whether any window holds what the clock shows, in wall milliseconds."""
    days, of_day_ms = divmod(shown_ms, DAY_MS)
    minute, today = of_day_ms // MINUTE_MS, EPOCH_DAY + days
    for window in windows:
        over_midnight = window.end <= window.start
        begun = window.start <= minute and (over_midnight or minute < window.end)
        if begun and day(calendar, today).kind in window.on:
            return True
        goes_on = over_midnight and minute < window.end
        if goes_on and day(calendar, today - 1).kind in window.on:
            return True
    return False


@lru_cache(maxsize=1_024)
def _windows(
    calendar: Calendar | None, wishes: str, message_class: MessageClass
) -> tuple[Window, ...]:
    """Return the windows that bind a class: the calendar's, and the customer's own."""
    own = wish(wishes)
    theirs: tuple[Window, ...] = ()
    if calendar is not None and message_class != "mandatory":
        bound = calendar.quiet
        theirs = bound.marketing if message_class == "marketing" else bound.servicing
    return theirs if own is None else (*theirs, own)


class _Spoken(NamedTuple):
    """A calendar's listed days and declared years, by ordinals."""

    listed: dict[int, DayKind]
    first: int
    last: int


@lru_cache(maxsize=256)
def _spoken(calendar: Calendar) -> _Spoken:
    """Return a calendar's days as they are looked up."""
    listed: dict[int, DayKind] = {one.date.toordinal(): one.kind for one in calendar.days}
    first, last = date(calendar.year_min, 1, 1), date(calendar.year_max, 12, 31)
    return _Spoken(listed, first.toordinal(), last.toordinal())
