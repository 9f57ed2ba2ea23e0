"""Quiet hours by hand: midnight, holidays, both days on which a clock is changed, no zone."""

from datetime import date

import pytest

from lifecycle.quiet_hours import (
    MessageClass,
    day,
    next_local_ms,
    next_open_ms,
    next_quiet_ms,
    quiet,
    unreadable,
    zone_of,
)
from schemas.calendar import Calendar, ListedDay, Quiet, Window
from tests.lifecycle.wall_walk import ms


SHANGHAI = "Asia/Shanghai"
NEW_YORK = "America/New_York"
LORD_HOWE = "Australia/Lord_Howe"
KATHMANDU = "Asia/Kathmandu"
NIGHT = Window(start=21 * 60, end=8 * 60)


def calendar(*windows: Window, days: tuple[ListedDay, ...] = ()) -> Calendar:
    """Return a calendar of 2026 that binds marketing."""
    return Calendar(
        id="bank",
        version=1,
        time_zone=SHANGHAI,
        year_min=2026,
        year_max=2026,
        quiet=Quiet(marketing=windows),
        days=days,
    )


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        (SHANGHAI, "2026-03-10T20:59:59.999+08:00", False),
        (SHANGHAI, "2026-03-10T21:00:00+08:00", True),
        (SHANGHAI, "2026-03-11T07:59:59.999+08:00", True),
        (SHANGHAI, "2026-03-11T08:00:00+08:00", False),
        (KATHMANDU, "2026-03-11T02:14:59.999+00:00", True),  # 07:59 at +05:45
        (KATHMANDU, "2026-03-11T02:15:00+00:00", False),
    ],
)
def test_quiet_hours_begin_and_end_to_the_millisecond(
    zone: str, at: str, *, expected: bool
) -> None:
    """21:00 is quiet, 08:00 is not, by the clock of the customer."""
    assert expected == quiet(calendar(NIGHT), zone, "", "marketing", ms(at))


def test_quiet_hours_know_where_they_open_and_close() -> None:
    """Within the night it opens at 08:00 and closes at 21:00; within the day it is open now."""
    night, noon = ms("2026-03-10T23:30+08:00"), ms("2026-03-11T12:00+08:00")
    bank = calendar(NIGHT)

    assert ms("2026-03-11T08:00+08:00") == next_open_ms(bank, SHANGHAI, "", "marketing", night)
    assert ms("2026-03-11T21:00+08:00") == next_quiet_ms(bank, SHANGHAI, "", "marketing", night)
    assert noon == next_open_ms(bank, SHANGHAI, "", "marketing", noon)


def test_quiet_hours_last_an_hour_less_where_the_clock_goes_forward() -> None:
    """New York, 8 March 2026: 02:00 becomes 03:00; a window of 02:00 to 02:59 never occurs."""
    before = ms("2026-03-08T01:59:59.999-05:00")
    skipped = calendar(Window(start=120, end=179))
    night = calendar(Window(start=60, end=210))

    assert not quiet(skipped, NEW_YORK, "", "marketing", before)
    assert not quiet(skipped, NEW_YORK, "", "marketing", before + 1)
    assert ms("2026-03-09T02:00-04:00") == next_quiet_ms(skipped, NEW_YORK, "", "marketing", before)
    assert ms("2026-03-08T03:30-04:00") == next_open_ms(night, NEW_YORK, "", "marketing", before)


def test_quiet_hours_come_twice_where_the_clock_goes_back() -> None:
    """New York, 1 November 2026: 01:30 to 01:45 occurs at -04:00 and again at -05:00."""
    bank = calendar(Window(start=90, end=105))
    first, second = ms("2026-11-01T01:30-04:00"), ms("2026-11-01T01:30-05:00")

    assert first == next_quiet_ms(bank, NEW_YORK, "", "marketing", first - 1)
    assert second == next_quiet_ms(bank, NEW_YORK, "", "marketing", first)
    assert ms("2026-11-02T01:30-05:00") == next_quiet_ms(bank, NEW_YORK, "", "marketing", second)


