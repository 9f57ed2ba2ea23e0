"""
Say what a clock on the wall of a zone shows, by the pinned tzdata package (SEMANTICS T9).

Never by the machine's own time zone files: two workers must give the same bytes.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo


AT_MS_MAX: Final = 253_370_764_800_000
"""The year 9999: no later moment has a date."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class LocalTime(NamedTuple):
    """
    A moment on a wall clock.

    `day` is the date's proleptic Gregorian ordinal, `ms_of_day` the time on the clock's face in
    milliseconds since it showed 00:00, `weekday` 0 on Mondays.
    """

    day: int
    ms_of_day: int
    weekday: int


def local(zone: str, at_ms: int) -> LocalTime | None:
    """Return what the clock shows at `at_ms` (epoch, UTC); None for a zone that tzdata lacks."""
    rules = zone_rules(zone)
    if rules is None:
        return None
    shown = (_EPOCH + timedelta(milliseconds=min(at_ms, AT_MS_MAX))).astimezone(rules)
    seconds = (shown.hour * 60 + shown.minute) * 60 + shown.second
    return LocalTime(
        shown.toordinal(), seconds * 1_000 + shown.microsecond // 1_000, shown.weekday()
    )


@lru_cache(maxsize=1_024)  # zone names come from outside
def zone_rules(zone: str) -> ZoneInfo | None:
    """Return the rules of an IANA zone name, None where tzdata has none of that name."""
    parts = zone.split("/")
    if not all(part.replace("_", "").replace("-", "").replace("+", "").isalnum() for part in parts):
        return None  # no way out of the folder
    file = resources.files("tzdata").joinpath("zoneinfo", *parts)
    if not file.is_file():
        return None
    with file.open("rb") as rules:
        if rules.read(4) != b"TZif":
            return None
        rules.seek(0)
        return ZoneInfo.from_file(rules, key=zone)
