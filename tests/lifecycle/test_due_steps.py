"""Steps at a local hour, fixed at entry; campaigns with start and end (docs/core.md 3.2.10)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.campaign import AbsenceEntry, Campaign, CountEntry, EventCondition, EventEntry, Step
from schemas.events import AppSession, ProfileChanged, TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, issued, nudge, spend, win_back
from tests.lifecycle.told import decisions, story


SESSION = AppSession(surface="card")
EVENT = EventEntry(when=(EventCondition(on="app.session"),))
TEN = Step(id="ten", at_minute=600)
SHANGHAI = ProfileChanged(time_zone="Asia/Shanghai")


def visited(**changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign that is entered with a session of the app, one step at ten o'clock."""
    return nudge(**{"id": "visited", "entry": EVENT, "steps": (TEN,), **changed})


def due(bank: Bank) -> list[str]:
    """Return when the journeys' steps are due, as RFC 3339 in UTC."""
    return [
        datetime.fromtimestamp(step.due_at_ms / 1000, UTC).isoformat(timespec="seconds")
        for journey in bank.row().journeys
        for step in journey.due_steps
    ]


# T0 is 2023-11-14T22:13:20Z: 06:13:20 in Shanghai, 17:13:20 in New York.
@pytest.mark.parametrize(
    ("profile", "tenant", "wanted"),
    [
        ("Asia/Shanghai", "", "2023-11-15T02:00:00+00:00"),
        ("", "Asia/Shanghai", "2023-11-15T02:00:00+00:00"),
        ("America/New_York", "Asia/Shanghai", "2023-11-15T15:00:00+00:00"),
    ],
)
def test_step_waits_for_its_hour_where_the_customer_is(
    profile: str, tenant: str, wanted: str
) -> None:
    """The profile's clock, else the tenant's; the next ten o'clock after an event at T0."""
    bank = Bank(visited())
    bank.control(TenantConfigured(live_from_ms=0, time_zone=tenant))
    bank.say(ProfileChanged(time_zone=profile), 0)

    assert [] == bank.say(SESSION, 0)
    assert [wanted] == due(bank)


@pytest.mark.parametrize("zone", ["", "Nowhere/Land"])
def test_step_waits_for_no_hour_that_nobody_knows(zone: str) -> None:
    """O4: an unknown zone of the profile is not replaced by the tenant's: the delay alone."""
    bank = Bank(visited())
    bank.control(TenantConfigured(live_from_ms=0, time_zone="Asia/Shanghai" if zone else ""))
    bank.say(ProfileChanged(time_zone=zone), 0)

    assert ["visited ten suppressed ZONE_UNKNOWN"] == story(bank.say(SESSION, 0))


def test_hour_comes_after_the_delay() -> None:
    """Four hours later it is 10:13 in Shanghai: the next ten o'clock is tomorrow's."""
    bank = Bank(visited(steps=(replace(TEN, delay_ms=4 * HOUR),)))
    bank.say(SHANGHAI, 0)
    bank.say(SESSION, 0)

    assert ["2023-11-16T02:00:00+00:00"] == due(bank)


def test_hour_is_that_of_the_day_when_clocks_change() -> None:
    """On 2024-03-10 New York skips 02:00 to 03:00: half past two is three o'clock, 07:00 UTC."""
    bank = Bank(visited(steps=(Step(id="early", at_minute=150),)))
    bank.say(ProfileChanged(time_zone="America/New_York"), 0)
    march_ms = int(datetime(2024, 3, 9, 20, tzinfo=UTC).timestamp() * 1000) - T0
    bank.say(SESSION, march_ms)

    assert ["2024-03-10T07:00:00+00:00"] == due(bank)


def test_hour_is_fixed_at_entry() -> None:
    """P1: whoever moves to New York meanwhile is written to at Shanghai's ten o'clock."""
    bank = Bank(visited())
    bank.say(SHANGHAI, 0)
    bank.say(SESSION, 0)
    bank.say(ProfileChanged(time_zone="America/New_York"), HOUR)

    assert ["2023-11-15T02:00:00+00:00"] == due(bank)


def test_step_without_an_hour_goes_at_once_beside_one_with() -> None:
    """Each by itself; places are those of the policy."""
    bank = Bank(visited(steps=(TEN, Step(id="now"))))
    bank.say(SHANGHAI, 0)

    assert ["-> ann now", "visited now sent"] == story(bank.say(SESSION, 0))
    assert ["2023-11-15T02:00:00+00:00"] == due(bank)
    assert ["-> ann ten", "visited ten sent"] == story(bank.tick(4 * HOUR))


