"""Offers that any purchase begins, and what a bank lays down for all of them: nights, caps."""

from datetime import date
from typing import Any

import msgspec

from schemas.calendar import Calendar, DayKind, ListedDay, Quiet, Window
from schemas.campaign import Campaign, EventEntry, LargePurchaseCondition
from schemas.contact_policy import ContactCap, ContactPolicy, Exclusion
from schemas.events import CalendarPublished, ContactPolicyPublished, ProfileChanged
from tests.lifecycle.builders import DAY, push


OPEN, CLOSE = 35_200_000, 82_000_000
"""08:00 and 21:00 UTC of the day after T0, 15 November 2023; T0 itself is 22:13:20."""

NIGHT = Window(start=21 * 60, end=8 * 60)
ALL_DAY = Window(start=0, end=0)


def any_purchase(amount_minor_min: int = 0) -> EventEntry:
    """Return the entry of a campaign that any purchase of so much begins."""
    condition = LargePurchaseCondition(
        amount_minor_min=amount_minor_min, own_mean_percent_min=0, spend_count_min=0
    )
    return EventEntry(any_of=(condition,))


def offer(name: str = "a", **changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign that any purchase begins and that fires at once."""
    return push(**{"id": name, "entry": any_purchase(), **changed})


def night(
    *windows: Window,
    servicing: tuple[Window, ...] | None = None,
    name: str = "nights",
    version: int = 1,
    holidays: tuple[date, ...] = (),
) -> CalendarPublished:
    """Return a calendar of these windows, by default 21:00 to 08:00, for servicing as well."""
    marketing = windows or (NIGHT,)
    quiet = Quiet(marketing=marketing, servicing=marketing if servicing is None else servicing)
    days = tuple(ListedDay(date=day, kind="holiday") for day in holidays)
    years = {"year_min": 2023, "year_max": 2026}
    calendar = Calendar(id=name, version=version, time_zone="UTC", quiet=quiet, days=days, **years)
    return CalendarPublished(calendar=calendar)


def on(*kinds: DayKind) -> Window:
    """Return a window of the whole day, on these kinds of day."""
    return Window(start=0, end=0, on=kinds)


def limit(
    count: int, window_ms: int, scope: str = "all", *, message_class: str = "", segment: str = ""
) -> ContactCap:
    """Return a cap of the bank, by default over all contacts and for marketing."""
    said = {"count": count, "window_ms": window_ms, "scope": scope, "segment": segment}
    kind = message_class or "marketing"
    return msgspec.convert({**said, "message_class": kind}, ContactCap)


def apart(campaign: str, other: str, within_ms: int, *, mutual: bool = False) -> Exclusion:
    """Return that one campaign must keep away from another."""
    return Exclusion(campaign=campaign, other=other, within_ms=within_ms, mutual=mutual)


def bank_policy(
    *rules: ContactCap | Exclusion, name: str = "house", version: int = 1
) -> ContactPolicyPublished:
    """Return a contact policy of these caps and exclusions."""
    policy = ContactPolicy(
        id=name,
        version=version,
        caps=tuple(one for one in rules if isinstance(one, ContactCap)),
        exclusions=tuple(one for one in rules if isinstance(one, Exclusion)),
    )
    return ContactPolicyPublished(contact_policy=policy)


def profile(*segments: str, zone: str = "") -> ProfileChanged:
    """Return what the bank knows of a customer."""
    return ProfileChanged(time_zone=zone, segment_codes=segments)


def nth(day: int) -> int:
    """Return 09:00 UTC of so many days after the 15th of November, an open hour."""
    return OPEN + 3_600_000 + day * DAY
