"""Say when a customer must not be contacted, and until when: core.md §3.10, by an own walk."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.checker.identity import Facts
from tests.checker.oracle_clock import EPOCH, WEEKDAYS, wall_clock, zone_of


SEARCH_MS = 14 * 86_400_000
STEP_MS = 3_600_000
EVERY_DAY = (*WEEKDAYS, "holiday", "working")
OWN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


class QuietHours(NamedTuple):
    """
    What binds a customer of one class.

    Attributes:
        zone: theirs, "" where it is not known: always quiet.
        windows: (start, end, kinds of day), minutes of the day.
        days: kinds of listed days by the date's ordinal.
        is_bound: whether quiet hours bind the class at all.
    """

    zone: str
    windows: tuple[tuple[int, int, tuple[str, ...]], ...]
    days: dict[int, str]
    is_bound: bool

    def is_quiet(self, at_ms: int) -> bool:
        """Return whether it is quiet at this moment."""
        if not self.is_bound:
            return False
        clock = wall_clock(self.zone, at_ms)
        if clock is None:
            return True
        today, day_before = self._kind(clock.ordinal), self._kind(clock.ordinal - 1)
        m = clock.minute
        return any(
            (start <= m < end and today in on)
            if start < end
            else ((m >= start and today in on) or (m < end and day_before in on))
            for start, end, on in self.windows
        )

    def next_open(self, at_ms: int) -> int | None:
        """Return the first moment of the next fourteen days that is not quiet."""
        return self._first(at_ms, at_ms + SEARCH_MS, is_quiet=False)

    def next_quiet(self, at_ms: int) -> int | None:
        """Return the first quiet moment of these days after that."""
        begin = self.next_open(at_ms)
        return None if begin is None else self._first(begin, at_ms + SEARCH_MS, is_quiet=True)

    def _first(self, begin: int, end: int, *, is_quiet: bool) -> int | None:
        if not self.is_bound:
            return None if is_quiet else begin
        zone = zone_of(self.zone)
        if zone is None:
            return None
        if not self.windows:
            return None if is_quiet else begin
        for at_ms in self._edges(zone, begin, end):
            if self.is_quiet(at_ms) is is_quiet:
                return at_ms
        return None

    def _edges(self, zone: ZoneInfo, begin: int, end: int) -> list[int]:
        """Return every moment at which it may begin or cease to be quiet, in order."""
        minutes = {0, *(edge for start, stop, _ in self.windows for edge in (start, stop))}
        first_day = (EPOCH + timedelta(milliseconds=begin)).replace(tzinfo=None)
        edges = {begin, *_clock_changes(zone, begin, end)}
        for number in range(-2, (end - begin) // 86_400_000 + 4):
            day = datetime.combine(first_day.date() + timedelta(days=number), datetime.min.time())
            for minute in minutes:
                for fold in (0, 1):  # where a clock shows it twice
                    shown = (day + timedelta(minutes=minute)).replace(tzinfo=zone, fold=fold)
                    edges.add((shown.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1))
        return sorted(edge for edge in edges if begin <= edge <= end)

    def _kind(self, ordinal: int) -> str:
        return self.days.get(ordinal) or WEEKDAYS[(ordinal - 1) % 7]


def _clock_changes(zone: ZoneInfo, begin: int, end: int) -> list[int]:
    """Return to the millisecond when the clock is put forward or back."""
    found = []
    for hour in range(begin, end, STEP_MS):
        low, high = hour, min(hour + STEP_MS, end)
        if _offset(zone, low) == _offset(zone, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            same = _offset(zone, middle) == _offset(zone, low)
            low, high = (middle, high) if same else (low, middle)
        found.append(high)
    return found


def _offset(zone: ZoneInfo, at_ms: int) -> timedelta | None:
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).utcoffset()


def quiet_hours(
    customer: Facts, message_class: str, calendar: Facts | None, tenant_zone: str
) -> QuietHours:
    """Return what binds a customer; `tenant_zone` is for who has none of their own."""
    profile, preference = customer["profile"], customer["preference"]
    zone = (profile[1] if profile else "") or tenant_zone
    listed = calendar.get("quiet", {}).get(message_class, ()) if calendar else ()
    windows = [(one["start"], one["end"], tuple(one.get("on", EVERY_DAY))) for one in listed]
    if preference and (own := OWN.fullmatch(preference[3])):
        hours = [int(digits) for digits in own.groups()]
        windows.append((hours[0] * 60 + hours[1], hours[2] * 60 + hours[3], EVERY_DAY))
    days = calendar.get("days", ()) if calendar else ()
    return QuietHours(
        zone=zone if zone_of(zone) else "",
        windows=tuple(windows),
        days={datetime.fromisoformat(one["date"]).toordinal(): one["kind"] for one in days},
        is_bound=message_class != "mandatory",
    )
