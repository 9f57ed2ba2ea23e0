"""
Write what a decision says: the record of an occasion, and the trigger of whoever goes.

All numbers are integers (SEMANTICS B6); ids are derived from their cause (B1).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from lifecycle.candidate import Candidate
from lifecycle.entries import Sighting
from lifecycle.ids import derived_id
from lifecycle.partition import TenantState
from lifecycle.scoring import Scored
from schemas.calendar import Calendar
from schemas.codec import encode_json
from schemas.contact_policy import ContactPolicy
from schemas.decisions import (
    Cause,
    Considered,
    Decision,
    GateReading,
    OfferGrantRequested,
    Trigger,
    TriggerCancelled,
    Verdict,
)
from schemas.journal import JournalEnvelope
from schemas.outcomes import (
    CardMoved,
    ExposureFollowed,
    ExposureObjected,
    ExposureOpened,
    ExposureSettled,
    ModelTold,
    OutcomeRecorded,
)
from schemas.reasons import ReasonCode
from schemas.segments import CustomerObserved
from schemas.state import Contact, CustomerRow, Reservation


Effect: TypeAlias = (
    Trigger
    | OfferGrantRequested
    | TriggerCancelled
    | Decision
    | ExposureOpened
    | OutcomeRecorded
    | ExposureSettled
    | ExposureFollowed
    | ExposureObjected
    | ModelTold
    | CustomerObserved
    | CardMoved
)


class Occasion(NamedTuple):
    """A customer at one record or one tick (SEMANTICS O1); `shadow`: decisions only recorded."""

    tenant: TenantState
    customer_token: str
    row: CustomerRow
    shadow: bool
    cause: JournalEnvelope

    @property
    def now_ms(self) -> int:
        """Return the tenant's now, epoch milliseconds UTC."""
        return self.tenant.row.now_at_ms


def trigger_id_of(occasion: Occasion, candidate: Candidate) -> str:
    """Return the id of the trigger that this candidate is, or would have been (B1, ADR 7)."""
    journey = candidate.journey
    whose = occasion.tenant.name, occasion.customer_token
    slot = str(candidate.slot)
    return derived_id(*whose, journey.campaign_id, journey.occurrence_key, candidate.step, slot)


def decision(occasion: Occasion, candidates: Sequence[Candidate]) -> Decision:
    """Return the record of an occasion; its candidates in the order given."""
    considered = tuple(_considered(occasion, candidate) for candidate in candidates)
    trigger_ids = (one.trigger_id for one in considered)
    return _sealed(
        decision_id=derived_id("decision", str(occasion.now_ms), *trigger_ids),
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        decided_at_ms=occasion.now_ms,
        cause=cause_of(occasion.cause),
        shadow=occasion.shadow,
        calendar=_in_force(occasion.tenant.calendar),
        contact_policy=_in_force(occasion.tenant.contact_policy),
        chosen=tuple(one.trigger_id for one in considered if one.verdict == "sent"),
        candidates=considered,
    )


def _sealed(**fields: Any) -> Decision:  # noqa: ANN401 (the fields of a decision)
    """Return a decision with its digest, so that a changed byte shows."""
    unsealed = Decision(**fields, digest="")
    return replace(unsealed, digest=digest_of(unsealed))


def digest_of(decision: Decision) -> str:
    """Return what a decision's `digest` should be."""
    return sha256(encode_json(replace(decision, digest=""))).hexdigest()


def _considered(occasion: Occasion, candidate: Candidate) -> Considered:
    """Return what there is to say of one candidate."""
    journey, campaign, terms = candidate.journey, candidate.policy.campaign, candidate.terms
    return Considered(
        trigger_id=trigger_id_of(occasion, candidate),
        campaign_id=campaign.id,
        policy_version=campaign.version,
        policy_hash=candidate.policy.policy_hash,
        card_token=candidate.card_token,
        occurrence_key=journey.occurrence_key,
        step=candidate.step,
        channel=candidate.treatment.channel,
        message_class=campaign.message_class,
        entry_event_id=journey.entry_event_id,
        entered_at_ms=journey.entered_at_ms,
        verdict=candidate.verdict,
        reason_code=candidate.reason,
        clause=candidate.clause,
        gates=tuple(candidate.gates),
        consent_ref=candidate.consent_ref,
        caps=candidate.caps,
        priority=campaign.priority,
        propensity_ppm=candidate.propensity.ppm,
        propensity_from=candidate.propensity.said_by,
        value_minor=terms.value_minor,
        lever_percent=campaign.lever_percent,
        contact_cost_minor=terms.contact_cost_minor,
        worth_micro=candidate.worth_micro,
        arm=candidate.arm,
        arm_ppm=candidate.arm_ppm,
        features=candidate.features,
        slot=candidate.slot,
        offer_id=terms.offer,
        follows=candidate.follows.trigger_id if candidate.follows else "",
        reserved_at_ms=candidate.follows.decided_at_ms if candidate.follows else 0,
        **_scores(candidate.propensity.score),
        option=candidate.option_id,
        option_ppm=candidate.option_ppm,
        options_ppm=candidate.options_ppm,
    )