def test_half_an_hour_of_summer_time_is_half_an_hour() -> None:
    """Lord Howe, 4 October 2026: 02:00 +10:30 becomes 02:30 +11:00; 5 April: 02:00 to 01:30."""
    bank = calendar(Window(start=90, end=150))

    assert ms("2026-10-04T02:30+11:00") == next_open_ms(
        bank, LORD_HOWE, "", "marketing", ms("2026-10-04T01:30+10:30")
    )
    assert ms("2026-10-04T02:30+11:00") - ms("2026-10-04T01:30+10:30") == 30 * 60_000
    assert ms("2026-04-05T02:30+10:30") == next_open_ms(
        bank, LORD_HOWE, "", "marketing", ms("2026-04-05T01:30+11:00")
    )
    assert ms("2026-04-05T02:30+10:30") - ms("2026-04-05T01:30+11:00") == 90 * 60_000


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """A Friday's night goes on until Saturday 08:00; the night after it is none."""
    bank = calendar(Window(start=21 * 60, end=8 * 60, on=("fri",)))

    assert quiet(bank, SHANGHAI, "", "marketing", ms("2026-03-14T07:59+08:00"))
    assert not quiet(bank, SHANGHAI, "", "marketing", ms("2026-03-13T07:59+08:00"))
    assert not quiet(bank, SHANGHAI, "", "marketing", ms("2026-03-14T21:00+08:00"))


def test_a_listed_day_is_what_the_calendar_says_and_not_its_weekday() -> None:
    """14 February 2026 is a Saturday that is worked, Monday the 16th a holiday."""
    spring = (
        ListedDay(date=date(2026, 2, 14), kind="working"),
        ListedDay(date=date(2026, 2, 16), kind="holiday"),
    )
    free = calendar(Window(start=0, end=0, on=("sat", "holiday")), days=spring)
    worked = calendar(Window(start=0, end=0, on=("working",)), days=spring)
    noon = [ms(f"2026-02-{day}T12:00+08:00") for day in (14, 16, 21)]

    assert [False, True, True] == [quiet(free, SHANGHAI, "", "marketing", at) for at in noon]
    assert [True, False, False] == [quiet(worked, SHANGHAI, "", "marketing", at) for at in noon]


def test_a_day_of_an_undeclared_year_is_its_weekday_and_says_so() -> None:
    """1 January 2027 is a Friday of which the calendar of 2026 knows nothing."""
    bank = calendar(NIGHT, days=(ListedDay(date=date(2026, 1, 1), kind="holiday"),))

    assert ("holiday", True) == day(bank, date(2026, 1, 1).toordinal())
    assert ("thu", True) == day(bank, date(2026, 12, 31).toordinal())
    assert ("fri", False) == day(bank, date(2027, 1, 1).toordinal())
    assert ("wed", False) == day(bank, date(2025, 12, 31).toordinal())


def test_a_customers_own_wish_adds_to_the_calendar() -> None:
    """A nap from 12:00 to 14:00 is quiet beside the bank's night, for servicing as well."""
    nap = ms("2026-03-11T13:59+08:00")
    bank = calendar(NIGHT)

    assert quiet(bank, SHANGHAI, "12:00-14:00", "marketing", nap)
    assert quiet(bank, SHANGHAI, "12:00-14:00", "servicing", nap)
    assert quiet(bank, SHANGHAI, "12:00-14:00", "marketing", ms("2026-03-11T22:00+08:00"))
    assert not quiet(bank, SHANGHAI, "", "marketing", nap)


@pytest.mark.parametrize(
    "wishes", ["21-08", "21:00-24:00", " 21:00-08:00", "\uff121:00-08:00", "no"]
)
def test_an_unreadable_wish_counts_as_none_and_is_told(wishes: str) -> None:
    """The bank's windows stay; whoever asks is told that there is more."""
    at_ms = ms("2026-03-11T22:30+08:00")

    assert unreadable(wishes)
    assert not quiet(calendar(), SHANGHAI, wishes, "marketing", at_ms)
    assert not any(map(unreadable, ("", "21:00-08:00")))


