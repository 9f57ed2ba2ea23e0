"""Say what a clock on the wall shows: core.md §3.10, by zoneinfo from the pinned tzdata only."""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class WallClock(NamedTuple):
    """What it shows: the date's proleptic ordinal, minute of the day, and weekday."""

    ordinal: int
    minute: int
    weekday: str


def wall_clock(zone: str, at_ms: int) -> WallClock | None:
    """Return what a zone's clock shows at epoch ms, None where tzdata lacks the zone."""
    known = zone_of(zone)
    if known is None:
        return None
    shown = (EPOCH + timedelta(milliseconds=at_ms)).astimezone(known)
    minute = shown.hour * 60 + shown.minute
    return WallClock(shown.toordinal(), minute, WEEKDAYS[shown.weekday()])


@cache
def zone_of(name: str) -> ZoneInfo | None:
    """Return a zone of the pinned tzdata (never of the system's), None where there is none."""
    if name not in _names():
        return None
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as binary:
        return ZoneInfo.from_file(binary, name)


@cache
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
