"""What falls due at night waits for the morning, and is decided anew then, in full (O5, 3.4)."""

import pytest
from msgspec.structs import replace

from schemas.campaign import Step
from schemas.events import (
    ErasureRequested,
    KillSwitchSet,
    PreferenceChanged,
    RiskFlagged,
    TenantConfigured,
)
from schemas.state import JOURNEYS_MAX
from tests.lifecycle.bills import billed, reminder
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    cap,
    issued,
    nudge,
    repaid,
    spend,
    win_back,
    word,
)
from tests.lifecycle.contacts import ALL_DAY, NIGHT, OPEN, night, offer, profile
from tests.lifecycle.fates import lost
from tests.lifecycle.told import decisions, story, triggers


DEFERRED = ["a offer deferred QUIET_HOURS"]
SENT = ["-> ann offer", "a offer sent"]
ALONE = PreferenceChanged(personalisation_opt_out=True)
WINDOW = replace(NIGHT, end=9 * 60)
"""A night that lasts until 09:00."""


def deferred(**changed: object) -> Bank:
    """Return a bank whose offer was deferred at T0 + 1 h, until 08:00."""
    bank = Bank(offer(**changed))
    bank.control(night())
    assert DEFERRED == story(bank.say(spend(), HOUR))
    return bank


def test_what_was_deferred_goes_at_the_first_open_moment_and_not_before() -> None:
    """Not a millisecond before 08:00, and once."""
    bank = deferred()

    assert [] == bank.tick(OPEN - 1)
    assert SENT == story(bank.tick(OPEN))
    assert ([], []) == (bank.tick(9 * DAY), bank.row().journeys)


def test_what_was_deferred_waits_on_now() -> None:
    """T4: an absence waits on the watermark, its deferral on now: no source can hold that up."""
    bank = Bank(nudge(steps=nudge().steps[:1]))
    bank.control(night())
    bank.say(issued(), HOUR)
    assert ["nudge first deferred QUIET_HOURS"] == story(bank.tick(3 * DAY + 2 * HOUR))

    assert ["-> ann first", "nudge first sent"] == story(bank.tick(3 * DAY + OPEN, 3 * DAY))


def test_customers_event_in_the_morning_releases_nothing_by_itself() -> None:
    """3.3: a deferred step is a timer, and timers are for ticks."""
    bank = deferred(exit_on=())

    assert [] == bank.say(issued("k9"), OPEN)
    assert SENT == story(bank.tick(OPEN))


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        (word("revoked"), ["a offer suppressed OPTED_OUT"]),
        (KillSwitchSet(engaged=True), ["a offer suppressed TENANT_PAUSED"]),
        (KillSwitchSet(engaged=True, campaign_id="a"), ["a offer suppressed KILL_SWITCH"]),
        (lost(), ["a offer suppressed NOT_ELIGIBLE"]),
        (RiskFlagged(flag_id="f", flag_class="fraud"), ["a offer suppressed RISK_FLAG"]),
        (
            PreferenceChanged(personalisation_opt_out=True),
            ["a offer suppressed PERSONALISATION_OFF"],
        ),
        (profile(zone="nowhere"), ["a offer suppressed ZONE_UNKNOWN"]),
        (TenantConfigured(time_zone="UTC", holdout_bp=10_000), ["a offer held_out HOLDOUT"]),
        (repaid(), []),  # ended by the campaign's exit
        (ErasureRequested(request_id="r"), []),
    ],
)
def test_what_was_deferred_is_decided_anew_in_full(happened: object, said: list[str]) -> None:
    """O5, O7: what became true meanwhile counts, whichever gate asks for it; the step is spent."""
    bank = deferred()
    if isinstance(happened, KillSwitchSet | TenantConfigured):
        bank.control(happened, 2 * HOUR)
    else:
        bank.say(happened, 2 * HOUR)

    assert said == story(bank.tick(OPEN))
    assert [] == bank.tick(9 * DAY)