@pytest.mark.parametrize("message_class", ["marketing", "servicing"])
def test_no_zone_is_closed(message_class: MessageClass) -> None:
    """O4: nobody can say what time it is there, even without any window."""
    asked = (calendar(), "", "", message_class, ms("2026-03-11T12:00+08:00"))

    assert quiet(*asked)
    assert next_open_ms(*asked) is None
    assert next_quiet_ms(*asked) is None


def test_mandatory_messages_know_no_quiet_hours() -> None:
    """O3: whatever the hour, the zone and the wish."""
    asked = (calendar(Window(start=0, end=0)), "", "00:00-00:00", "mandatory", 1_000)

    assert not quiet(*asked)
    assert 1_000 == next_open_ms(*asked)
    assert next_quiet_ms(*asked) is None


def test_the_zone_is_the_customers_then_the_tenants() -> None:
    """O4; a customer's zone that no one knows is not taken for the tenant's."""
    assert KATHMANDU == zone_of(KATHMANDU, SHANGHAI)
    assert SHANGHAI == zone_of("", SHANGHAI)
    assert "" == zone_of("Asia/Bejing", SHANGHAI) == zone_of("", "") == zone_of("", "../etc")


def test_nothing_opens_within_two_weeks_where_all_is_quiet() -> None:
    """A window of a whole day on every day never opens, and nothing is quiet after an open one."""
    asked = (calendar(Window(start=0, end=0)), SHANGHAI, "", "marketing", ms("2026-03-11T12:00Z"))

    assert next_open_ms(*asked) is None
    assert next_quiet_ms(*asked) is None
    assert next_quiet_ms(calendar(), *asked[1:]) is None


@pytest.mark.parametrize(("second", "found"), [(15, True), (16, False)])
def test_two_weeks_are_counted_from_the_moment_asked(second: int, *, found: bool) -> None:
    """1 March is quiet; a quiet day 14 days after it is found, one 15 days after it is not."""
    days = tuple(ListedDay(date=date(2026, 3, one), kind="holiday") for one in (1, second))
    bank = calendar(Window(start=0, end=0, on=("holiday",)), days=days)
    expected_ms = ms("2026-03-15T00:00+08:00") if found else None

    assert expected_ms == next_quiet_ms(
        bank, SHANGHAI, "", "marketing", ms("2026-03-01T00:00+08:00")
    )


@pytest.mark.parametrize(
    ("zone", "at", "minute", "expected"),
    [
        (SHANGHAI, "2026-03-11T09:00+08:00", 600, "2026-03-11T10:00+08:00"),
        (SHANGHAI, "2026-03-11T10:00:30+08:00", 600, "2026-03-11T10:00:30+08:00"),
        (SHANGHAI, "2026-03-11T10:01+08:00", 600, "2026-03-12T10:00+08:00"),
        (NEW_YORK, "2026-03-08T00:00-05:00", 150, "2026-03-08T03:00-04:00"),  # skipped
        (NEW_YORK, "2026-11-01T01:40-04:00", 90, "2026-11-01T01:30-05:00"),  # again
        (LORD_HOWE, "2026-10-04T00:00+10:30", 135, "2026-10-04T02:30+11:00"),  # skipped
        (LORD_HOWE, "2026-10-04T00:00+10:30", 150, "2026-10-04T02:30+11:00"),
        (KATHMANDU, "2026-03-11T00:00Z", 0, "2026-03-11T18:15Z"),
    ],
)
def test_a_time_of_day_is_the_next_that_the_clock_shows(
    zone: str, at: str, minute: int, expected: str
) -> None:
    """Now where it shows it now; after the gap where it is skipped; again where it is repeated."""
    assert ms(expected) == next_local_ms(zone, ms(at), minute)


def test_a_time_of_day_of_no_zone_never_comes() -> None:
    """A zone that tzdata lacks has no clock."""
    assert next_local_ms("", 0, 600) is None


def test_a_time_of_day_is_within_a_day() -> None:
    """24:00 is no time that a clock shows."""
    with pytest.raises(ValueError, match="wanted a minute of the day, 0 to 1439, found 1440"):
        next_local_ms(SHANGHAI, 0, 1_440)
