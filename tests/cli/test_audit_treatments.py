"""An audit derives what wording, offer and budget said, and what a fallback may be (C2, C3)."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.audit.verdicts import faults
from lifecycle.ids import derived_id
from lifecycle.records import digest_of
from schemas.calendar import Window
from schemas.campaign import Campaign, Fallback, Treatment
from schemas.decisions import Decision, GateReading
from schemas.events import OfferDefined, ServiceCaseOpened, TemplateApproved, TenantConfigured
from schemas.offer import Offer
from schemas.template import Template, TemplateVariable
from tests.cli.flips import flipped_somewhere
from tests.lifecycle.builders import DAY, HOUR, Bank, receipt, spend, word
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
    held_out = TenantConfigured(holdout_bp=10_000, holdout_salt="h", time_zone="UTC")
    campaign = offer(**either)
    told = failed(campaign)
    told += failed(campaign, between=(word("revoked", channel="push"),))
    told += failed(campaign, between=[word("revoked", channel=one) for one in ("push", "email")])
    told += failed(campaign, between=(ServiceCaseOpened(case_id="c", case_class="complaint"),))
    told += failed(campaign, later=(held_out,))
    told += failed(offer(message_class="servicing", **either))
    told += failed(offer(message_class="mandatory", **either))
    told += failed(campaign, before=(bank_policy(limit(9, DAY), limit(9, DAY, "channel")),))
    told += failed(
        offer(**either, offer="gift", budget_minor=99, contact_cost_minor=0), before=(gift(8, 10),)
    )
    by_day = {"at": OPEN + HOUR, "failed_at": OPEN + 2 * HOUR}
    told += failed(campaign, later=(night(Window(start=9 * 60, end=12 * 60)),), **by_day)
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
    assert {"", "OPTED_OUT", "OPEN_CASE", "QUIET_HOURS", "HOLDOUT", "CAP_CHANNEL"} == {
        one.candidates[0].reason_code for one in FALLBACKS
    }
    assert {1, 2} == {one.candidates[0].slot for one in FALLBACKS}
    assert [] == [fault for record in RECORDS for fault in faults(record)]


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_no_recorded_input_of_treatments_can_be_flipped_unseen(data: st.DataObject) -> None:
    """Any leaf of any of these records: the digest tells, if nothing else does."""
    record = flipped_somewhere(data, RECORDS)

    assert record is None or faults(record)


def told(reason: str, among: Sequence[Decision], *saw: str, clause: str = "") -> Decision:
    """Return the first record whose first candidate ended so, and whose gates saw all of this."""
    return next(
        record
        for record in among
        if (one := record.candidates[0]).reason_code == reason
        and one.clause == clause
        and {*saw} <= {name for reading in one.gates for name in reading.saw}
    )


def resealed(record: Decision, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record whose first candidate says something else, with ids and digest that fit."""
    first = replace(record.candidates[0], **changed)
    about = first.campaign_id, first.occurrence_key, first.step, str(first.slot)
    own_id = derived_id(record.tenant, record.customer_token, *about)
    first = replace(first, trigger_id=own_id)
    return sealed(record, candidates=(first, *record.candidates[1:]))


