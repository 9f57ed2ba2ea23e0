"""What exposures come to, by one clock for every arm (docs/core.md 3.17)."""

from msgspec.structs import replace

from lifecycle.ids import derived_id
from lifecycle.printing import printed
from schemas.campaign import Arm, Conversion, Experiment
from schemas.exposed import EXPOSURES_MAX
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    bill,
    issued,
    nudge,
    push,
    receipt,
    spend,
)
from tests.lifecycle.measured import ALL_CONTROL, exposed, fates, opened, settled
from tests.lifecycle.measured import WEEK_OF_MONEY as MONEY


WEEK = 7 * DAY


def test_settled_once_when_every_source_was_read_past_the_window() -> None:
    """T4: at the watermark, after the outcome, and never again."""
    bank = exposed()

    assert [] == settled(bank.tick(9 * DAY, WEEK - 1))
    effects = bank.tick(9 * DAY, WEEK)
    (one,) = settled(effects)
    assert ["1 0 not_converted"] == fates(effects)
    assert effects.index(one) == 1
    assert (0, T0 + WEEK, T0 + 9 * DAY) == (one.label, one.closes_at_ms, one.settled_at_ms)
    assert derived_id("settled", one.trigger_id) == one.settled_id
    assert [] == settled(bank.tick(200 * DAY))


def test_converted_exposure_settles_at_the_same_clock() -> None:
    """Whoever converted early is heard of when those are who never did."""
    bank = exposed()

    assert [] == settled(bank.say(spend(2_500), DAY))
    effects = bank.tick(WEEK)
    (one,) = settled(effects)
    assert [] == fates(effects)
    assert (1, 2_500, "CNY", True) == (one.label, one.value_minor, one.currency, one.is_first)
    assert 1 == bank.count("settled|{}|push|1")


def test_late_truth_after_settling_is_told_to_learning_alone() -> None:
    """A conversion that came late corrects the label; the settlement stands."""
    bank = exposed()
    bank.tick(WEEK)
    effects = bank.say(spend(2_500), DAY, arrived=8 * DAY)

    assert ["2 1 late_conversion"] == fates(effects)
    assert [] == settled([*effects, *bank.tick(9 * DAY)])
    assert 0 == bank.row().exposures[0].value_minor


def test_invalidated_exposure_settles_never() -> None:
    """It should not have been made: nobody counts it."""
    bank = Bank(nudge(conversion=Conversion(on="txn.posted", window_ms=WEEK)))
    bank.say(issued(), 0)
    assert 1 == len(opened(bank.tick(3 * DAY)))
    assert ["1 None invalidated"] == fates(bank.say(activated(), DAY, arrived=4 * DAY))

    assert [] == settled(bank.tick(200 * DAY))


def test_control_and_those_not_reached_settle_as_they_were_assigned() -> None:
    """Intention to treat: the delivery is told, and changes no label."""
    control = exposed(experiment=ALL_CONTROL)
    failed = exposed()
    (row,) = failed.row().exposures
    failed.say(receipt(row.trigger_id, "failed"), HOUR)
    (kept_back,), (not_reached,) = settled(control.tick(WEEK)), settled(failed.tick(WEEK))

    assert ("control", "not_sent", 0) == (kept_back.arm, kept_back.delivery, kept_back.label)
    assert ("default", "not_sent", 0) == (not_reached.arm, not_reached.delivery, not_reached.label)


def test_record_says_what_the_exposure_was() -> None:
    """Key and headers as those of outcomes; the arm's shares are told at the opening."""
    arms = Experiment(salt="s", control_bp=1_000, arms=(replace_arm("gift", 2_500),))
    bank = Bank(push(conversion=MONEY, experiment=arms))
    (one,) = opened(bank.say(bill(300_000), 0))
    (said,) = settled(bank.tick(WEEK))

    assert {"control": 100_000, "gift": 250_000, "default": 650_000} == one.shares_ppm
    assert ["control", "gift", "default"] == list(one.shares_ppm)
    assert (10_000, "CNY", True, 0) == (
        one.value_cap_minor,
        one.currency,
        one.is_first,
        one.holdout_ppm,
    )
    assert (one.exposure_id, one.arm, one.arm_ppm) == (said.exposure_id, said.arm, said.arm_ppm)
    record = printed(said)
    assert ("lifecycle.outcomes.v1", b"bank|push") == record[:2]
    assert dict(record.headers)["ce_type"] == b"exposure.settled.v1"
    assert dict(record.headers)["ce_id"] == said.settled_id.encode()


def replace_arm(name: str, share_bp: int) -> Arm:
    """Return an arm with the treatment of the campaign."""
    return Arm(id=name, share_bp=share_bp, treatment=push().treatment)


def crowded(count: int = EXPOSURES_MAX) -> Bank:
    """Return a bank whose customer has so many open exposures, decided an hour apart."""
    bank = Bank(push(conversion=replace(MONEY, window_ms=WEEK)))
    for number in range(count):
        bank.say(bill(300_000, statement=f"s{number}"), number * HOUR)
    return bank


def test_open_exposure_that_makes_room_settles_without_a_label() -> None:
    """Its outcome, then its settlement; an effect knows that it cannot know."""
    bank = crowded()
    effects = bank.say(bill(300_000, statement="more"), 2 * DAY)

    assert ["1 None evicted"] == fates(effects)
    assert [None] == [one.label for one in settled(effects)]
    assert 1 == bank.count("settled|{}|push|null")
    kinds = [type(effect).__name__ for effect in effects][-3:]
    assert ["OutcomeRecorded", "ExposureSettled", "ExposureOpened"] == kinds


def test_converted_exposure_that_makes_room_settles_only() -> None:
    """Its outcome was told when it converted."""
    bank = crowded()
    bank.say(spend(), HOUR // 2)
    effects = bank.say(bill(300_000, statement="more"), 2 * DAY)

    assert [] == fates(effects)
    assert [None] == [one.label for one in settled(effects)]


def test_what_is_over_makes_room_before_what_is_settled() -> None:
    """The first exposure is still followed; of the others, settled, the oldest goes, in silence."""
    bank = crowded()
    bank.tick(10 * DAY)
    before = [exposure.trigger_id for exposure in bank.row().exposures]
    effects = bank.say(bill(300_000, statement="more"), 11 * DAY)
    after = [exposure.trigger_id for exposure in bank.row().exposures]

    assert ([], []) == (fates(effects), settled(effects))
    assert [before[0], *before[2:]] == after[:-1]
