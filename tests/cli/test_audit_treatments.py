"""An audit derives what wording, offer and budget said, and what a fallback may be (C2, C3)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.audit.verdicts import faults
from lifecycle.ids import derived_id
from lifecycle.records import digest_of
from schemas.campaign import Arm, Campaign, Experiment, Fallback, Treatment
from schemas.decisions import CapReading, Decision, GateReading
from schemas.events import OfferDefined, RiskFlagged, TemplateApproved, TenantConfigured
from schemas.offer import Offer
from schemas.template import Template, TemplateVariable
from tests.cli.flips import flipped_somewhere
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank, cap, receipt, spend, word
from tests.lifecycle.contacts import OPEN, bank_policy, limit, night, offer
from tests.lifecycle.told import triggers


SMS = Treatment(channel="sms", template_id="plain", template_version=1)
BY_PUSH = Fallback(channel="push", template_id="banner", template_version=1)
BY_MAIL = Fallback(channel="email", template_id="letter", template_version=1)


def template(name: str, channel: str, *variables: str) -> TemplateApproved:
    """Return that a wording is approved which shows these numbers."""
    wanted = tuple(TemplateVariable(name=one, kind="int") for one in variables)
    wording = Template(
        id=name,
        version=1,
        channel=channel,  # type: ignore[arg-type] # one of them
        text="x",
        variables=wanted,
    )
    return TemplateApproved(template=wording)


def gift(count: int, cost_minor: int = 0, version: int = 1) -> OfferDefined:
    """Return that there are so many gifts."""
    return OfferDefined(
        offer=Offer(
            id="gift",
            version=version,
            inventory_count=count,
            valid_ms=DAY,
            unit_cost_minor=cost_minor,
        )
    )


def said(bank: Bank, at: int, event: Any) -> list[Decision]:  # noqa: ANN401 (any event)
    """Return the records that an event leads to."""
    return [effect for effect in bank.say(event, at) if isinstance(effect, Decision)]


def of_wordings() -> list[Decision]:
    """Return records of a wording that nobody approved, that lacks something, and that is good."""
    told = []
    for names in ((), ("amount_minor", "points"), ("amount_minor",)):
        bank = Bank(offer(treatment=SMS), offer("m", treatment=SMS, message_class="mandatory"))
        bank.control(template("other", "sms"))
        if names:
            bank.control(template("plain", "sms", *names))
        told += said(bank, HOUR, spend())
    return told


def of_offers() -> list[Decision]:
    """Return records of units and money: undefined, none left, too little, enough; and neither."""
    dear = {"contact_cost_minor": 5, "value_minor": 100, "base_rate_ppm": 1_000_000}
    told = []
    for count, campaign in (
        (None, offer(offer="gift")),
        (0, offer(offer="gift", budget_minor=9_999, **dear)),
        (8, offer(offer="gift")),
        (8, offer(offer="gift", budget_minor=9_999, **dear)),
        (8, offer(offer="gift", budget_minor=4, **dear)),
        (None, offer(budget_minor=9_999, **dear)),
        (None, offer(budget_minor=4, **dear)),
    ):
        bank = Bank(campaign, offer("s", message_class="servicing"))
        if count is not None:
            bank.control(gift(count, 10))
        told += said(bank, HOUR, spend())
    return told


def failed(*campaigns: Campaign, at: int = HOUR, **world: Any) -> list[Decision]:  # noqa: ANN401
    """
    Return the record of what is tried after an SMS of `at` has failed an hour later.

    `before` are control records of the beginning, `between` what the customer does meanwhile.
    """
    bank = Bank(*campaigns)
    for channel in ("push", "email"):
        bank.say(word("granted", channel=channel), 0)
    for record in world.get("before", ()):
        bank.control(record)
    sent = triggers(bank.say(spend(), at))
    for event in world.get("between", ()):
        bank.say(event, at + HOUR // 2)
    for record in world.get("later", ()):
        bank.control(record, at + HOUR // 2)
    return said(bank, world.get("failed_at", at + HOUR), receipt(sent[0].trigger_id, "failed"))


def of_fallbacks() -> list[Decision]:
    """Return records of fallbacks: sent, refused by most gates, of every class, held out."""
    either = {"fallbacks": (BY_PUSH, BY_MAIL), "expires_after_ms": 2 * DAY}
    kept_back = Experiment(salt="s", control_bp=10_000, arms=())
    held_out = TenantConfigured(holdout_bp=10_000, holdout_salt="h", time_zone="UTC")
    campaign = offer(**either)
    told = failed(campaign)
    told += failed(campaign, between=(word("revoked", channel="push"),))
    told += failed(campaign, between=[word("revoked", channel=one) for one in ("push", "email")])
    told += failed(campaign, between=(RiskFlagged(flag_id="f", flag_class="fraud"),))
    told += failed(campaign, later=(held_out,))
    told += failed(offer(message_class="servicing", **either))
    told += failed(offer(message_class="mandatory", **either))
    told += failed(campaign, before=(bank_policy(limit(9, DAY), limit(9, DAY, "channel")),))
    told += failed(
        offer(**either, offer="gift", budget_minor=99, contact_cost_minor=0), before=(gift(8, 10),)
    )
    told += failed(
        campaign,
        offer("m", message_class="mandatory", treatment=replace_channel("push"), priority=1),
        later=(bank_policy(limit(1, DAY, "channel")),),
    )
    return told


def replace_channel(channel: str) -> Treatment:
    """Return the plain wording in another channel."""
    return replace(SMS, channel=channel)  # type: ignore[arg-type] # one of them


RECORDS = of_wordings() + of_offers() + of_fallbacks()
FALLBACKS = [record for record in RECORDS if record.candidates[0].follows]


def test_records_of_treatments_and_offers_follow_from_what_they_say() -> None:
    """Every reason that these gates give, fallbacks sent and refused, and not one fault."""
    ends = {(one.reason_code, one.clause) for record in RECORDS for one in record.candidates}

    assert {
        ("NO_TEMPLATE", ""),
        ("VARIABLE_MISSING", "points"),
        ("NO_INVENTORY", ""),
        ("NO_INVENTORY", "offer"),
        ("NO_BUDGET", ""),
    } <= ends
    refused = {one.candidates[0].reason_code for one in FALLBACKS}
    assert {"", "NO_CONSENT", "OPTED_OUT", "RISK_FLAG", "HOLDOUT", "CAP_CHANNEL"} >= refused
    assert {"", "OPTED_OUT", "RISK_FLAG", "HOLDOUT", "CAP_CHANNEL"} <= refused
    assert {1, 2} == {one.candidates[0].slot for one in FALLBACKS}
    assert [] == [fault for record in RECORDS for fault in faults(record)]


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_no_recorded_input_of_treatments_can_be_flipped_unseen(data: st.DataObject) -> None:
    """Any leaf of any of these records: the digest tells, if nothing else does."""
    record = flipped_somewhere(data, RECORDS)

    assert record is None or faults(record)
