"""Where a channel did not reach the next is tried, and it is the same contact (C2; ADR 16)."""

import pytest

from schemas.campaign import Arm, Experiment
from schemas.decisions import Cause, Decision, Trigger
from schemas.outcomes import ExposureObjected
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    T0,
    TENANT,
    Bank,
    spend,
    word,
)
from tests.lifecycle.by_hand import occurrence, uuid8
from tests.lifecycle.channels import SMS_SENT, agree, by, fail, heard, pushed, reach, then, went
from tests.lifecycle.contacts import offer
from tests.lifecycle.measured import PURCHASE, opened
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.told import decisions, triggers


def test_next_channel_goes_at_the_receipt() -> None:
    """
    3.14: its trigger, then the record of this one candidate; no exposure, which is there already.

    The exposure hears of the failure first (3.17).

        1 h push, sent for a day    2 h failed: sms, for what is left of the day
    """
    bank, trigger_id = pushed(reach(conversion=PURCHASE, expires_after_ms=DAY))
    objection, trigger, record = bank.say(heard(trigger_id, "failed"), 2 * HOUR, event_id="receipt")

    assert isinstance(objection, ExposureObjected)
    assert isinstance(trigger, Trigger)
    assert isinstance(record, Decision)
    own = uuid8(TENANT, "ann", "a", occurrence("k1", "bought"), "offer", "1")
    assert (own, 1, "sms", record.decision_id) == (
        trigger.trigger_id,
        trigger.slot,
        trigger.channel,
        trigger.decision_id,
    )
    assert (T0 + 2 * HOUR, T0 + 2 * HOUR, T0 + HOUR + DAY) == (
        trigger.issued_at_ms,
        trigger.not_before_ms,
        trigger.expires_at_ms,
    )
    cause = Cause(event_type="delivery.receipt", event_id="receipt", event_source="core")
    assert (T0 + 2 * HOUR, cause, (own,)) == (record.decided_at_ms, record.cause, record.chosen)
    assert uuid8("decision", str(T0 + 2 * HOUR), own) == record.decision_id
    assert [] == opened([trigger, record])


def test_record_says_whom_it_follows_and_what_was_not_asked_again() -> None:
    """3.14: no spacing, no offer, no worth, no arbitration; whatever the campaign is worth."""
    worth = {"base_rate_ppm": 10**6, "value_minor": 9, "contact_cost_minor": 1}
    bank, trigger_id = pushed(reach(cool_down_ms=DAY, budget_minor=2, **worth))
    told = decisions(fail(bank, trigger_id))[0]

    assert (trigger_id, T0 + HOUR, 0) == (told.follows, told.reserved_at_ms, told.worth_micro)
    assert (
        "eligibility applicability suitability stop consent personalisation content standing"
        " quiet caps experiment"
    ) == " ".join(one.gate for one in told.gates)
    assert (("default", 10**6), "sms-ann") == ((told.arm, told.arm_ppm), told.consent_ref)


def test_journey_is_told_as_it_was() -> None:
    """3.14: entry event, its time, its money; though the journey is long over."""
    bank, trigger_id = pushed()
    effects = fail(bank, trigger_id)
    told, sent = decisions(effects)[0], triggers(effects)[0]

    assert [] == bank.row().journeys
    assert ("bought", T0 + HOUR, "k1") == (
        told.entry_event_id,
        told.entered_at_ms,
        told.card_token,
    )
    assert {"amount_minor": 1_000, "currency": "CNY"} == sent.variables
    assert {"amount_minor": 1_000} == told.features


def test_it_is_the_same_contact_in_another_channel() -> None:
    """ADR 16: decided when the first was; the first is released and stays."""
    bank, trigger_id = pushed()
    own = triggers(fail(bank, trigger_id))[0].trigger_id

    assert [
        (trigger_id, "push", 0, T0 + HOUR, True),
        (own, "sms", 1, T0 + HOUR, False),
    ] == [
        (one.trigger_id, one.channel, one.slot, one.decided_at_ms, one.released)
        for one in bank.row().contacts
    ]


@pytest.mark.parametrize("status", ["failed", "rejected"])
def test_failure_leads_on(status: str) -> None:
    """ADR 16: as the policy says where it says nothing."""
    bank, trigger_id = pushed()

    assert SMS_SENT == went(fail(bank, trigger_id, status=status))


@pytest.mark.parametrize("status", ["expired", "cancelled", "blocked_optout", "delivered"])
def test_other_ends_lead_nowhere_and_are_the_end(status: str) -> None:
    """3.14: too late, taken back, refused, reached; a failure that is told later is no way on."""
    bank, trigger_id = pushed()
    first = fail(bank, trigger_id, status=status)
    second = fail(bank, trigger_id, 3 * HOUR)

    assert ([], []) == (went(first), went(second))


@pytest.mark.parametrize("status", ["unknown", "submitted"])
def test_word_that_ends_nothing_leaves_the_way_open(status: str) -> None:
    """ADR 16: after `unknown` nobody knows; the failure is told later."""
    bank, trigger_id = pushed()
    first = fail(bank, trigger_id, status=status)

    assert ([], SMS_SENT) == (first, went(fail(bank, trigger_id, 3 * HOUR)))


def test_opt_out_leads_on_only_where_the_policy_says_so() -> None:
    """3.14: sms is passed over, which failures lead to; voice is what refusals lead to."""
    fallbacks = then("sms"), then("voice", ("blocked_optout",))
    bank, trigger_id = pushed(reach(fallbacks=fallbacks))

    assert ["2 voice sent"] == went(fail(bank, trigger_id, status="blocked_optout"))


