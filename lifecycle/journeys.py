"""
Begin and end a customer's journeys through campaigns, and take out the steps that are due.

What begins a journey is `lifecycle.entries`.
"""

from collections.abc import Mapping, Sequence

from lifecycle import cards, entries, policies, statements, timers
from lifecycle.candidate import Candidate
from lifecycle.due_steps import at_once
from lifecycle.entries import (
    ON_NOW,
    Sighting,
    card_token_of,
    occurrence_of,
    statement_id_in,
    statement_id_of,
)
from lifecycle.features.context import Context
from lifecycle.partition import TenantState
from lifecycle.policies import ActivePolicy
from schemas.campaign import AbsenceEntry, Campaign, DueDateEntry, SilenceEntry
from schemas.events import EventData, RepaymentReceived
from schemas.state import JOURNEYS_MAX, Contact, CustomerRow, DueStep, Journey


def end(
    tenant: TenantState, context: Context, seen: Sighting, exits: Mapping[str, ActivePolicy]
) -> None:
    """End the journeys of the campaigns in `exits` that the event is about."""
    row = context.row
    row.journeys = [
        journey
        for journey in row.journeys
        if journey.campaign_id not in exits
        or not ended(context, exits[journey.campaign_id], journey, seen.event)
    ]
    _count_failed(tenant, context)


def begin(
    tenant: TenantState, context: Context, seen: Sighting, entered: Sequence[ActivePolicy]
) -> list[Candidate]:
    """
    Enter the campaigns that the event begins; return the steps that are due at once.

    Policies in ascending campaign id. Of a customer with `JOURNEYS_MAX` journeys no more are
    entered, which is counted beside the applied event; only what must go at once goes all the same.
    """
    due: list[Candidate] = []
    row = context.row
    for policy in entered:
        if not policies.running(policy.campaign, context.now_ms):
            _break_silence(row, policy.campaign)
            continue
        journey = entries.journey_of(context, seen, policy)
        if journey is None or _spent(row, journey, policy):
            continue
        place = _place(row, policy)
        if place == JOURNEYS_MAX:
            tenant.counts.add(f"full|{tenant.name}|journeys")
            due += _must_go(journey, policy, context)
            continue
        if isinstance(policy.campaign.entry, ON_NOW):
            taken = _take_at_once(journey, policy, context)
            if not taken and not journey.due_steps:
                continue
            due += taken
        row.journeys[place : place + 1] = [journey]
        tenant.timers.expect(seen.envelope.customer_token, journey)
    _count_failed(tenant, context)
    return due


def take_due(tenant: TenantState, row: CustomerRow) -> list[Candidate]:
    """
    Take every due step out of the customer's journeys; `settle` ends those that are finished.

    Steps of a campaign without an active policy are taken and lead to nothing.
    """
    clocks = {"watermark": tenant.row.watermark_at_ms, "now": tenant.row.now_at_ms}
    candidates: list[Candidate] = []
    for journey in row.journeys:
        policy = tenant.policies.get(journey.campaign_id)
        waiting: list[DueStep] = []
        for place, step in enumerate(journey.due_steps):
            if step.due_at_ms > clocks[timers.clock_of(journey, step)]:
                waiting.append(step)
            elif policy is not None:
                candidates.append(Candidate(policy, journey, step.step, place))
        journey.fired = journey.fired or len(waiting) < len(journey.due_steps)
        journey.due_steps = waiting
    return candidates


def settle(tenant: TenantState, row: CustomerRow, candidates: Sequence[Candidate]) -> None:
    """
    After an occasion, let deferred steps wait for the end of quiet hours, and end what is done.

    A silence journey stays: the next purchase replaces it.
    """
    for candidate in candidates:
        if candidate.verdict == "deferred":
            step = DueStep(candidate.step, candidate.open_at_ms, deferred=True)
            candidate.journey.due_steps.append(step)
    row.journeys = [
        journey for journey in row.journeys if journey.due_steps or _stays(tenant, journey)
    ]


def context_of(tenant: TenantState, row: CustomerRow, seen: Sighting) -> Context:
    """Return the customer as of now, with the event and the card that it is about."""
    card_token = cards.current(row, card_token_of(seen.event))
    clocks = tenant.row
    return Context(
        row=row,
        now_ms=clocks.now_at_ms,
        time_zone=clocks.time_zone,
        card_token=card_token,
        statement=None,
        journey=None,
        event=seen.event,
        failed=[],
        segments=tenant.segments.in_force,
    )


def ended(
    context: Context, policy: ActivePolicy, journey: Journey | Contact, event: EventData
) -> bool:
    """Return whether an event in the campaign's exits ends this journey, or what it led to."""
    row, campaign = context.row, policy.campaign
    if isinstance(campaign.entry, DueDateEntry) and isinstance(event, RepaymentReceived):
        statement = statements.find(row, statement_id_in(journey.occurrence_key))
        if statement is not None and statements.repaid(row, statement):
            return True  # of a part, or another bill, the campaign's own exits say more
    return _about(row, campaign, journey, event) and _leads_out(context, policy, event)


def _stays(tenant: TenantState, journey: Journey) -> bool:
    """Return whether a journey without due steps is kept."""
    policy = tenant.policies.get(journey.campaign_id)
    return policy is not None and isinstance(policy.campaign.entry, SilenceEntry)


def _count_failed(tenant: TenantState, context: Context) -> None:
    """Count the rules that could not be computed: a campaign that never begins is to be seen."""
    if context.failed:
        for campaign_id in context.failed:
            tenant.counts.add(f"rule_error|{tenant.name}|{campaign_id}")
        context.failed.clear()


def _break_silence(row: CustomerRow, campaign: Campaign) -> None:
    """End the silence that a purchase breaks and, outside of the dates, does not begin anew."""
    if isinstance(campaign.entry, SilenceEntry):
        row.journeys = [one for one in row.journeys if one.campaign_id != campaign.id]


def _leads_out(context: Context, policy: ActivePolicy, event: EventData) -> bool:
    """Return whether the event is what an absence waited for, or meets one of the exits."""
    entry, event_type = policy.campaign.entry, event.__struct_config__.tag
    if isinstance(entry, AbsenceEntry) and entry.without == event_type:
        return True
    return event_type in policy.campaign.exit_on or any(
        asked.on == event_type and asked.met(context) for asked in policy.ends
    )


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


def _must_go(journey: Journey, policy: ActivePolicy, context: Context) -> list[Candidate]:
    """Return the steps of a mandatory campaign that are due at once: they wait for no place."""
    campaign = policy.campaign
    if campaign.message_class != "mandatory" or not isinstance(campaign.entry, ON_NOW):
        return []
    return _take_at_once(journey, policy, context)


def _take_at_once(journey: Journey, policy: ActivePolicy, context: Context) -> list[Candidate]:
    """Take the steps that wait for nothing out of a journey that an event has just begun."""
    steps = policy.campaign.steps
    candidates = [
        Candidate(policy, journey, step.id, place)
        for place, step in enumerate(steps)
        if at_once(step, context)
    ]
    journey.due_steps = [
        due
        for due, step in zip(journey.due_steps, steps, strict=True)
        if not at_once(step, context)
    ]
    journey.fired = bool(candidates)
    return candidates
