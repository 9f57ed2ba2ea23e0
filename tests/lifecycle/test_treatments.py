"""The order of channels: the first that reaches, of one's own arm (SEMANTICS C2; 3.14)."""

import pytest
from msgspec.structs import replace

from lifecycle.printing import printed
from schemas.campaign import Arm, Experiment
from schemas.channels import Channel
from schemas.events import KillSwitchSet, TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank, cap, spend, word
from tests.lifecycle.by_hand import occurrence, uuid8
from tests.lifecycle.channels import agree, by, reach, then, went, wording
from tests.lifecycle.contacts import offer
from tests.lifecycle.measured import ALL_CONTROL
from tests.lifecycle.told import decisions, triggers


@pytest.mark.parametrize(
    ("agreed", "wanted"),
    [
        (("push", "sms", "voice"), "0 push sent"),
        (("sms", "voice"), "1 sms sent"),
        (("voice",), "2 voice sent"),
        (("push", "voice"), "0 push sent"),
        (("email",), "0 push suppressed NO_CONSENT"),
    ],
)
def test_first_channel_that_was_agreed_to_is_taken(
    agreed: tuple[Channel, ...], wanted: str
) -> None:
    """3.14: where there is none, the first of all, whose gate says why."""
    bank = agree(Bank(reach(), consent=""), *agreed)

    assert [wanted] == went(bank.say(spend(), HOUR))


@pytest.mark.parametrize(
    ("message_class", "wanted"),
    [("marketing", "2 voice sent"), ("servicing", "1 sms sent"), ("mandatory", "0 push sent")],
)
def test_channel_is_asked_as_the_class_is_bound(message_class: str, wanted: str) -> None:
    """O3: push is denied, sms was never spoken of, voice is granted."""
    bank = Bank(reach(message_class=message_class), consent="")
    bank.say(word("denied", "push"), 0)
    bank.say(word("granted", "voice"), 0)

    assert [wanted] == went(bank.say(spend(), HOUR))


@pytest.mark.parametrize("message_class", ["marketing", "servicing", "mandatory"])
def test_channel_whose_wording_is_not_approved_is_passed_over(message_class: str) -> None:
    """3.14: whatever the class, and whatever was agreed to."""
    bank = agree(Bank(reach(message_class=message_class), consent=""), "push", "sms", "voice")
    bank.control(wording(channel="voice"))

    assert ["2 voice sent"] == went(bank.say(spend(), HOUR))


def test_channel_needs_consent_and_approval_at_once() -> None:
    """3.14: push is agreed to, sms approved; it stays with the first, whose gates say why."""
    bank = agree(Bank(reach(), consent=""), "push")
    bank.control(wording(channel="sms"))

    assert ["0 push suppressed NO_TEMPLATE"] == went(bank.say(spend(), HOUR))


def test_what_is_shown_chooses_no_channel() -> None:
    """3.14: sms shows nothing that is missing, and is not taken for that."""
    bank = agree(Bank(reach(treatment=by("push", tongue="language")), consent=""), "push", "sms")

    assert ["0 push suppressed VARIABLE_MISSING tongue"] == went(bank.say(spend(), HOUR))


def test_no_other_gate_chooses_a_channel() -> None:
    """3.14: the channel's cap is asked of the channel that was chosen."""
    bank = agree(Bank(reach(caps=(cap(1, DAY, "channel"),)), consent=""), "push", "sms")
    told = [went(bank.say(spend(), hour * HOUR)) for hour in (1, 2)]

    assert [["0 push sent"], ["0 push suppressed CAP_CHANNEL"]] == told


def test_channel_cap_counts_the_channel_that_was_taken() -> None:
    """C1: two offers by sms, the second channel of one, the only one of the other."""
    capped = offer("b", caps=(cap(1, DAY, "channel"),), priority=90)
    bank = agree(Bank(reach(), capped, consent=""), "sms")
    bank.control(KillSwitchSet(engaged=True, campaign_id="b"))
    first = went(bank.say(spend(), HOUR))
    bank.control(KillSwitchSet(engaged=False, campaign_id="b"), 2 * HOUR)
    second = went(bank.say(spend(), 2 * HOUR))

    assert ["1 sms sent", "0 sms suppressed KILL_SWITCH"] == first
    assert ["1 sms sent", "0 sms suppressed CAP_CHANNEL"] == second


def test_record_and_trigger_tell_the_slot_and_its_id() -> None:
    """B1, 3.5: the slot is part of the id; the topic is the channel's."""
    fallback = replace(then("sms", template="short"), sender_profile="gold", template_version=7)
    bank = agree(Bank(reach(fallbacks=(fallback,)), consent=""), "sms")
    effects = bank.say(spend(), HOUR, event_id="bought")
    trigger, told = triggers(effects)[0], decisions(effects)[0]

    own = uuid8(TENANT, "ann", "a", occurrence("k1", "bought"), "offer", "1")
    assert own == trigger.trigger_id == told.trigger_id == bank.row().contacts[0].trigger_id
    assert (1, "sms") == (told.slot, told.channel) == (trigger.slot, trigger.channel)
    assert ("short", 7, "gold") == (
        trigger.template_id,
        trigger.template_version,
        trigger.sender_profile,
    )
    assert "marketing.triggers.sms.v1" == printed(trigger).topic
    assert ("", 0) == (told.follows, told.reserved_at_ms)


@pytest.mark.parametrize("message_class", ["marketing", "servicing", "mandatory"])
def test_sender_is_the_class_where_nobody_says(message_class: str) -> None:
    """3.6: the signature and the port of the message's class."""
    bank = Bank(offer(message_class=message_class))

    assert [message_class] == [one.sender_profile for one in triggers(bank.say(spend(), HOUR))]


def test_arm_has_its_own_order_of_channels() -> None:
    """3.14: everybody is in the arm; the campaign's own treatments are nobody's."""
    arm = Arm(id="calls", share_bp=10_000, treatment=by("email"), fallbacks=(then("voice"),))
    bank = agree(
        Bank(reach(experiment=Experiment(salt="s", arms=(arm,))), consent=""), "push", "voice"
    )
    effects = bank.say(spend(), HOUR)

    assert ["1 voice sent"] == went(effects)
    assert ["calls"] == [one.arm for one in triggers(effects)]


def test_who_is_held_out_would_have_had_the_channel_of_their_arm() -> None:
    """3.4: holdout is asked last, and the record says which channel it would have been."""
    arm = Arm(id="calls", share_bp=10_000, treatment=by("email"), fallbacks=(then("voice"),))
    bank = agree(Bank(reach(experiment=Experiment(salt="s", arms=(arm,))), consent=""), "voice")
    bank.control(TenantConfigured(time_zone="UTC", holdout_bp=10_000, holdout_salt="h"))

    assert ["1 voice held_out HOLDOUT"] == went(bank.say(spend(), HOUR))


def test_control_would_have_had_the_campaigns_channel() -> None:
    """3.4: control has the campaign's treatments."""
    bank = agree(Bank(reach(experiment=ALL_CONTROL), consent=""), "sms")

    assert ["1 sms control CONTROL"] == went(bank.say(spend(), HOUR))


def test_shadow_chooses_too_and_remembers_nothing() -> None:
    """T7: the record has the slot; no contact is there to go on."""
    bank = agree(Bank(reach(), consent=""), "sms")
    bank.control(TenantConfigured(time_zone="UTC", live_from_ms=T0 + DAY))

    assert ["1 sms shadow"] == went(bank.say(spend(), HOUR))
    assert [] == bank.row().contacts