def test_deferred_reserves_nothing() -> None:
    """O5: what was sent meanwhile has the place under the cap; the deferred one comes too late."""
    bank = deferred(caps=(cap(1, DAY),))
    assert [] == bank.row().contacts
    bank.say(spend(), OPEN - 1)  # deferred as well

    wanted = [*SENT, "a offer suppressed LOST_ARBITRATION"]
    assert sorted(wanted) == sorted(story(bank.tick(OPEN)))
    assert ["a offer suppressed CAP_CAMPAIGN"] == story(bank.say(spend(), OPEN + HOUR))


def test_those_released_together_are_one_occasion() -> None:
    """O1, O5: three offers of one night, one winner; servicing goes beside it."""
    bank = Bank(offer(priority=10), offer("b", priority=90), offer("s", message_class="servicing"))
    bank.control(night())
    for hour in (1, 2):
        bank.say(spend(), hour * HOUR)
    released = bank.tick(OPEN)

    assert 1 == len({told.decision_id for told in decisions(released)})
    assert ["b", "s", "s"] == sorted(one.campaign_id for one in triggers(released))
    assert 6 == len(decisions(released))


def test_what_falls_due_at_the_release_is_of_its_occasion() -> None:
    """T8: a deferred step on now and a fresh one on the watermark, at one tick."""
    bank = Bank(offer(priority=90), nudge(id="n", steps=(Step(id="late", delay_ms=OPEN - HOUR),)))
    bank.control(night())
    bank.say(issued("k2"), HOUR)
    bank.say(spend(), HOUR)

    assert [*SENT, "n late suppressed LOST_ARBITRATION"] == story(bank.tick(OPEN))


def test_journey_whose_only_step_is_deferred_stays() -> None:
    """3.2.10: it has a due step; the second step keeps its own time beside it."""
    steps = (Step(id="offer"), Step(id="more", delay_ms=5 * HOUR))
    (one,) = deferred().row().journeys
    (two,) = deferred(steps=steps).row().journeys

    assert [("offer", T0 + OPEN, True)] == [
        (due.step, due.due_at_ms, due.deferred) for due in one.due_steps
    ]
    assert [("more", T0 + 6 * HOUR, False), ("offer", T0 + OPEN, True)] == [
        (due.step, due.due_at_ms, due.deferred) for due in two.due_steps
    ]


def test_silence_that_was_broken_meanwhile_is_forgotten() -> None:
    """A purchase replaces the journey, and what was deferred with it."""
    bank = Bank(win_back())
    bank.control(night())
    for day in (0, 7, 14):
        bank.say(spend(), day * DAY)
    fallen = 60 * DAY + HOUR
    assert ["win_back only deferred QUIET_HOURS"] == story(bank.tick(fallen))
    bank.say(spend(), fallen + HOUR)

    assert [] == bank.tick(60 * DAY + OPEN)


def test_silence_that_was_no_shorter_than_known_stays_deferred() -> None:
    """3.2.10: an older purchase that comes late leaves a journey that has fired as it is."""
    bank = Bank(win_back())
    bank.control(night())
    for day in (0, 7, 14):
        bank.say(spend(), day * DAY)
    bank.tick(60 * DAY + HOUR)
    bank.say(spend(), 10 * DAY, arrived=60 * DAY + 2 * HOUR)

    assert [] == bank.tick(60 * DAY + OPEN - 1)
    assert ["-> ann only", "win_back only sent"] == story(bank.tick(60 * DAY + OPEN))


def test_silence_that_lasts_goes_in_the_morning() -> None:
    """It is the same journey still, kept for the next purchase."""
    bank = Bank(win_back())
    bank.control(night())
    for day in (0, 7, 14):
        bank.say(spend(), day * DAY)
    bank.tick(60 * DAY + HOUR)

    assert ["-> ann only", "win_back only sent"] == story(bank.tick(60 * DAY + OPEN))
    assert [[]] == [one.due_steps for one in bank.row().journeys]