def sealed(record: Decision, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record that says something else, its ids and its digest made to fit."""
    record = replace(record, **changed)
    ids = [one.trigger_id for one in record.candidates]
    forged = replace(
        record,
        decision_id=derived_id("decision", str(record.decided_at_ms), *ids),
        chosen=tuple(one.trigger_id for one in record.candidates if one.verdict == "sent"),
    )
    return replace(forged, digest=digest_of(forged))


def regated(record: Decision, gate: str, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record in which one gate says something else; the candidate says it after it."""
    one = record.candidates[0]
    gates = [replace(at, **changed) if at.gate == gate else at for at in one.gates]
    last: GateReading = gates[-1]
    return resealed(record, gates=tuple(gates), reason_code=last.reason_code, clause=last.clause)


def without(record: Decision, gate: str) -> Decision:
    """Return a record in which a gate was never asked."""
    one = record.candidates[0]
    return resealed(record, gates=tuple(at for at in one.gates if at.gate != gate))


def asked_too(record: Decision, reading: GateReading) -> Decision:
    """Return a record in which one more gate was asked, before the last."""
    gates = record.candidates[0].gates
    return resealed(record, gates=(*gates[:-1], reading, gates[-1]))


OTHERS = [record for record in RECORDS if record not in FALLBACKS]
UNAPPROVED, MISSING = told("NO_TEMPLATE", OTHERS), told("VARIABLE_MISSING", OTHERS, clause="points")
UNDEFINED, EMPTY = told("NO_INVENTORY", OTHERS, clause="offer"), told("NO_INVENTORY", OTHERS)
POOR = told("NO_BUDGET", OTHERS, "left_count")
BARE = next(
    one
    for one in OTHERS
    if not one.candidates[0].offer_id and one.candidates[0].reason_code == "NO_BUDGET"
)
PROMISED, PLAIN = told("", OTHERS, "left_count", "left_minor"), told("", OTHERS)
NUMBERS = {"left_count": 8, "left_minor": 4, "cost_minor": 15}


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        (regated(UNAPPROVED, "content", clause="x"), "content"),
        (regated(UNAPPROVED, "content", reason_code="VARIABLE_MISSING"), "content"),
        (regated(UNAPPROVED, "content", reason_code="RULE_ERROR"), "content"),
        (regated(UNAPPROVED, "content", reason_code=""), "gates: passed"),
        (regated(MISSING, "content", clause=""), "content"),
        (regated(MISSING, "content", reason_code="NO_TEMPLATE"), "content"),
        (regated(PLAIN, "content", clause="x"), "content"),
        (regated(PLAIN, "content", saw={"left_count": 1}), "content"),
        (without(PLAIN, "content"), "gates: asked"),
        (regated(EMPTY, "offer", saw={"left_count": 1}), "offer: the numbers say enough"),
        (regated(EMPTY, "offer", saw={"left_count": 0, "left_minor": 1}), "offer: saw other"),
        (regated(EMPTY, "offer", saw={}), "offer: the numbers"),
        (regated(EMPTY, "offer", reason_code=""), "offer: the numbers say NO_INVENTORY"),
        (regated(EMPTY, "offer", reason_code="NO_BUDGET"), "offer: the numbers say NO_INVENTORY"),
        (regated(UNDEFINED, "offer", clause=""), "offer: the numbers"),
        (regated(UNDEFINED, "offer", saw={"left_count": 0}), "offer: the numbers"),
        (regated(UNDEFINED, "offer", reason_code="", clause=""), "gates: passed"),
        (
            regated(POOR, "offer", saw={**NUMBERS, "left_minor": 15}),
            "offer: the numbers say enough",
        ),
        (regated(POOR, "offer", saw={**NUMBERS, "cost_minor": 4}), "all of it 4"),
        (regated(POOR, "offer", saw={"left_minor": 4, "cost_minor": 15}), "offer: saw other"),
        (regated(POOR, "offer", saw={"left_count": 8}), "offer: the numbers say enough"),
        (regated(POOR, "offer", reason_code="NO_INVENTORY"), "offer: the numbers say NO_BUDGET"),
        (regated(BARE, "offer", saw={"left_minor": 4, "cost_minor": 6}), "all of it 6"),
        (regated(BARE, "offer", saw={}), "offer: saw other"),
        (regated(BARE, "offer", saw={"left_minor": 4}), "offer: saw other"),
        (regated(PROMISED, "offer", saw={"left_count": 0}), "offer: the numbers say NO_INVENTORY"),
        (regated(PROMISED, "offer", saw={**NUMBERS}), "offer: the numbers say NO_BUDGET"),
        (resealed(PROMISED, offer_id=""), "offer: saw other"),
        (resealed(PLAIN, offer_id="gift"), "gates: asked"),
        (without(PROMISED, "offer"), "gates: asked"),
    ],
)
def test_forgery_of_what_was_promised_is_found(forged: Decision, fault: str) -> None:
    """Whoever can write digests cannot write numbers that do not lead to the reason."""
    assert any(fault in one for one in faults(forged)), faults(forged)


