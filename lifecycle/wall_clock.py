"""
Go along a wall clock: how long it runs evenly, and when it next shows a time of day.

On `lifecycle.local_time`, so by the pinned tzdata. *Wall milliseconds* are what the clock shows,
counted since that clock showed 1970-01-01 00:00: moment + offset of the zone from UTC.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from lifecycle.instants import DAY_MS, EPOCH_DAY
from lifecycle.local_time import AT_MS_MAX, local


MINUTE_MS: Final = 60_000

_PROBE_MS: Final = 6 * 3_600_000
"""No zone changes its offset and back within this time."""

_CHUNK_MS: Final = 64 * DAY_MS
"""Time is looked through, and remembered, in pieces of this length."""

_SEARCH_MS: Final = 4 * DAY_MS
"""Any minute is shown, or skipped, within this time: at most one whole day was ever skipped."""


class EvenRun(NamedTuple):
    """From `from_ms` up to and without `until_ms` the zone is `offset_ms` ahead of UTC."""

    from_ms: int
    until_ms: int
    offset_ms: int


def offset_ms(zone: str, at_ms: int) -> int:
    """Return how far a zone that tzdata knows is ahead of UTC; after the year 9999 as then."""
    for run in _runs_of(zone, at_ms // _CHUNK_MS):
        if at_ms < run.until_ms:
            return run.offset_ms
    raise AssertionError("wanted runs that fill their chunk, found a gap")


def even_runs(zone: str, from_ms: int, until_ms: int) -> Iterator[EvenRun]:
    """Yield the even runs of the clock that make up a time, in their order, adjoining."""
    open_run: EvenRun | None = None
    for number in range(from_ms // _CHUNK_MS, (until_ms - 1) // _CHUNK_MS + 1):
        for run in _runs_of(zone, number):
            start_ms, end_ms = max(run.from_ms, from_ms), min(run.until_ms, until_ms)
            if start_ms >= end_ms:
                continue
            if open_run is not None and open_run.offset_ms == run.offset_ms:
                start_ms = open_run.from_ms
            elif open_run is not None:
                yield open_run
            open_run = EvenRun(start_ms, end_ms, run.offset_ms)
    if open_run is not None:
        yield open_run


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


@lru_cache(maxsize=4_096)
def _runs_of(zone: str, number: int) -> tuple[EvenRun, ...]:
    """Return the even runs of one chunk of time; found once, for every candidate asks for one."""
    start_ms, until_ms = number * _CHUNK_MS, (number + 1) * _CHUNK_MS
    offset = _probe(zone, start_ms)
    runs: list[EvenRun] = []
    for before_ms in range(start_ms, until_ms, _PROBE_MS):
        after_ms = before_ms + _PROBE_MS
        if _probe(zone, after_ms) != offset:
            change_ms = _change(zone, before_ms, after_ms)
            if change_ms == until_ms:
                break
            runs.append(EvenRun(start_ms, change_ms, offset))
            start_ms, offset = change_ms, _probe(zone, change_ms)
    return (*runs, EvenRun(start_ms, until_ms, offset))


def _probe(zone: str, at_ms: int) -> int:
    """Return the offset at a moment, by the rules themselves."""
    asked_ms = min(at_ms, AT_MS_MAX)
    shown = local(zone, asked_ms)
    if shown is None:
        raise ValueError("wanted a time zone of tzdata, found another name")
    return (shown.day - EPOCH_DAY) * DAY_MS + shown.ms_of_day - asked_ms


def _change(zone: str, before_ms: int, after_ms: int) -> int:
    """Return the first moment of another offset than at `before_ms`; `after_ms` has another."""
    offset = _probe(zone, before_ms)
    while after_ms - before_ms > 1:
        middle_ms = (before_ms + after_ms) // 2
        if _probe(zone, middle_ms) == offset:
            before_ms = middle_ms
        else:
            after_ms = middle_ms
    return after_ms
