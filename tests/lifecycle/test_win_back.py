"""Win-back: silence against the customer's own rhythm, never the same number of days for all."""

from itertools import permutations

from msgspec.structs import replace

from schemas.campaign import Step
from tests.lifecycle.builders import (
    CDNOW,
    DAY,
    HOUR,
    T0,
    WEEK,
    Bank,
    spend,
    wallet_bound,
    win_back,
    word,
)
from tests.lifecycle.by_hand import occurrence
from tests.lifecycle.told import decisions, story, triggers


WEEKLY_DUE = 5_337_189_254
"""4 repeats, 4 weeks apart from first to last: see test_rhythm."""

MONTHLY_DUE = 16_756_409_297
"""4 repeats, 16 weeks from first to last."""


def shopping(bank: Bank, times: list[int], who: str = "ann", card: str = "k1") -> None:
    """Let a customer buy at these times."""
    for number, at in enumerate(times):
        bank.say(spend(card=card), at, who=who, event_id=f"{who}-{number}")


def test_silence_is_measured_against_the_own_rhythm() -> None:
    """
    Two customers with five purchases each are due after 33.8 and after 81.9 days of silence.

        week    0   4   8.82           16          27.71
        ann     5 x --> due            |
        bea     1   2   3 . . 4 . . .  5 --------> due
    """
    bank = Bank(win_back())
    bank.say(word("granted"), 0, who="bea")
    shopping(bank, [n * WEEK for n in range(5)])
    shopping(bank, [4 * n * WEEK for n in range(5)], "bea")

    assert [] == bank.tick(WEEKLY_DUE - 1)
    assert ["-> ann only", "win_back only sent"] == story(bank.tick(WEEKLY_DUE))
    assert [] == bank.tick(MONTHLY_DUE - 1)
    assert ["-> bea only", "win_back only sent"] == story(bank.tick(MONTHLY_DUE))


def test_win_back_says_what_it_saw() -> None:
    """B6: features are integers as of the decision; the wording learns of whole days only."""
    bank = Bank(win_back())
    shopping(bank, [n * WEEK for n in range(5)])
    effects = bank.tick(WEEKLY_DUE)
    silent_ms = WEEKLY_DUE - 4 * WEEK

    # floor to the millisecond, so P(alive) is still a hair above a half; rate: 4.243 / 13.2387
    wanted = {
        "alive_ppm": 500_000,
        "rate_ppm": 160_249,
        "repeat_count": 4,
        "silent_ms": silent_ms,
    }
    assert wanted == decisions(effects)[0].features
    assert {"silent_days": 33} == triggers(effects)[0].variables
    assert "ann-4" == decisions(effects)[0].entry_event_id
    assert occurrence("k1", "ann-4") == decisions(effects)[0].occurrence_key


def test_next_purchase_moves_the_silence_ahead() -> None:
    """The journey is replaced: nothing is due when the old one would have been."""
    bank = Bank(win_back())
    shopping(bank, [n * WEEK for n in range(6)])

    assert [occurrence("k1", "ann-5")] == [
        journey.occurrence_key for journey in bank.row().journeys
    ]
    assert [] == bank.tick(WEEKLY_DUE)
    assert ["-> ann only", "win_back only sent"] == story(bank.tick(20 * WEEK))


def test_win_back_goes_out_once_a_silence() -> None:
    """A silence that has fired stays fired, until a purchase begins another."""
    bank = Bank(win_back())
    shopping(bank, [n * WEEK for n in range(5)])
    bank.tick(WEEKLY_DUE)

    assert [] == bank.tick(100 * WEEK)
    bank.say(spend(), 101 * WEEK)
    assert ["-> ann only", "win_back only sent"] == story(bank.tick(500 * WEEK))


def test_first_purchase_has_no_silence_to_be_measured() -> None:
    """Without a repeat there is no rhythm: the journey waits for nothing."""
    bank = Bank(win_back())
    shopping(bank, [0])

    assert [[]] == [journey.due_steps for journey in bank.row().journeys]
    assert [] == bank.tick(500 * WEEK)


def test_older_purchase_that_comes_late_moves_the_due_time() -> None:
    """
    The last purchase stays the entry; the rhythm, and with it the due time, is another.

        week    0    2    4          |
        ann     x         x  then the one at 2 arrives: 2 repeats instead of 1
    """
    bank = Bank(win_back())
    shopping(bank, [0, 4 * WEEK])
    alone = bank.row().journeys[0].due_steps[0].due_at_ms
    bank.say(spend(), 2 * WEEK, arrived=5 * WEEK)
    journey = bank.row().journeys[0]

    assert occurrence("k1", "ann-1") == journey.occurrence_key
    assert T0 + 4 * WEEK == journey.entered_at_ms
    assert journey.due_steps[0].due_at_ms < alone


def test_older_purchase_does_not_wake_a_silence_that_has_fired() -> None:
    """It disproves nothing either: it lies before the silence began."""
    bank = Bank(win_back())
    shopping(bank, [0, 4 * WEEK])
    bank.tick(40 * WEEK)

    assert [] == bank.say(spend(), 2 * WEEK, arrived=10 * WEEK)
    assert bank.row().journeys[0].fired
    assert [] == bank.tick(500 * WEEK)


