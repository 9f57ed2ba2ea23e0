"""Whose effect is measured: exposures open at the decision (SEMANTICS E2, docs/core.md 3.12)."""

import pytest

from lifecycle.printing import printed
from schemas.campaign import Conversion
from schemas.codec import encode_row
from schemas.events import TenantConfigured
from schemas.exposed import EXPOSURES_MAX
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, bill, push, spend
from tests.lifecycle.measured import ALL_CONTROL, PURCHASE, fates, opened, outcomes
from tests.lifecycle.told import decisions


BILL = bill(300_000)
MEASURED = push(conversion=PURCHASE)


def test_exposure_says_what_the_decision_said() -> None:
    """Frozen from the record: trigger, decision, features; closes a window after the decision."""
    effects = Bank(MEASURED).say(BILL, HOUR)
    (one,), (told,) = opened(effects), decisions(effects)

    assert (told.trigger_id, told.record.decision_id) == (one.trigger_id, one.decision_id)
    assert (told.candidate.features, "sent", 1_000_000) == (one.features, one.verdict, one.arm_ppm)
    assert (T0 + HOUR, T0 + HOUR + 7 * DAY) == (one.decided_at_ms, one.closes_at_ms)
    assert ("lifecycle.outcomes.v1", b"bank|push") == printed(one)[:2]


def test_control_and_holdout_open_as_those_sent_do() -> None:
    """E2, intention to treat: the same record but for who was contacted and how likely that was."""
    held = Bank(MEASURED)
    held.control(
        TenantConfigured(holdout_bp=10_000, holdout_salt="h", live_from_ms=0, time_zone="UTC")
    )
    banks = (Bank(MEASURED), Bank(push(conversion=PURCHASE, experiment=ALL_CONTROL)), held)
    said = [opened(bank.say(BILL, HOUR, event_id="same")) for bank in banks]

    assert ["sent", "control", "held_out"] == [one.verdict for (one,) in said]
    assert ["default", "control", "holdout"] == [one.arm for (one,) in said]
    assert 1 == len({one.exposure_id for (one,) in said})
    assert 1 == len({one.closes_at_ms for (one,) in said})


def test_loser_of_the_arbitration_is_not_exposed() -> None:
    """Nobody assigned it to anything: only the winner is measured, held out or not."""
    worse = push(id="worse", conversion=PURCHASE, priority=1)
    bank = Bank(MEASURED, worse)
    bank.control(
        TenantConfigured(holdout_bp=10_000, holdout_salt="h", live_from_ms=0, time_zone="UTC")
    )

    assert ["push"] == [one.campaign_id for one in opened(bank.say(BILL, HOUR))]


def test_shadow_opens_nothing() -> None:
    """T7: what is only recorded has no effect to measure."""
    bank = Bank(MEASURED)
    bank.control(TenantConfigured(live_from_ms=T0 + DAY))

    assert [] == opened(bank.say(BILL, HOUR))
    assert [] == bank.row().exposures


def test_campaign_without_a_conversion_opens_nothing() -> None:
    """Nobody said what it is for."""
    assert [] == opened(Bank(push()).say(BILL, HOUR))


@pytest.mark.parametrize("closed", [False, True])
def test_oldest_exposure_makes_room(*, closed: bool) -> None:
    """A closed one goes without a record; of open ones the oldest is closed as evicted."""
    rare = Conversion(on="txn.posted", window_ms=900 * DAY)
    bank = Bank(push(conversion=rare, message_class="mandatory"))
    bank.say(BILL, HOUR)
    if closed:
        bank.say(spend(), 2 * HOUR)
    said = [bank.say(BILL, (3 + number) * HOUR) for number in range(EXPOSURES_MAX)]

    assert [[]] * (EXPOSURES_MAX - 1) == [outcomes(one) for one in said[:-1]]
    assert ([] if closed else ["1 None evicted"]) == fates(said[-1])
    assert EXPOSURES_MAX == len(bank.row().exposures)


def test_exposures_take_a_bounded_part_of_the_row() -> None:
    """Each takes less than 300 bytes, marks aside, so the most of a customer are under 10,000."""
    bank = Bank(MEASURED)
    bank.say(BILL, HOUR)
    (exposure,) = bank.row().exposures

    assert len(encode_row(exposure)) < 200
    exposure.converted = exposure.reversed = bytes(64)
    assert EXPOSURES_MAX * len(encode_row(exposure)) < 10_240