@pytest.mark.parametrize(
    ("window", "at", "said"),
    [
        (WINDOW, OPEN + HOUR, SENT),  # the night now ends at nine
        (ALL_DAY, None, ["a offer suppressed QUIET_HOURS"]),
        (replace(NIGHT, end=7 * 60), None, SENT),  # it waits for its own time all the same
    ],
)
def test_changed_calendar_is_asked_at_the_release(
    window: object, at: int | None, said: list[str]
) -> None:
    """Deferred again where it is quiet by now, until that is over; given up where it never is."""
    bank = deferred()
    bank.control(night(window, version=2), 2 * HOUR)
    assert [] == bank.tick(OPEN - 1)
    released = bank.tick(OPEN)

    if at is None:
        assert said == story(released)
    else:
        assert (DEFERRED, said) == (story(released), story(bank.tick(at)))


def test_tick_that_comes_in_the_next_night_defers_again() -> None:
    """A day without a tick: the morning was missed, the next one is not."""
    bank = deferred()

    assert DEFERRED == story(bank.tick(DAY + HOUR))
    assert SENT == story(bank.tick(DAY + OPEN))


def test_each_decision_of_a_candidate_has_an_id_of_its_own() -> None:
    """B1: the trigger id stays, the decision id is of the time as well."""
    bank = Bank(offer())
    bank.control(night())
    before, after = decisions([*bank.say(spend(), HOUR), *bank.tick(OPEN)])

    assert before.trigger_id == after.trigger_id
    assert before.decision_id != after.decision_id


def test_bill_that_is_over_by_morning_is_not_reminded_of() -> None:
    """Due at 00:00 of the 2nd of December; fell due an hour before, at night."""
    bank = Bank(replace(reminder(), steps=(Step(id="last", lead_ms=HOUR),)))
    bank.control(night())
    bank.say(billed(), 0)
    end = 17 * DAY + 6_400_000  # 1,475,200,000 ms

    assert ["remind last deferred QUIET_HOURS"] == story(bank.tick(end - HOUR))
    assert ["remind last suppressed NOT_APPLICABLE"] == story(bank.tick(end + 9 * HOUR))


def test_absence_that_has_ended_by_morning_is_not_mentioned() -> None:
    """O7: the activation came at night."""
    bank = Bank(nudge(steps=nudge().steps[:1]))
    bank.control(night())
    bank.say(issued(), HOUR)
    bank.tick(3 * DAY + HOUR)
    bank.say(activated(), 3 * DAY + 2 * HOUR)

    assert [] == bank.tick(3 * DAY + OPEN)


def test_deferred_journeys_take_up_places() -> None:
    """3.2.10: of 33 purchases in one night the last is not entered, and is counted."""
    bank = Bank(offer())
    bank.control(night())
    said = [story(bank.say(spend(), HOUR + one)) for one in range(JOURNEYS_MAX + 1)]

    assert [DEFERRED] * JOURNEYS_MAX + [[]] == said
    assert 1 == bank.count("full|{}|journeys")
    assert JOURNEYS_MAX == len(decisions(bank.tick(OPEN)))
    assert [] == bank.row().journeys


def test_what_must_go_needs_no_place() -> None:
    """3.2.10: 32 offers wait for the morning; a notice of the law goes beside them at once."""
    notice = offer(id="notice", message_class="mandatory", purpose="law")
    bank = Bank(offer(), notice)
    bank.control(night())
    said = [story(bank.say(spend(), HOUR + one))[-2:] for one in range(JOURNEYS_MAX + 1)]

    assert [["-> ann offer", "notice offer sent"]] * (JOURNEYS_MAX + 1) == said
    assert JOURNEYS_MAX == len(bank.row().journeys)


def test_customers_are_released_in_the_order_of_their_mornings() -> None:
    """T8: Shanghai opens seven hours before London does; both at one late tick."""
    bank = Bank(offer())
    bank.control(night())
    for who, zone in (("ann", "Europe/London"), ("bob", "Asia/Shanghai")):
        bank.say(word("granted"), 0, who=who)
        bank.say(profile(zone=zone), 0, who=who)
    for who in ("ann", "bob"):
        bank.say(spend(), 30, who=who)

    assert ["bob", "ann"] == [one.customer_token for one in triggers(bank.tick(OPEN + HOUR))]
