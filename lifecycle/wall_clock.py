"""
Go along a wall clock: how long it runs evenly, and when it next shows a time of day.

On `lifecycle.local_time`, so by the pinned tzdata. *Wall milliseconds* are what the clock shows,
counted since that clock showed 1970-01-01 00:00: moment + offset of the zone from UTC.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from lifecycle.instants import DAY_MS, EPOCH_DAY
from lifecycle.local_time import AT_MS_MAX, local


MINUTE_MS: Final = 60_000

_PROBE_MS: Final = 6 * 3_600_000
"""No zone changes its offset and back within this time."""

_SEARCH_MS: Final = 4 * DAY_MS
"""Any minute is shown, or skipped, within this time: at most one whole day was ever skipped."""


class EvenRun(NamedTuple):
    """From `from_ms` up to and without `until_ms` the zone is `offset_ms` ahead of UTC."""

    from_ms: int
    until_ms: int
    offset_ms: int


def offset_ms(zone: str, at_ms: int) -> int:
    """Return how far a zone that tzdata knows is ahead of UTC; after the year 9999 as then."""
    asked_ms = min(at_ms, AT_MS_MAX)
    shown = local(zone, asked_ms)
    if shown is None:
        raise ValueError("wanted a time zone of tzdata, found another name")
    return (shown.day - EPOCH_DAY) * DAY_MS + shown.ms_of_day - asked_ms


def even_runs(zone: str, from_ms: int, until_ms: int) -> Iterator[EvenRun]:
    """Yield the even runs of the clock that make up a time, in their order, adjoining."""
    start_ms, offset = from_ms, offset_ms(zone, from_ms)
    probe_ms = from_ms
    while probe_ms < until_ms:
        before_ms, probe_ms = probe_ms, min(probe_ms + _PROBE_MS, until_ms)
        if offset_ms(zone, probe_ms) != offset:
            probe_ms = _change(zone, before_ms, probe_ms)
            yield EvenRun(start_ms, probe_ms, offset)
            start_ms, offset = probe_ms, offset_ms(zone, probe_ms)
    if start_ms < until_ms:
        yield EvenRun(start_ms, until_ms, offset)


def next_local_ms(zone: str, at_ms: int, minute_of_day: int) -> int | None:
    """
    Return the first moment at or after `at_ms` at which the clock shows this minute of the day.

    That is `at_ms` itself where it shows it then. For a minute that a change of the clock skips,
    the first moment after the gap. None for a zone that tzdata lacks.

    Raises:
        ValueError: no minute of a day (0 to 1,439).

    """
    if not 0 <= minute_of_day < DAY_MS // MINUTE_MS:
        raise ValueError(f"wanted a minute of the day, 0 to 1439, found {minute_of_day}")
    if local(zone, min(at_ms, AT_MS_MAX)) is None:
        return None
    wanted_ms = minute_of_day * MINUTE_MS
    shown_ms: int | None = None  # what the clock would show had it not been changed
    for run in even_runs(zone, at_ms, at_ms + _SEARCH_MS):
        wall_ms = run.from_ms + run.offset_ms
        if shown_ms is not None and shown_ms + (wanted_ms - shown_ms) % DAY_MS < wall_ms:
            return run.from_ms
        if wall_ms % DAY_MS // MINUTE_MS == minute_of_day:
            return run.from_ms
        found_ms = run.from_ms + (wanted_ms - wall_ms) % DAY_MS
        if found_ms < run.until_ms:
            return found_ms
        shown_ms = run.until_ms + run.offset_ms
    raise AssertionError("wanted a day that shows every minute, found none")


def _change(zone: str, before_ms: int, after_ms: int) -> int:
    """Return the first moment of another offset than at `before_ms`; `after_ms` has another."""
    offset = offset_ms(zone, before_ms)
    while after_ms - before_ms > 1:
        middle_ms = (before_ms + after_ms) // 2
        if offset_ms(zone, middle_ms) == offset:
            before_ms = middle_ms
        else:
            after_ms = middle_ms
    return after_ms