def test_silence_that_an_exit_ended_is_not_begun_by_an_older_purchase() -> None:
    """Only the last purchase begins a silence: the same occurrence is never decided twice."""
    bank = Bank(win_back(exit_on=("wallet.bound",)))
    shopping(bank, [0, 4 * WEEK])
    bank.say(wallet_bound(), 5 * WEEK)
    bank.say(spend(), 2 * WEEK, arrived=6 * WEEK)

    assert [] == bank.row().journeys
    assert [] == bank.tick(500 * WEEK)


def test_silence_that_an_exit_ended_is_not_begun_by_an_older_namesake() -> None:
    """ADR 7: an older purchase is not the last one, though another source called it the same."""
    bank = Bank(win_back(exit_on=("wallet.bound",)))
    shopping(bank, [0, 4 * WEEK])
    bank.say(wallet_bound(), 5 * WEEK)
    bank.say(spend(), 2 * WEEK, arrived=6 * WEEK, event_id="ann-1", event_source="other")

    assert 3 == bank.row().spend_count
    assert [] == bank.row().journeys


def test_purchase_within_the_silence_invalidates_the_win_back() -> None:
    """
    The customer was not silent: the record is corrected, and the next silence begins.

        week    4              5.0                  8.82  9
        ann     last purchase  one that comes late  sent  it arrives: invalidated
    """
    bank = Bank(win_back())
    shopping(bank, [n * WEEK for n in range(5)])
    bank.tick(WEEKLY_DUE)
    corrected = bank.say(spend(card="k2"), 5 * WEEK, arrived=9 * WEEK, event_id="late")

    assert ["win_back only invalidated LATE_TRUTH"] == story(corrected)
    assert [occurrence("k2", "late")] == [journey.occurrence_key for journey in bank.row().journeys]


def test_silence_waits_for_late_sources() -> None:
    """T5 holds for silence too: the declared lateness after it has lasted long enough."""
    bank = Bank(win_back())
    shopping(bank, [n * WEEK for n in range(4)])
    bank.say(spend(), 4 * WEEK, arrived=60 * DAY, lateness_ms=3 * DAY)

    assert [] == bank.tick(WEEKLY_DUE + 3 * DAY - 1)
    assert ["-> ann only", "win_back only sent"] == story(bank.tick(WEEKLY_DUE + 3 * DAY))


def test_customer_who_is_unlikely_to_come_back_is_left_alone() -> None:
    """Applicability: P(alive) x rate below the policy's minimum; here 160,249 against 160,250."""
    bank = Bank(win_back(entry=replace(CDNOW, rate_ppm_min=160_250)))
    shopping(bank, [n * WEEK for n in range(5)])

    assert ["win_back only suppressed NOT_APPLICABLE"] == story(bank.tick(WEEKLY_DUE))


def test_customer_who_is_just_likely_enough_is_asked() -> None:
    """At the minimum itself the gate is open."""
    bank = Bank(win_back(entry=replace(CDNOW, rate_ppm_min=160_249)))
    shopping(bank, [n * WEEK for n in range(5)])

    assert ["-> ann only", "win_back only sent"] == story(bank.tick(WEEKLY_DUE))


def test_silence_of_a_journey_that_has_begun_to_fire_keeps_its_later_steps() -> None:
    """An older purchase after the first step leaves the second where it was."""
    steps = (Step(id="soft", delay_ms=0), Step(id="firm", delay_ms=30 * DAY))
    bank = Bank(win_back(steps=steps))
    shopping(bank, [0, 4 * WEEK])
    bank.tick(20 * WEEK)
    waiting = bank.row().journeys[0].due_steps
    bank.say(spend(), 3 * WEEK, arrived=20 * WEEK + HOUR)

    assert ["firm"] == [step.step for step in waiting]
    assert waiting == bank.row().journeys[0].due_steps


def test_two_purchases_at_one_time_are_told_apart_by_identity() -> None:
    """
    ADR 7: the last purchase is the greatest (time, identity), whatever the order of arrival.

        core a 97efc10f4145dbf9, core b 18bd3130cd9a6e54, other a 656798871e89c50c
    """
    last = []
    for order in permutations((("core", "a"), ("core", "b"), ("other", "a"))):
        bank = Bank(win_back())
        for source, event_id in order:
            bank.say(spend(), WEEK, event_id=event_id, event_source=source)
        keys = [journey.occurrence_key for journey in bank.row().journeys]
        last.append((keys, bank.row().last_spend_event_id, bank.row().last_spend_hash))

    assert [(["k1|97efc10f4145dbf9"], "a", 0x97EFC10F4145DBF9)] * 6 == last


def test_purchases_of_one_id_begin_two_silences() -> None:
    """B1, ADR 7: refused in the first silence, asked in the second; two decisions, two ids."""
    bank = Bank(win_back(), consent="")
    shopping(bank, [0])
    bank.say(spend(), 4 * WEEK, event_id="same")
    refused = bank.tick(40 * WEEK)
    bank.say(word("granted"), 40 * WEEK)
    bank.say(spend(), 41 * WEEK, event_id="same", event_source="other")
    taken = bank.tick(500 * WEEK)

    assert ["win_back only suppressed NO_CONSENT"] == story(refused)
    assert ["-> ann only", "win_back only sent"] == story(taken)
    assert [occurrence("k1", "same"), occurrence("k1", "same", "other")] == [
        decided.occurrence_key for decided in decisions(refused + taken)
    ]
    assert 2 == len({decided.decision_id for decided in decisions(refused + taken)})
