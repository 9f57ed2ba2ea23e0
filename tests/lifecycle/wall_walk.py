"""Quiet hours the slow way: minute by minute, each asked of `datetime` by itself."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from schemas.calendar import DAY_KINDS, Calendar, ListedDay, Quiet, Window


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000
ONE_DAY = timedelta(days=1)


def ms(text: str) -> int:
    """Return an ISO moment with its offset in epoch milliseconds."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


@cache
def rules(zone: str) -> ZoneInfo:
    """Return a zone of the pinned package, read without our own code."""
    with resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file)


def zones() -> list[str]:
    """Return every zone of zone1970.tab."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text("utf-8")
    return [line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")]


def shown(zone: str, at_ms: int) -> datetime:
    """Return what the wall clock shows, without a zone."""
    moment = EPOCH + timedelta(milliseconds=at_ms)
    return moment.astimezone(rules(zone)).replace(tzinfo=None)


def changes(zone: str, year: int) -> Iterator[int]:
    """Yield the hours of a year, in epoch milliseconds, in which the clock was changed."""
    hour_ms = 60 * MINUTE_MS
    first, last = ms(f"{year}-01-01T00:00+00:00"), ms(f"{year + 1}-01-01T00:00+00:00")
    for day_ms in range(first, last, 24 * hour_ms):
        begun = offset(zone, day_ms)
        if begun != offset(zone, min(day_ms + 24 * hour_ms, last - hour_ms)):
            for at_ms in range(day_ms + hour_ms, day_ms + 25 * hour_ms, hour_ms):
                if offset(zone, at_ms) != offset(zone, at_ms - hour_ms):
                    yield at_ms


def offset(zone: str, at_ms: int) -> timedelta | None:
    """Return by how much the wall clock is ahead of UTC."""
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(rules(zone)).utcoffset()


def kind(calendar: Calendar, day: date) -> str:
    """Return what a day is."""
    listed = [one.kind for one in calendar.days if one.date == day]
    return listed[0] if listed else day.strftime("%a").lower()


class Walk:
    """A calendar's windows, asked of any minute of the wall clock; a day is laid out once."""

    def __init__(self, calendar: Calendar, windows: tuple[Window, ...]) -> None:
        """Take a class's windows, the customer's own among them."""
        self._calendar, self._windows = calendar, windows
        self._laid_out: dict[date, list[tuple[datetime, datetime]]] = {}

    def quiet(self, clock: datetime) -> bool:
        """Return whether a window that began today or yesterday, by the clock, is not over."""
        today = clock.date()
        for day in (today, today - ONE_DAY):
            spans = self._laid_out.get(day)
            if spans is None:
                spans = self._laid_out[day] = self._begun_on(day)
            for begun, over in spans:
                if begun <= clock < over:
                    return True
        return False

    def _begun_on(self, day: date) -> list[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, datetime.min.time())
        spans = []
        for window in self._windows:
            begun = midnight + timedelta(minutes=window.start)
            over = midnight + timedelta(minutes=window.end)
            over += ONE_DAY if over <= begun else timedelta()
            if kind(self._calendar, day) in window.on:
                spans.append((begun, over))
        return spans


def windows() -> st.SearchStrategy[Window]:
    """Draw windows of any length on any kinds of day."""
    minutes = st.integers(0, 1_439) | st.sampled_from([0, 1, 119, 120, 180, 1_439])
    on = st.lists(st.sampled_from(DAY_KINDS), min_size=1, max_size=9, unique=True).map(tuple)
    return st.builds(Window, start=minutes, end=minutes, on=on | st.just(DAY_KINDS))


def calendars() -> st.SearchStrategy[Calendar]:
    """Draw calendars of 2026 with a handful of listed days."""
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    listed = st.dictionaries(days, st.sampled_from(["holiday", "working"]), max_size=40)
    return st.builds(
        lambda drawn, quiet: Calendar(
            id="drawn",
            version=1,
            time_zone="UTC",
            year_min=2026,
            year_max=2026,
            quiet=Quiet(marketing=tuple(quiet)),
            days=tuple(ListedDay(date=day, kind=drawn[day]) for day in sorted(drawn)),
        ),
        listed,
        st.lists(windows(), max_size=4),
    )
