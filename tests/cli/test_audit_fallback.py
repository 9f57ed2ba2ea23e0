"""An audit derives what a fallback may be, and which gates that leaves to be asked (C2)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.audit.verdicts import faults
from schemas.calendar import Window
from schemas.campaign import Campaign, Fallback, Treatment
from schemas.decisions import Decision, GateReading
from schemas.events import ServiceCaseOpened, TenantConfigured
from tests.cli.flips import flipped_somewhere
from tests.cli.forged import asked_too, gift, regated, resealed, said, sealed, told, without
from tests.lifecycle.builders import DAY, HOUR, Bank, receipt, spend, word
from tests.lifecycle.contacts import OPEN, bank_policy, limit, night, offer
from tests.lifecycle.told import triggers


SMS = Treatment(channel="sms", template_id="plain", template_version=1)
BY_PUSH = Fallback(channel="push", template_id="banner", template_version=1)
BY_MAIL = Fallback(channel="email", template_id="letter", template_version=1)


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


FALLBACKS = of_fallbacks()


def test_records_of_fallbacks_follow_from_what_they_say() -> None:
    """Sent by either channel, refused by gates of every kind, and not one fault."""
    assert {"", "OPTED_OUT", "OPEN_CASE", "QUIET_HOURS", "HOLDOUT", "CAP_CHANNEL"} == {
        one.candidates[0].reason_code for one in FALLBACKS
    }
    assert {1, 2} == {one.candidates[0].slot for one in FALLBACKS}
    assert all(one.candidates[0].follows for one in FALLBACKS)
    assert [] == [fault for record in FALLBACKS for fault in faults(record)]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_recorded_input_of_a_fallback_can_be_flipped_unseen(data: st.DataObject) -> None:
    """Any leaf of any of these records: the digest tells, if nothing else does."""
    record = flipped_somewhere(data, FALLBACKS)

    assert record is None or faults(record)


PLAIN = said(Bank(offer()), HOUR, spend())[0]
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