def test_opt_out_from_every_channel_leads_nowhere() -> None:
    """3.8: of the next channel, too, the customer wants nothing any more."""
    bank, trigger_id = pushed(reach(fallbacks=(then("sms", ("blocked_optout",)),)))
    bank.say(heard("nobody's", "blocked_optout", "sms"), HOUR)

    assert ["1 sms suppressed OPTED_OUT"] == went(fail(bank, trigger_id, status="blocked_optout"))


def test_second_receipt_changes_nothing() -> None:
    """3.14: a gateway may say it twice."""
    bank, trigger_id = pushed()
    own = triggers(fail(bank, trigger_id))[0].trigger_id

    assert [] == fail(bank, trigger_id, 3 * HOUR)
    assert [] == fail(bank, trigger_id, 4 * HOUR, "rejected")
    assert [trigger_id, own] == [one.trigger_id for one in bank.row().contacts]


def test_second_receipt_is_no_second_chance() -> None:
    """3.14: what could not go on at the first failure does not at the second."""
    bank, trigger_id = pushed(reach(fallbacks=(then("email"),)))
    first = fail(bank, trigger_id)
    bank.say(word("granted", "email"), 3 * HOUR)

    assert ["1 email suppressed NO_CONSENT"] == went(first)
    assert [] == fail(bank, trigger_id, 4 * HOUR)


def test_channels_follow_one_another_to_the_last() -> None:
    """C2: push, sms, voice; then none is left, and nothing happens."""
    bank, trigger_id = pushed()
    told = []
    for hour in (2, 3, 4):
        effects = fail(bank, trigger_id, hour * HOUR)
        told.append(went(effects))
        trigger_id = next((one.trigger_id for one in triggers(effects)), trigger_id)

    assert [SMS_SENT, ["2 voice sent"], []] == told
    assert [T0 + HOUR] * 3 == [one.decided_at_ms for one in bank.row().contacts]


def test_channel_that_does_not_reach_is_passed_over() -> None:
    """3.14: the slot follows from f as in an occasion; none reaches: f, whose gate says why."""
    told = []
    for agreed in (("push", "voice"), ("push",)):
        bank = agree(Bank(reach(), consent=""), *agreed)
        sent = triggers(bank.say(spend(), HOUR))
        told.append(went(fail(bank, sent[0].trigger_id)))

    assert [["2 voice sent"], ["1 sms suppressed NO_CONSENT"]] == told


def test_decision_that_began_further_back_goes_on_from_there() -> None:
    """3.14: slots after the contact's own."""
    bank = agree(Bank(reach(), consent=""), "sms", "voice")
    sent = triggers(bank.say(spend(), HOUR))

    assert ["2 voice sent"] == went(fail(bank, sent[0].trigger_id))


@pytest.mark.parametrize("message_class", ["servicing", "mandatory"])
def test_what_is_no_advertising_goes_on_without_consent(message_class: str) -> None:
    """O3: no consent was ever asked for, and nobody experiments with it."""
    bank = Bank(reach(message_class=message_class), consent="")
    sent = triggers(bank.say(spend(), HOUR))
    effects = fail(bank, sent[0].trigger_id)

    assert SMS_SENT == went(effects)
    assert [""] == [one.arm for one in decisions(effects)]


def test_it_is_counted_as_an_occasion_and_a_candidate() -> None:
    """3.7: beside those of the decision; a receipt that leads nowhere is none."""
    bank, trigger_id = pushed()
    own = triggers(fail(bank, trigger_id))[0].trigger_id
    fail(bank, own, 3 * HOUR, "expired")

    assert (2, 2) == (bank.count("occasion|{}"), bank.count("decision|{}|a|sent|"))
    assert 2 == bank.count("applied|{}|delivery.receipt")


def test_arm_has_fallbacks_of_its_own() -> None:
    """3.14: email failed, so the arm calls; push and sms are the campaign's."""
    arm = Arm(id="x", share_bp=10_000, treatment=by("email"), fallbacks=(then("voice"),))
    bank = agree(Bank(reach(experiment=Experiment(salt="s", arms=(arm,))), consent=""), "email")
    agree(bank, "push", "sms", "voice")
    sent = triggers(bank.say(spend(), HOUR))
    effects = fail(bank, sent[0].trigger_id)

    assert ["1 voice sent"] == went(effects)
    assert ["x", "x"] == [one.arm for one in (*sent, *triggers(effects))]


def test_receipt_for_a_contact_of_one_channel_leads_nowhere() -> None:
    """3.14: nothing was kept."""
    bank = Bank(offer())
    sent = triggers(bank.say(spend(), HOUR))

    assert [] == fail(bank, sent[0].trigger_id)


def test_successor_at_any_record_goes_on_alike() -> None:
    """B4: what a contact keeps for its fallback is in the row."""
    bank, trigger_id = pushed(reach(conversion=PURCHASE))
    own = triggers(fail(bank, trigger_id))[0].trigger_id
    fail(bank, own, 3 * HOUR, "submitted")
    last = triggers(fail(bank, own, 4 * HOUR, "rejected"))[0].trigger_id
    fail(bank, last, 5 * HOUR, "delivered")
    fail(bank, trigger_id, 6 * HOUR, "delivered")

    outputs = ["moved", "push", "record", "exposure", "failure", "sms", "record"]
    outputs += ["voice", "record", "overrun"]
    assert len(outputs) == len(restored_at_every_record(bank).outputs)
