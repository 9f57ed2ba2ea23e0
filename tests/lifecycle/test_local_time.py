"""What a clock on the wall shows: by hand, across a change of the clocks, and where none is."""

from datetime import date

import pytest

from lifecycle.local_time import AT_MS_MAX, local
from tests.lifecycle.builders import HOUR, T0


MINUTE = 60_000
SPRING = 1_710_054_000_000
"""2024-03-10T07:00:00Z, when New York went from 02:00 to 03:00."""

AUTUMN = 1_730_613_600_000
"""2024-11-03T06:00:00Z, when New York went from 02:00 back to 01:00."""


@pytest.mark.parametrize(
    ("zone", "at_ms", "day", "ms_of_day", "weekday"),
    [
        ("UTC", 0, date(1970, 1, 1), 0, 3),
        ("UTC", T0, date(2023, 11, 14), 80_000_000, 1),
        ("Asia/Shanghai", T0, date(2023, 11, 15), 80_000_000 - 16 * HOUR, 2),
        ("Asia/Kolkata", T0 + 1, date(2023, 11, 15), 80_000_001 - 18 * HOUR - 30 * MINUTE, 2),
        ("America/New_York", SPRING - 1, date(2024, 3, 10), 2 * HOUR - 1, 6),
        ("America/New_York", SPRING, date(2024, 3, 10), 3 * HOUR, 6),
        ("America/New_York", AUTUMN - 1, date(2024, 11, 3), 2 * HOUR - 1, 6),
        ("America/New_York", AUTUMN, date(2024, 11, 3), HOUR, 6),
    ],
)
def test_clock_shows_date_time_and_weekday(
    zone: str, at_ms: int, day: date, ms_of_day: int, weekday: int
) -> None:
    """To the millisecond, in zones of whole and half hours, on both sides of a change."""
    assert (day.toordinal(), ms_of_day, weekday) == local(zone, at_ms)


@pytest.mark.parametrize(
    "zone", ["", "Nowhere", "Asia", "../UTC", "/UTC", "Asia/../UTC", "zone.tab", "\u4e0a\u6d77"]
)
def test_zone_that_tzdata_lacks_has_no_clock(zone: str) -> None:
    """Names come from outside: none leads out of the folder, and a folder is no zone."""
    assert local(zone, T0) is None


def test_clock_stops_where_dates_end() -> None:
    """The year 9999: a moment beyond it is shown as its first day."""
    last = local("UTC", AT_MS_MAX)

    assert last == local("UTC", 2**62)
    assert (date(9999, 1, 1).toordinal(), 0, 4) == last
