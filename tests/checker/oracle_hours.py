"""Say when a customer's clock next shows a minute of the day: core.md §3.10, by dates and folds."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from tests.checker.identity import Facts


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CYCLE_MS = 146_097 * 86_400_000
"""After 400 years dates and weekdays come again, and with them the rules of zones."""


def zone_of(customer: Facts, tenant_zone: str) -> ZoneInfo | None:
    """Return the profile's zone, else the tenant's; None where tzdata lacks the one that counts."""
    profile = customer["profile"]
    return _rules((profile[1] if profile else "") or tenant_zone)


def next_local(zone: ZoneInfo, at_ms: int, minute: int) -> int:
    """Return the first moment, `at_ms` or later, that shows the minute or ends a gap over it."""
    if at_ms >= 2 * CYCLE_MS:  # no date of Python's says it, but its clock shows what this does
        ahead = at_ms // CYCLE_MS * CYCLE_MS - CYCLE_MS
        return ahead + next_local(zone, at_ms - ahead, minute)
    at = EPOCH + timedelta(milliseconds=at_ms)
    shown = at.astimezone(zone)
    if shown.hour * 60 + shown.minute == minute:
        return at_ms
    moments = [
        moment
        for days in range(-1, 5)
        for moment in _moments(zone, shown.date() + timedelta(days=days), minute)
        if moment >= at
    ]
    return (min(moments) - EPOCH) // timedelta(milliseconds=1)


def _moments(zone: ZoneInfo, day: date, minute: int) -> list[datetime]:
    """Return when the clock shows the minute on a day, or when it jumps over it."""
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001 (a wall clock's)
    both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    naive = [moment.astimezone(zone).replace(tzinfo=None, fold=0) for moment in both]
    if wall in naive:
        return [moment for moment, shows in zip(both, naive, strict=True) if shows == wall]
    before, after = min(both) - MINUTE, max(both) + MINUTE  # a gap lies in between
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(milliseconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return [after.replace(microsecond=after.microsecond // 1_000 * 1_000)]


@cache
def _rules(name: str) -> ZoneInfo | None:
    """Return the zone of a plain name, as the package tzdata has it."""
    if not name or not all(part.replace("_", "").isalnum() for part in name.split("/")):
        return None
    file = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if not file.is_file():
        return None
    with file.open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)