def _scores(score: Scored | None) -> dict[str, Any]:
    """Return what a record says of both scores, nothing where no model was asked."""
    if score is None:
        return {}
    return {
        "model": score.model.name,
        "score_ppm": score.score_ppm,
        "control_score_ppm": score.control_score_ppm,
        "contributions": score.contributions,
    }


def _in_force(rules: Calendar | ContactPolicy | None) -> str:
    """Return which calendar or contact policy held, "" for none."""
    return f"{rules.id}|{rules.version}" if rules else ""


def cause_of(envelope: JournalEnvelope) -> Cause:
    """Return the journal record at which a decision was made."""
    return Cause(
        event_type=str(envelope.record.__struct_config__.tag),
        event_id=envelope.event_id,
        event_source=envelope.event_source,
    )


def trigger(occasion: Occasion, candidate: Candidate, decision_id: str) -> Trigger:
    """Return the request to the gateway that goes with the decision to send."""
    campaign, treatment, now_ms = candidate.policy.campaign, candidate.treatment, occasion.now_ms
    trigger_id = trigger_id_of(occasion, candidate)
    return Trigger(
        trigger_id=trigger_id,
        idempotency_key=trigger_id,
        decision_id=decision_id,
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        card_token=candidate.card_token,
        trigger_type=campaign.trigger_type,
        message_class=campaign.message_class,
        purpose=campaign.purpose,
        consent_ref=candidate.consent_ref,
        campaign_id=campaign.id,
        policy_version=campaign.version,
        policy_hash=candidate.policy.policy_hash,
        step=candidate.step,
        channel=treatment.channel,
        template_id=treatment.template_id,
        template_version=treatment.template_version,
        variables=candidate.variables,
        issued_at_ms=now_ms,
        not_before_ms=now_ms,
        expires_at_ms=candidate.expires_at_ms,
        priority=campaign.priority,
        on_unknown="drop" if campaign.message_class == "marketing" else "retry_same_key",
        arm=candidate.arm,
        slot=candidate.slot,
        sender_profile=treatment.sender_profile or campaign.message_class,
        **_promised(candidate.reserved),
    )


def _promised(reserved: Reservation | None) -> dict[str, Any]:
    """Return what a trigger says of an offer, nothing where it promises none."""
    if reserved is None or not reserved.offer_id:
        return {}
    return {
        "offer_id": reserved.offer_id,
        "reservation_id": reserved.reservation_id,
        "reservation_expires_at_ms": reserved.expires_at_ms,
    }


def correction(
    tenant: TenantState, seen: Sighting, contact: Contact, verdict: Verdict, reason: ReasonCode
) -> Decision:
    """Return the record of what an event has shown about an earlier contact."""
    envelope = seen.envelope
    policy = tenant.policies.get(contact.campaign_id)
    corrected = Considered(
        trigger_id=contact.trigger_id,
        campaign_id=contact.campaign_id,
        policy_version=contact.policy_version,
        policy_hash=policy.policy_hash if policy else "",
        card_token=contact.card_token,
        occurrence_key=contact.occurrence_key,
        step=contact.step,
        channel=contact.channel,
        message_class=policy.campaign.message_class if policy else "",
        entry_event_id=envelope.event_id,
        entered_at_ms=contact.entered_at_ms,
        verdict=verdict,
        reason_code=reason,
        gates=(GateReading(gate="truth", reason_code=reason),),
        slot=contact.slot,
    )
    return _sealed(
        decision_id=derived_id("decision", contact.trigger_id, f"{seen.identity:016x}"),
        tenant=tenant.name,
        customer_token=envelope.customer_token,
        decided_at_ms=tenant.row.now_at_ms,
        cause=cause_of(envelope),
        shadow=False,
        chosen=(),
        candidates=(corrected,),
    )
