"""Quiet hours against a walk through the minutes, in every zone there is (SEMANTICS O4, T9)."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.quiet_hours import (
    HORIZON_MS,
    next_local_ms,
    next_open_ms,
    next_quiet_ms,
    quiet,
    wish,
)
from schemas.calendar import Calendar, ListedDay, Quiet, Window
from tests.lifecycle.wall_walk import (
    MINUTE_MS,
    Walk,
    calendars,
    changes,
    ms,
    rules,
    shown,
    zones,
)


DAY_MS = 1_440 * MINUTE_MS
YEAR_MS = ms("2026-01-01T00:00+00:00")
WALKED = Calendar(
    id="walked",
    version=1,
    time_zone="UTC",
    year_min=2026,
    year_max=2026,
    quiet=Quiet(
        marketing=(
            Window(start=21 * 60, end=1 * 60 + 30),
            Window(start=2 * 60 + 15, end=2 * 60 + 45),
            Window(start=3 * 60, end=3 * 60 + 10, on=("sun", "holiday")),
        )
    ),
    days=tuple(
        ListedDay(date=(shown("UTC", YEAR_MS) + timedelta(days=day)).date(), kind="holiday")
        for day in range(0, 365, 5)
    ),
)


def walk_agrees(zone: str, from_ms: int, chance: random.Random) -> None:
    """Compare a day and a half of minutes, and what comes next after some of them."""
    minutes = range(from_ms, from_ms + DAY_MS * 3 // 2, MINUTE_MS)
    clocks = [shown(zone, at_ms) for at_ms in minutes]
    walk = Walk(WALKED, WALKED.quiet.marketing)
    oracle = [walk.quiet(clock) for clock in clocks]

    assert oracle == [quiet(WALKED, zone, "", "marketing", at_ms) for at_ms in minutes]
    for place in chance.sample(range(len(minutes) // 3), 12):
        at_ms = minutes[place] - chance.randrange(MINUTE_MS)
        asked = (WALKED, zone, "", "marketing", at_ms)
        open_at = place if not quiet(*asked) else oracle.index(False, place)
        expected_ms = at_ms if not quiet(*asked) else minutes[open_at]
        assert expected_ms == next_open_ms(*asked), (zone, at_ms)
        assert minutes[oracle.index(True, open_at)] == next_quiet_ms(*asked), (zone, at_ms)


@pytest.mark.slow
def test_quiet_hours_are_those_of_the_wall_clock_at_every_change_of_it_in_2026() -> None:
    """In all zones of zone1970.tab, around each change of the clock and on a random day."""
    chance = random.Random(2026)  # noqa: S311 (repeatable, no secret)
    changed = 0
    for zone in zones():
        at_changes = list(changes(zone, 2026))
        changed += len(at_changes)
        for at_ms in at_changes:
            walk_agrees(zone, at_ms - DAY_MS // 2, chance)
        random_ms = YEAR_MS + chance.randrange(365 * 1_440) * MINUTE_MS
        walk_agrees(zone, random_ms, chance)

    assert changed > 150


def first_minute(zone: str, at_ms: int, minute_of_day: int) -> int:
    """Walk to the first minute that shows it, or before which the clock jumped over it."""
    before = None
    for minute_ms in range(at_ms, at_ms + 3 * DAY_MS, MINUTE_MS):
        clock = shown(zone, minute_ms)
        if clock.hour * 60 + clock.minute == minute_of_day:
            return minute_ms
        if before is not None:
            skipped = before + timedelta(minutes=1)
            while skipped < clock:
                if skipped.hour * 60 + skipped.minute == minute_of_day:
                    return minute_ms
                skipped += timedelta(minutes=1)
        before = clock
    raise AssertionError


@pytest.mark.slow
def test_a_time_of_day_comes_when_the_wall_clock_shows_it_in_every_zone() -> None:
    """Around each change of 2026: times just about it, in the gap, in the fold, and any other."""
    chance = random.Random(1970)  # noqa: S311 (repeatable, no secret)
    for zone in zones():
        for change_ms in changes(zone, 2026):
            clock = shown(zone, change_ms)
            at_change = clock.hour * 60 + clock.minute
            wanted = [(at_change + chance.randrange(-90, 90)) % 1_440 for _ in range(6)]
            for minute in [*wanted, chance.randrange(1_440)]:
                at_ms = change_ms - chance.randrange(0, 180) * MINUTE_MS
                expected = first_minute(zone, at_ms, minute)
                assert expected == next_local_ms(zone, at_ms, minute), (zone, at_ms, minute)


@settings(max_examples=60, deadline=None)
@given(
    calendar=calendars(),
    zone=st.sampled_from([zone for zone in zones() if rules(zone)]),
    day=st.integers(0, 345),
    minute=st.integers(0, 1_439),
    wishes=st.sampled_from(["", "21:00-08:00", "00:00-23:59", "12:00-12:30"]),
)
def test_any_calendar_opens_and_closes_where_the_walk_says(
    calendar: Calendar, zone: str, day: int, minute: int, wishes: str
) -> None:
    """The first open moment within 14 days, the first quiet one after it, or none: exactly."""
    at_ms = YEAR_MS + day * DAY_MS + minute * MINUTE_MS
    own = wish(wishes)
    windows = (*calendar.quiet.marketing, *([own] if own else []))
    minutes = range(at_ms, at_ms + HORIZON_MS + 1, MINUTE_MS)
    days = Walk(calendar, windows)
    walk = ((one, days.quiet(shown(zone, one))) for one in minutes)

    open_ms = next((one for one, closed in walk if not closed), None)
    quiet_ms = next((one for one, closed in walk if closed), None)

    assert open_ms == next_open_ms(calendar, zone, wishes, "marketing", at_ms)
    assert quiet_ms == next_quiet_ms(calendar, zone, wishes, "marketing", at_ms)
