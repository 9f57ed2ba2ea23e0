"""An audit derives each verdict again: good records pass, and no input can be changed unseen."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.audit.verdicts import faults
from lifecycle.records import digest_of
from schemas.campaign import (
    Arm,
    Campaign,
    EventEntry,
    Experiment,
    LargePurchaseCondition,
    Treatment,
)
from schemas.decisions import Decision
from schemas.events import KillSwitchSet, TenantConfigured
from schemas.examples import DECISION
from tests.cli.flips import flipped_somewhere
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    Bank,
    activated,
    cap,
    issued,
    nudge,
    push,
    receipt,
    spend,
    win_back,
    word,
)
from tests.lifecycle.told import triggers


ANY_PURCHASE = EventEntry(
    any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
)
LOUD = Treatment(channel="push", template_id="loud", template_version=2)


def offer(name: str, **changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign that any purchase begins."""
    return push(id=name, entry=ANY_PURCHASE, **changed)


def told_records() -> list[Decision]:
    """Return records of every verdict, made by the production fold."""
    trial = Experiment(
        salt="s", control_bp=3_000, arms=(Arm(id="loud", share_bp=4_000, treatment=LOUD),)
    )
    bank = Bank(
        offer("a", caps=(cap(2, 2 * HOUR), cap(3, DAY, "all")), value_minor=9, base_rate_ppm=7),
        offer("b", experiment=trial, value_minor=500, base_rate_ppm=40_000, contact_cost_minor=3),
        offer("c", contact_cost_minor=1),
        offer("s", message_class="servicing", caps=(cap(1, HOUR, "all"),)),
        offer("z", message_class="mandatory"),
        nudge(),
        win_back(),
    )
    effects = []
    for who in ("ann", "bob", "cat", "dan", "eve"):
        for channel in ("sms", "push"):
            bank.say(word("granted", channel=channel), 0, who=who)
        bank.say(issued(), 0, who=who)
        for hour in range(1, 9):
            effects += bank.say(spend(), hour * HOUR, who=who)
    effects += bank.tick(4 * DAY)
    effects += bank.say(activated(), 2 * DAY, arrived=5 * DAY)
    trigger_id = triggers(effects)[0].trigger_id
    effects += bank.say(receipt(trigger_id, "failed"), 5 * DAY)
    effects += bank.say(receipt(trigger_id, "delivered"), 5 * DAY + HOUR)
    bank.control(
        TenantConfigured(live_from_ms=T0, holdout_bp=10_000, holdout_salt="h", time_zone="UTC"),
        6 * DAY,
    )
    effects += bank.say(spend(), 6 * DAY)
    bank.control(TenantConfigured(live_from_ms=T0 + 90 * DAY, time_zone="UTC"), 7 * DAY)
    effects += bank.say(spend(), 7 * DAY)
    bank.control(KillSwitchSet(engaged=True), 8 * DAY)
    effects += bank.say(spend(), 8 * DAY)
    return [effect for effect in effects if isinstance(effect, Decision)]


RECORDS = told_records()


def test_records_of_the_fold_follow_from_what_they_say() -> None:
    """Every verdict that there is, and not one fault."""
    assert {
        *("sent", "suppressed", "control", "held_out", "shadow", "invalidated", "cap_overrun")
    } == {one.verdict for record in RECORDS for one in record.candidates}
    assert [] == [fault for record in RECORDS for fault in faults(record)]


def test_worked_example_follows_from_what_it_says() -> None:
    """The record that the documents show."""
    assert [] == faults(DECISION)


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_no_recorded_input_can_be_flipped_unseen(data: st.DataObject) -> None:
    """Any leaf of any record: what can still be read as a record is found out."""
    record = flipped_somewhere(data, RECORDS)

    assert record is None or faults(record)


def forged(record: Decision, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record whose only candidate says something else, with a digest that fits."""
    candidate = replace(record.candidates[0], **changed)
    changed_record = replace(record, candidates=(candidate,))
    return replace(changed_record, digest=digest_of(changed_record))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"verdict": "suppressed"}, "verdict"),
        ({"reason_code": "OPTED_OUT"}, "reason"),
        ({"message_class": "mandatory"}, "gates"),
        ({"message_class": "festive"}, "message class"),
        ({"gates": DECISION.candidates[0].gates[:4]}, "gates"),
        ({"propensity_ppm": 1_000_000, "value_minor": 9}, "worth"),
        ({"worth_micro": 1}, "worth"),
        ({"arm_ppm": 1}, "arm"),
        ({"arm": "control"}, "arm"),
        ({"caps": (replace(DECISION.candidates[0].caps[0], count_after=7),)}, "caps"),
        ({"caps": (replace(DECISION.candidates[0].caps[0], count_max=0),)}, "caps"),
        ({"step": "other"}, "trigger id"),
    ],
)
def test_forgery_with_a_fitting_digest_is_still_found(changed: dict[str, Any], fault: str) -> None:
    """Whoever can write digests cannot write verdicts that do not follow from their inputs."""
    assert any(fault in one for one in faults(forged(DECISION, **changed)))


def test_another_winner_is_found() -> None:
    """A loser that was worth a million cannot have lost."""
    record = next(
        record
        for record in RECORDS
        if any(one.reason_code == "LOST_ARBITRATION" for one in record.candidates)
    )
    dear = {"worth_micro": 1_000_000 * 1_000_000}
    candidates = [
        replace(
            one,
            propensity_ppm=1_000_000,
            value_minor=1_000_000,
            lever_percent=100,
            contact_cost_minor=0,
            gates=tuple(
                replace(reading, saw=dear) if reading.gate == "worth" else reading
                for reading in one.gates
            ),
            **dear,
        )
        if one.reason_code == "LOST_ARBITRATION"
        else one
        for one in record.candidates
    ]
    told = replace(record, candidates=tuple(candidates))

    assert ["arbitration: the winner is not the first of those that are worth most"] == faults(
        replace(told, digest=digest_of(told))
    )