def test_absence_waits_for_its_hour_and_then_for_what_is_late() -> None:
    """ADR 9: the lateness comes on top, for what ends it may still be on its way."""
    bank = Bank(nudge(steps=(replace(TEN, delay_ms=DAY),)))
    bank.say(SHANGHAI, 0)
    bank.say(issued(), 0, lateness_ms=HOUR)

    assert ["2023-11-16T03:00:00+00:00"] == due(bank)


def test_silence_waits_for_its_hour() -> None:
    """Whenever P(alive) has fallen to a half, it is the ten o'clock after that."""
    plain, at_ten = Bank(win_back()), Bank(win_back(steps=(TEN,)))
    for bank in (plain, at_ten):
        bank.say(SHANGHAI, 0)
        for day in (0, 7, 14):
            bank.say(spend(), day * DAY)
    (fallen,), (waited,) = due(plain), due(at_ten)

    assert waited.endswith("T02:00:00+00:00")
    assert fallen < waited
    assert (datetime.fromisoformat(waited) - datetime.fromisoformat(fallen)).days == 0


RUNNING = {"start_at_ms": T0 + DAY, "end_at_ms": T0 + 2 * DAY}


@pytest.mark.parametrize(
    ("at", "entered"), [(DAY - 1, False), (DAY, True), (2 * DAY - 1, True), (2 * DAY, False)]
)
def test_journey_is_entered_between_start_and_end(at: int, entered: bool) -> None:  # noqa: FBT001 (a table)
    """At the start itself, not at the end itself."""
    bank = Bank(visited(steps=(Step(id="now"),), **RUNNING))

    assert entered == bool(story(bank.say(SESSION, at)))


def test_dates_are_told_by_now_and_not_by_the_event() -> None:
    """What happened in time and came too late enters nothing."""
    bank = Bank(visited(steps=(Step(id="now"),), **RUNNING))

    assert [] == bank.say(SESSION, DAY, arrived=3 * DAY)


def test_nothing_is_remembered_outside_of_the_dates() -> None:
    """Of two sessions one came before the start."""
    twice = CountEntry(on="app.session", count_min=2, window_ms=DAY)
    bank = Bank(visited(entry=twice, **RUNNING))
    bank.say(SESSION, DAY - 1)
    bank.say(SESSION, DAY)

    assert [[T0 + DAY]] == bank.row().memories[0].times


def test_step_due_at_the_end_is_suppressed_with_what_it_saw() -> None:
    """3.4: clause `dates`, before those of the policy; a silence tells its rate all the same."""
    bank = Bank(win_back(end_at_ms=T0 + 90 * DAY))
    for day in (0, 7, 14):
        bank.say(spend(), day * DAY)
    (told,) = decisions(bank.tick(90 * DAY))

    assert ("NOT_APPLICABLE", "dates") == (told.reason_code, told.clause)
    assert {"rate_ppm", "rate_ppm_min"} == set(told.gates[-1].saw)


def test_step_due_before_the_end_is_sent() -> None:
    """A millisecond earlier it still runs."""
    bank = Bank(nudge(steps=(Step(id="first", delay_ms=DAY),), end_at_ms=T0 + DAY + 1))
    bank.say(issued(), 0)

    assert ["-> ann first", "nudge first sent"] == story(bank.tick(DAY))


def test_purchase_outside_of_the_dates_ends_a_silence() -> None:
    """Who buys again is not silent, whether or not a new silence may begin."""
    bank = Bank(win_back(end_at_ms=T0 + 15 * DAY))
    for day in (0, 7, 14):
        bank.say(spend(), day * DAY)
    waiting = len(bank.row().journeys)
    bank.say(spend(), 16 * DAY)

    assert (1, 0) == (waiting, len(bank.row().journeys))


def test_end_leaves_exits_as_they_are() -> None:
    """What ends a journey ends it after the last day as well."""
    unbound = AbsenceEntry(after="card.issued", without="wallet.bound")
    bank = Bank(nudge(entry=unbound, exit_on=("app.session",), occurrence="txn", end_at_ms=T0 + 1))
    bank.say(issued(), 0)
    bank.say(SESSION, DAY)

    assert [] == bank.row().journeys
