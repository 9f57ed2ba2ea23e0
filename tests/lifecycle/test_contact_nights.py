"""Nobody is disturbed: quiet hours through `step` against a walk by the minute (O3, O6, T9)."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.records import Effect
from schemas.calendar import Calendar, Window
from schemas.decisions import Trigger
from schemas.events import PreferenceChanged
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, spend
from tests.lifecycle.contacts import night, offer, profile
from tests.lifecycle.told import decisions
from tests.lifecycle.wall_walk import EPOCH, MINUTE_MS, Walk, ms, rules, shown, windows


YEAR_MS = ms("2026-01-01T00:00+00:00")
WISHES: dict[str, tuple[Window, ...]] = {
    "": (),
    "12:00-13:00": (Window(start=720, end=780),),
    "23:30-02:15": (Window(start=1_410, end=135),),
}


def all_zones() -> list[str]:
    """Return every zone of tzdata, links and all."""
    return (resources.files("tzdata") / "zones").read_text("utf-8").split()


def changed_days(zone: str) -> Iterator[int]:
    """Yield the beginnings, in UTC, of the days of 2026 in which the zone's clock is changed."""
    clock = rules(zone)
    before = None
    for number in range(366):
        day_ms = YEAR_MS + number * DAY
        offset = (EPOCH + timedelta(milliseconds=day_ms)).astimezone(clock).utcoffset()
        if before not in {None, offset}:
            yield day_ms - DAY
        before = offset


class Nights:
    """A bank in a zone, with windows for each class and a customer's wish; and what it sends."""

    def __init__(
        self, zone: str, marketing: tuple[Window, ...], servicing: tuple[Window, ...], wish: str
    ) -> None:
        """Publish an offer, a notice and a duty of a day and two hours each."""
        names = {"a": "marketing", "s": "servicing", "z": "mandatory"}
        self.zone = zone
        self.bank = Bank(
            *(
                offer(name, message_class=kind, expires_after_ms=26 * HOUR)
                for name, kind in names.items()
            ),
            zone="Pacific/Kiritimati",  # fourteen hours ahead: not the customer's
        )
        published = night(*marketing, servicing=servicing)
        calendar: Calendar = published.calendar
        own = WISHES[wish]
        self.walks = {
            "marketing": Walk(calendar, (*marketing, *own)),
            "servicing": Walk(calendar, (*servicing, *own)),
        }
        self.bank.control(published)
        self.bank.say(profile(zone=zone), 0)
        self.bank.say(PreferenceChanged(quiet_hours=wish), 0)
        self.effects: list[Effect] = []
        self._known: dict[tuple[str, int], bool] = {}

    def live(self, from_ms: int, minutes: list[int], *, tick_minutes: int) -> None:
        """Let the customer buy so many minutes after a moment; a tick comes ever so often."""
        at, last = 0, max(minutes) + 24 * 60
        for at in range(0, last, tick_minutes):
            for minute in minutes:
                if at - tick_minutes < minute <= at:
                    self.effects += self.bank.say(spend(), from_ms + minute * MINUTE_MS - T0)
            self.effects += self.bank.tick(from_ms + at * MINUTE_MS - T0)

    def quiet(self, message_class: str, at_ms: int) -> bool:
        """Return whether a class must be silent, by `datetime` alone."""
        asked = message_class, at_ms
        if asked not in self._known:
            self._known[asked] = self.walks[message_class].quiet(shown(self.zone, at_ms))
        return self._known[asked]

    @property
    def bound(self) -> list[Trigger]:
        """Return the triggers that quiet hours bind."""
        sent = [one for one in self.effects if isinstance(one, Trigger)]
        return [one for one in sent if one.message_class in self.walks]

    def wrong(self) -> list[Trigger]:
        """Return those that may reach the customer at a quiet minute, or are cut short of one."""
        return [one for one in self.bound if self._disturbs(one) or self._cut_short(one)]

    def _disturbs(self, one: Trigger) -> bool:
        first_ms = one.issued_at_ms - one.issued_at_ms % MINUTE_MS
        minutes = range(first_ms, one.expires_at_ms, MINUTE_MS)
        return any(self.quiet(one.message_class, at_ms) for at_ms in minutes)

    def _cut_short(self, one: Trigger) -> bool:
        sooner = one.expires_at_ms < one.issued_at_ms + 26 * HOUR
        return sooner and not self.quiet(one.message_class, one.expires_at_ms)


MINUTES = st.lists(st.integers(0, 2 * 1_440), min_size=1, max_size=5)


@settings(max_examples=50, deadline=None)
@given(st.data(), st.sampled_from(all_zones()), MINUTES, st.sampled_from([7, 30, 60]))
def test_no_trigger_meets_quiet_hours(
    data: st.DataObject, zone: str, minutes: list[int], tick_minutes: int
) -> None:
    """
    O3, O6: neither when it is issued nor at any minute until it expires; and not cut short.

    Any windows for each class, any wish, any zone; on a day of 2026 on which the clock is changed
    where there is one, purchases and ticks at odd minutes.
    """
    drawn = st.lists(windows(), min_size=1, max_size=3)
    wish = data.draw(st.sampled_from(sorted(WISHES)))
    nights = Nights(zone, tuple(data.draw(drawn)), tuple(data.draw(drawn)), wish)
    days = [*changed_days(zone)] or [YEAR_MS + data.draw(st.integers(1, 360)) * DAY]
    nights.live(data.draw(st.sampled_from(days)) - 6 * HOUR, minutes, tick_minutes=tick_minutes)

    assert [] == nights.wrong()


@pytest.mark.slow
def test_no_zone_of_tzdata_is_disturbed_at_night() -> None:
    """
    O6, T9: each of its zones once, about the first change of its clock in 2026, if it has one.

    Six purchases in two days: each is sent by day, or deferred and sent in the morning after.
    """
    chance = Random(2026)  # noqa: S311 (repeatable, no secret)
    ordinary = (Window(start=21 * 60, end=8 * 60), Window(start=13 * 60, end=13 * 60 + 30))
    for zone in all_zones():
        nights = Nights(zone, ordinary, ordinary[:1], "")
        days = [*changed_days(zone)] or [YEAR_MS + chance.randrange(360) * DAY]
        minutes = [480 * one + chance.randrange(60) for one in range(6)]  # 9 h apart at most
        nights.live(days[0] - 12 * HOUR, minutes, tick_minutes=60)
        verdicts = [one.verdict for one in decisions(nights.effects)]

        assert [] == nights.wrong(), zone
        assert 6 <= len(nights.bound), zone
        assert {"sent", "deferred"} <= {*verdicts}, zone