BY_ITSELF, CAPPED = told("", FALLBACKS), told("CAP_CHANNEL", FALLBACKS)
WITHIN = next(
    one for one in FALLBACKS if one.candidates[0].caps and not one.candidates[0].reason_code
)
NIGHT, HELD = told("QUIET_HOURS", FALLBACKS, "open_at_ms"), told("HOLDOUT", FALLBACKS)
RESERVED_AT_MS = CAPPED.candidates[0].reserved_at_ms
SCOPE = CAPPED.candidates[0].caps[0]
FREE = replace(SCOPE, count_before=0, count_after=0)


def forgotten(at_ms: int) -> Decision:
    """Return a fallback that was refused because contacts up to then had to be forgotten."""
    saw = {"forgotten_at_ms": at_ms}
    reading = {"reason_code": "CAP_CHANNEL", "clause": "memory", "saw": saw}
    return resealed(regated(CAPPED, "caps", **reading), caps=(FREE,))


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        (resealed(BY_ITSELF, follows=""), "fallback: wanted what it follows"),
        (resealed(BY_ITSELF, follows="another"), "fallback: it follows no earlier"),
        (resealed(BY_ITSELF, follows=BY_ITSELF.chosen[0]), "fallback: it follows no earlier"),
        (resealed(BY_ITSELF, slot=0), "fallback: it follows no earlier"),
        (resealed(BY_ITSELF, slot=6), "slot: wanted one of 6"),
        (resealed(BY_ITSELF, reserved_at_ms=0), "fallback: wanted what it follows"),
        (
            resealed(BY_ITSELF, reserved_at_ms=BY_ITSELF.decided_at_ms + 1),
            "fallback: its contact was not decided before",
        ),
        (resealed(PLAIN, reserved_at_ms=1), "fallback: wanted what it follows"),
        (sealed(BY_ITSELF, candidates=BY_ITSELF.candidates * 2), "fallback: wanted it by itself"),
        (
            sealed(BY_ITSELF, cause=replace(BY_ITSELF.cause, event_type="txn.posted")),
            "fallback: wanted it by itself",
        ),
        (sealed(BY_ITSELF, shadow=True), "fallback: nothing was sent in shadow"),
        (asked_too(BY_ITSELF, GateReading(gate="spacing")), "gates: asked"),
        (asked_too(BY_ITSELF, GateReading(gate="worth", saw={"worth_micro": 0})), "gates: asked"),
        (without(BY_ITSELF, "experiment"), "gates: passed"),
        (without(BY_ITSELF, "caps"), "gates: asked"),
        (resealed(BY_ITSELF, verdict="suppressed"), "verdict"),
        (resealed(NIGHT, verdict="deferred"), "verdict"),
        (resealed(HELD, verdict="held_out"), "verdict"),
        (resealed(HELD, arm="default"), "arm"),
        (resealed(HELD, verdict="sent"), "verdict"),
        (resealed(WITHIN, caps=(replace(WITHIN.candidates[0].caps[0], scope="all"),)), "caps"),
        (resealed(WITHIN, caps=(replace(SCOPE, count_before=1, count_after=2),)), "caps"),
        (resealed(CAPPED, caps=(FREE,)), "caps"),
        (forgotten(RESERVED_AT_MS - SCOPE.window_ms), "caps"),
    ],
)
def test_forgery_of_a_fallback_is_found(forged: Decision, fault: str) -> None:
    """What a fallback follows, when it was reserved, and which gates that leaves to be asked."""
    assert any(fault in one for one in faults(forged)), faults(forged)


def test_fallback_s_memory_is_judged_as_of_its_reservation() -> None:
    """C2: an hour before the decision, at which the window would just not reach back so far."""
    assert [] == faults(forgotten(RESERVED_AT_MS - SCOPE.window_ms + 1))
