"""
Begin and end a customer's journeys through campaigns, and take out the steps that are due.

What begins a journey is `lifecycle.entries`.
"""

from collections.abc import Mapping, Sequence

from lifecycle import cards, entries, statements
from lifecycle.candidate import Candidate
from lifecycle.entries import (
    Sighting,
    card_token_of,
    occurrence_of,
    statement_id_in,
    statement_id_of,
)
from lifecycle.partition import TenantState
from lifecycle.policies import ActivePolicy
from schemas.campaign import Campaign, DueDateEntry, EventEntry, SilenceEntry
from schemas.events import EventData, RepaymentReceived
from schemas.state import JOURNEYS_MAX, Contact, CustomerRow, DueStep, Journey


def end(row: CustomerRow, event: EventData, exits: Mapping[str, ActivePolicy]) -> None:
    """End the journeys of the campaigns in `exits` that the event is about."""
    row.journeys = [
        journey
        for journey in row.journeys
        if journey.campaign_id not in exits
        or not ended(row, exits[journey.campaign_id].campaign, journey, event)
    ]


def begin(
    tenant: TenantState, row: CustomerRow, seen: Sighting, policies: Sequence[ActivePolicy]
) -> list[Candidate]:
    """
    Enter the campaigns that the event begins; return the steps that are due at once.

    Policies in ascending campaign id. Of a customer with `JOURNEYS_MAX` journeys no more are
    entered, which is counted beside the applied event.
    """
    at_once: list[Candidate] = []
    for policy in policies:
        journey = entries.journey_of(row, seen, policy)
        if journey is None or _spent(row, journey, policy):
            continue
        place = _place(row, policy)
        if place == JOURNEYS_MAX:
            tenant.counts.add(f"full|{tenant.name}|journeys")
            continue
        if isinstance(policy.campaign.entry, EventEntry):
            at_once += _take_at_once(journey, policy)
            if not journey.due_steps:
                continue
        row.journeys[place : place + 1] = [journey]
        tenant.timers.expect(seen.envelope.customer_token, journey)
    return at_once


def take_due(tenant: TenantState, row: CustomerRow) -> list[Candidate]:
    """
    Take every due step out of the customer's journeys; finished journeys end.

    Steps of a campaign without an active policy are taken and lead to nothing.
    """
    clocks = {"watermark": tenant.row.watermark_at_ms, "now": tenant.row.now_at_ms}
    candidates: list[Candidate] = []
    kept: list[Journey] = []
    for journey in row.journeys:
        policy = tenant.policies.get(journey.campaign_id)
        waiting: list[DueStep] = []
        for place, step in enumerate(journey.due_steps):
            if step.due_at_ms > clocks[journey.waits_on]:
                waiting.append(step)
            elif policy is not None:
                candidates.append(Candidate(policy, journey, step.step, place))
        journey.fired = journey.fired or len(waiting) < len(journey.due_steps)
        journey.due_steps = waiting
        if waiting or (policy and isinstance(policy.campaign.entry, SilenceEntry)):
            kept.append(journey)
    row.journeys = kept
    return candidates


def ended(
    row: CustomerRow, campaign: Campaign, journey: Journey | Contact, event: EventData
) -> bool:
    """Return whether an event in the campaign's exits ends this journey, or what it led to."""
    if isinstance(campaign.entry, DueDateEntry) and isinstance(event, RepaymentReceived):
        statement = statements.find(row, statement_id_in(journey.occurrence_key))
        if statement is not None and statements.repaid(row, statement):
            return True
        if event.__struct_config__.tag not in campaign.exit_on:
            return False  # a part was paid, or another bill
    return _about(row, campaign, journey, event)


def _about(
    row: CustomerRow, campaign: Campaign, journey: Journey | Contact, event: EventData
) -> bool:
    """Return whether an event is about this journey; cards are compared as what they are now."""
    occurrence = occurrence_of(campaign)
    if occurrence == "txn":
        return True
    if occurrence == "statement" and (statement_id := statement_id_of(event)):
        return statement_id == statement_id_in(journey.occurrence_key)
    card_token = card_token_of(event)
    return card_token != "" and (
        card_token == journey.card_token
        or cards.current(row, card_token) == cards.current(row, journey.card_token)
    )


def _spent(row: CustomerRow, journey: Journey, policy: ActivePolicy) -> bool:
    """Return whether the journey could only give the trigger ids of one that the customer had."""
    renewable = isinstance(policy.campaign.entry, SilenceEntry)
    for known in row.journeys:
        if (
            known.campaign_id == journey.campaign_id
            and known.occurrence_key == journey.occurrence_key
        ):
            return known.fired or not renewable
    return bool(row.contacts) and any(
        contact.campaign_id == journey.campaign_id
        and contact.occurrence_key == journey.occurrence_key
        for contact in row.contacts
    )


def _place(row: CustomerRow, policy: ActivePolicy) -> int:
    """Return where in the list a new journey goes: a silence campaign has one, else at the end."""
    if isinstance(policy.campaign.entry, SilenceEntry):
        for place, known in enumerate(row.journeys):
            if known.campaign_id == policy.campaign.id:
                return place
    return len(row.journeys)


def _take_at_once(journey: Journey, policy: ActivePolicy) -> list[Candidate]:
    """Take the steps without delay out of a journey that an event has just begun."""
    candidates = [
        Candidate(policy, journey, step.id, place)
        for place, step in enumerate(policy.campaign.steps)
        if step.delay_ms == 0
    ]
    journey.due_steps = [
        due
        for due, step in zip(journey.due_steps, policy.campaign.steps, strict=True)
        if step.delay_ms > 0
    ]
    journey.fired = bool(candidates)
    return candidates
