"""Turn the dates and times in events' own data into epoch milliseconds UTC, in whole numbers."""

from datetime import UTC, date, datetime, timedelta
from typing import Final


DAY_MS: Final = 86_400_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = 719_163
"""`date(1970, 1, 1).toordinal()`."""

_MILLISECOND: Final = timedelta(milliseconds=1)


def epoch_ms(instant: datetime | None) -> int:
    """Return a moment in epoch milliseconds, floored; before 1970, and no moment at all: 0."""
    return 0 if instant is None else max(0, (instant - _EPOCH) // _MILLISECOND)


def end_of_day_ms(day: date) -> int:
    """
    Return when a calendar day is over: 00:00 UTC of the next, in epoch milliseconds.

    >>> end_of_day_ms(date(1970, 1, 1))
    86400000
    """
    return (day.toordinal() - EPOCH_DAY + 1) * DAY_MS
