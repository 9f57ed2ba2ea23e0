"""
Decide an occasion: all candidates of one customer at one record or one tick (SEMANTICS O1, O2).

Gates, then what a contact is worth, then arbitration, then the arm, and only then is anything
reserved. At most one marketing candidate wins; servicing and mandatory ones go beside it.
"""

from collections.abc import Sequence

from lifecycle import cancelling, caps, cards, experiment, exposures, ledger, rhythm, statements
from lifecycle.candidate import Candidate
from lifecycle.entries import statement_id_in
from lifecycle.experiment import Assignment
from lifecycle.features.context import Context
from lifecycle.features.declared import FEATURES
from lifecycle.gates import Asked, binding, caps_gate, judge
from lifecycle.records import Effect, Occasion, decision, features_of, trigger, trigger_id_of
from lifecycle.worth import worth_micro
from schemas.campaign import DueDateEntry, SilenceEntry
from schemas.decisions import GateReading
from schemas.state import Contact, KeptBack


def decide(occasion: Occasion, candidates: Sequence[Candidate]) -> list[Effect]:
    """
    Return the triggers of those that go, one record of all candidates, and exposures opened.

    The record has them in the order of campaign, occurrence and step. Who goes counts as a
    contact from now on, unless the occasion is only a shadow. No candidate, no record.
    """
    if not candidates:
        return []
    asked = [_asked(occasion, candidate) for candidate in candidates]
    for one in asked:
        judge(one)
        if one.candidate.open_at_ms:
            one.candidate.verdict = "deferred"
        _value(one.candidate)
    for one in _arbitrate(asked):
        _let_go(occasion, one)
    ordered = sorted(candidates, key=lambda candidate: candidate.order)
    record = decision(occasion, ordered)
    sent = [one for one in ordered if one.verdict == "sent"]
    triggers = [trigger(occasion, one, record.decision_id) for one in sent]
    cancelling.expect(occasion.row, triggers)
    return [*triggers, record, *exposures.opened(occasion, ordered, record)]


def _asked(occasion: Occasion, candidate: Candidate) -> Asked:
    """Look up what the candidate is about, as it is now, and what its record has to tell."""
    tenant, row = occasion.tenant, occasion.row
    entry, journey = candidate.policy.campaign.entry, candidate.journey
    candidate.card_token = cards.current(row, journey.card_token)
    if isinstance(entry, SilenceEntry):
        candidate.rhythm = rhythm.read(entry, row, occasion.now_ms)
    elif isinstance(entry, DueDateEntry):
        candidate.statement = statements.find(row, statement_id_in(journey.occurrence_key))
    context = Context(
        row=row,
        now_ms=occasion.now_ms,
        time_zone=tenant.row.time_zone,
        card_token=candidate.card_token,
        statement=candidate.statement,
        journey=journey,
    )
    candidate.features = features_of(candidate, occasion.now_ms)
    candidate.features |= {name: FEATURES[name].read(context) for name in candidate.policy.reads}
    if binding(candidate).arbitration:  # only advertising is experimented with
        candidate.assigned = experiment.assigned(candidate.policy.campaign, occasion.customer_token)
    return Asked(tenant, row, candidate, context)


def _value(candidate: Candidate) -> None:
    """Say what a marketing contact is worth; one that costs more than it brings is not made."""
    campaign = candidate.policy.campaign
    if candidate.reason or not binding(candidate).arbitration:
        return
    candidate.worth_micro = worth_micro(
        campaign.base_rate_ppm,
        campaign.value_minor,
        campaign.lever_percent,
        campaign.contact_cost_minor,
    )
    reading = GateReading(
        gate="worth",
        reason_code="NOT_WORTH" if candidate.worth_micro < 0 else "",
        saw={"worth_micro": candidate.worth_micro},
    )
    candidate.read(reading)


def _arbitrate(asked: Sequence[Asked]) -> list[Asked]:
    """Return who may go, the marketing winner first; other marketing candidates have lost."""
    passed = sorted((one for one in asked if not one.candidate.reason), key=_precedence)
    competing = [one for one in passed if binding(one.candidate).arbitration]
    for place, one in enumerate(competing):
        lost = GateReading(
            gate="arbitration",
            reason_code="LOST_ARBITRATION" if place else "",
            saw={"competing_count": len(competing)},
        )
        one.candidate.read(lost)
    return competing[:1] + [one for one in passed if one not in competing]


def _precedence(asked: Asked) -> tuple[int, int, tuple[str, str, int]]:
    """Return what is first: greater worth, then greater priority, then the order of records."""
    candidate = asked.candidate
    return -candidate.worth_micro, -candidate.policy.campaign.priority, candidate.order


def _let_go(occasion: Occasion, asked: Asked) -> None:
    """Make the contact, but not with control or holdout, nor over a cap by now."""
    candidate = asked.candidate
    if candidate.assigned is not None and _kept_back(occasion, candidate, candidate.assigned):
        return
    if binding(candidate).caps:
        again = caps_gate(asked)  # those before it in this occasion may have filled one
        if again.reason_code:
            candidate.read(again)
            return
    candidate.verdict = "shadow" if occasion.shadow else "sent"
    if not occasion.shadow:
        candidate.caps = caps.taken(candidate.caps)
        _remember(occasion, candidate)


def _kept_back(occasion: Occasion, candidate: Candidate, given: Assignment) -> bool:
    """
    Return whether an experiment keeps the winner back; it reserves nothing (SEMANTICS E2).

    The reading says why: the customer's bucket is within the range of the arm.
    """
    row = occasion.tenant.row
    if row.holdout_bp:
        place = experiment.bucket(occasion.tenant.name, row.holdout_salt, occasion.customer_token)
        if place < row.holdout_bp:
            given = Assignment("holdout", given.treatment, place, 0, row.holdout_bp)
    verdict, reason = experiment.KEPT_BACK.get(given.arm, ("suppressed", ""))
    candidate.arm, candidate.arm_ppm, candidate.verdict = given.arm, given.arm_ppm, verdict
    saw = {"bucket": given.bucket, "first_bucket": given.first, "end_bucket": given.end}
    candidate.read(GateReading(gate="experiment", reason_code=reason, saw=saw))
    if reason and not occasion.shadow:
        journey = candidate.journey
        withheld = KeptBack(journey.campaign_id, journey.occurrence_key, occasion.now_ms)
        ledger.keep_back(occasion.row, withheld)
    return reason != ""


def _remember(occasion: Occasion, candidate: Candidate) -> None:
    """Count the contact that the candidate is."""
    journey, campaign = candidate.journey, candidate.policy.campaign
    contact = Contact(
        trigger_id=trigger_id_of(occasion, candidate),
        campaign_id=campaign.id,
        channel=candidate.treatment.channel,
        card_token=candidate.card_token,
        occurrence_key=journey.occurrence_key,
        step=candidate.step,
        policy_version=campaign.version,
        entered_at_ms=journey.entered_at_ms,
        decided_at_ms=occasion.now_ms,
        message_class=campaign.message_class,
        purpose=campaign.purpose,
    )
    ledger.note(occasion.row, contact)
