"""
Say what begins a journey and when its steps are due (SEMANTICS T4, T5, P1).

Four kinds of entry: an event that another should follow (absence), a purchase that another
should follow in the customer's own rhythm (silence), a bill that should be repaid before its due
date ends, or an event by itself. The first three wait on the watermark, because only what was
read can be missed; the last waits on now.
"""

from typing import Final, NamedTuple

from lifecycle import cards, milestones, rhythm, statements
from lifecycle.ids import occurrence_key
from lifecycle.policies import ActivePolicy
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    DueDateEntry,
    EventEntry,
    LargePurchaseCondition,
    SilenceEntry,
    StatementCondition,
)
from schemas.events import CardIssued, EventData, StatementIssued, TxnPosted
from schemas.journal import JournalEnvelope
from schemas.state import CustomerRow, DueStep, Journey


AT_MS_MAX: Final = 2**53
"""No timer is due later: it would never fire, and a row could not hold it."""


class Sighting(NamedTuple):
    """
    An event that may begin a journey, with what only the moment of its arrival can tell.

    `identity` is what the ring remembers of it, its source and id in one number (SEMANTICS B2).
    `repeatable`: it lies at or below the ring's floor, so it may have been here before without
    our knowing (SEMANTICS B2). `first`: the card had not reached this milestone before.
    """

    envelope: JournalEnvelope
    event: EventData
    identity: int
    repeatable: bool
    first: bool


def card_token_of(event: EventData) -> str:
    """Return the card that an event is about, "" for none."""
    token: str = getattr(event, "card_token", "")
    return token


def statement_id_of(event: EventData) -> str:
    """Return the statement that an event is about, "" for none."""
    statement_id: str = getattr(event, "statement_id", "")
    return statement_id


def statement_id_in(occurrence_key: str) -> str:
    """Return the statement that a journey of occurrence `statement` is about, or else its card."""
    return occurrence_key.rpartition("|")[0]


def occurrence_of(campaign: Campaign) -> str:
    """Return what sets the campaign's journeys apart; a due date is always a statement's."""
    return "statement" if isinstance(campaign.entry, DueDateEntry) else campaign.occurrence


def journey_of(row: CustomerRow, seen: Sighting, policy: ActivePolicy) -> Journey | None:
    """Return the journey that this event begins in the policy's campaign, None for none."""
    entry = policy.campaign.entry
    if isinstance(entry, SilenceEntry):
        return _silence(row, seen, policy, entry)
    if isinstance(entry, AbsenceEntry):
        return _absence(row, seen, policy, entry)
    if isinstance(entry, DueDateEntry):
        return _due_date(row, seen, policy, entry)
    return _event(row, seen, policy, entry)


def _absence(
    row: CustomerRow, seen: Sighting, policy: ActivePolicy, entry: AbsenceEntry
) -> Journey | None:
    """Enter unless what should follow is known already, or this entry may be a repeat."""
    envelope, event, card_token = seen.envelope, seen.event, card_token_of(seen.event)
    new = seen.first if entry.after in milestones.MILESTONE_BY_TYPE else not seen.repeatable
    if isinstance(event, CardIssued) and event.issue_type != "new":
        new = False  # who had the card before knows what to do with it
    if not new or milestones.reached(row, cards.current(row, card_token), entry.without):
        return None
    return Journey(
        campaign_id=policy.campaign.id,
        policy_version=policy.campaign.version,
        occurrence_key=_occurrence_key(policy.campaign, seen),
        card_token=card_token,
        entry_event_id=envelope.event_id,
        entered_at_ms=envelope.occurred_at_ms,
        waits_on="watermark",
        due_steps=_due_steps(policy.campaign, envelope.occurred_at_ms, envelope),
    )


def _silence(
    row: CustomerRow, seen: Sighting, policy: ActivePolicy, entry: SilenceEntry
) -> Journey | None:
    """
    Enter with the last purchase known, which need not be the one that has just come.

    An older purchase that comes late moves the due times of the silence under way; where there is
    none (an exit ended it), it begins none.
    """
    is_last = seen.identity == row.last_spend_hash
    if not is_last and all(known.campaign_id != policy.campaign.id for known in row.journeys):
        return None
    silent_until_ms = rhythm.silent_until_ms(entry, row)
    due_steps: list[DueStep] = []
    if silent_until_ms is not None:
        due_steps = _due_steps(policy.campaign, silent_until_ms, seen.envelope)
    return Journey(
        campaign_id=policy.campaign.id,
        policy_version=policy.campaign.version,
        occurrence_key=occurrence_key(row.last_spend_card_token, row.last_spend_hash),
        card_token=row.last_spend_card_token,
        entry_event_id=row.last_spend_event_id,
        entered_at_ms=row.last_spend_at_ms,
        waits_on="watermark",
        due_steps=due_steps,
    )


def _due_date(
    row: CustomerRow, seen: Sighting, policy: ActivePolicy, entry: DueDateEntry
) -> Journey | None:
    """Enter with a bill that is not repaid, unless every step would come after its due date."""
    event, envelope = seen.event, seen.envelope
    if seen.repeatable or not isinstance(event, StatementIssued):
        return None
    known = statements.find(row, event.statement_id)
    if event.total_due_minor < entry.total_due_minor_min or (
        known is not None and statements.repaid(row, known)
    ):
        return None
    end_at_ms = statements.end_of_day_ms(event.due_date)
    due_steps = [
        DueStep(step.id, due_at_ms)
        for step in policy.campaign.steps
        if (due_at_ms := _once_read(end_at_ms - step.lead_ms, envelope)) < end_at_ms
    ]
    if not due_steps:
        return None
    return Journey(
        campaign_id=policy.campaign.id,
        policy_version=policy.campaign.version,
        occurrence_key=_occurrence_key(policy.campaign, seen),
        card_token=event.card_token,
        entry_event_id=envelope.event_id,
        entered_at_ms=envelope.occurred_at_ms,
        waits_on="watermark",
        due_steps=due_steps,
    )


def _event(
    row: CustomerRow, seen: Sighting, policy: ActivePolicy, entry: EventEntry
) -> Journey | None:
    """Enter where the condition for this type of event holds."""
    sum_minor = None if seen.repeatable else _qualifying(row, seen.event, entry)
    if sum_minor is None:
        return None
    envelope = seen.envelope
    return Journey(
        campaign_id=policy.campaign.id,
        policy_version=policy.campaign.version,
        occurrence_key=_occurrence_key(policy.campaign, seen),
        card_token=card_token_of(seen.event),
        entry_event_id=envelope.event_id,
        entered_at_ms=envelope.occurred_at_ms,
        waits_on="now",
        due_steps=_due_steps(policy.campaign, envelope.occurred_at_ms, None),
        amount_minor=sum_minor,
        currency=getattr(seen.event, "currency", ""),
    )


def _due_steps(
    campaign: Campaign, from_ms: int, waits_for: JournalEnvelope | None
) -> list[DueStep]:
    """
    Return the steps of the campaign, in its order, with the time each is due if it ever is.

    `waits_for` is the entry of an absence, whose source may bring late what ends it; None for a
    step that nothing can make needless.
    """
    dues = [(step.id, from_ms + step.delay_ms) for step in campaign.steps]
    if waits_for is None:
        return [DueStep(step, due_at_ms) for step, due_at_ms in dues if due_at_ms <= AT_MS_MAX]
    return [
        DueStep(step, _once_read(due_at_ms, waits_for))
        for step, due_at_ms in dues
        if due_at_ms <= AT_MS_MAX
    ]


def _once_read(due_at_ms: int, entry: JournalEnvelope) -> int:
    """
    Return when what happened before the due time has been read, at the source's latest (T5, ADR 9).

    The watermark says how far has been read; an event may still come `lateness_ms` behind it.
    """
    return max(due_at_ms, entry.journal_at_ms) + entry.lateness_ms


def _occurrence_key(campaign: Campaign, seen: Sighting) -> str:
    """Return what makes this journey another than the campaign's others (SEMANTICS B1)."""
    about, occurrence = "", occurrence_of(campaign)
    if occurrence == "statement":
        about = statement_id_of(seen.event)
    elif occurrence == "txn":
        about = getattr(seen.event, "txn_id", "")
    return occurrence_key(about or card_token_of(seen.event), seen.identity)


def _qualifying(row: CustomerRow, event: EventData, entry: EventEntry) -> int | None:
    """Return the sum of money that meets the entry's condition, None where it does not."""
    for condition in entry.any_of:
        if isinstance(condition, StatementCondition) and isinstance(event, StatementIssued):
            met = event.total_due_minor >= condition.total_due_minor_min and (
                event.instalment_eligible or not condition.instalment_eligible
            )
            return event.total_due_minor if met else None
        if isinstance(condition, LargePurchaseCondition) and isinstance(event, TxnPosted):
            return event.amount_minor if _large(row, event, condition) else None
    return None


def _large(row: CustomerRow, event: TxnPosted, condition: LargePurchaseCondition) -> bool:
    """Return whether a purchase, already counted, is large against those counted before it."""
    if event.amount_minor < condition.amount_minor_min:
        return False
    known = row.amounts[event.currency]
    count_before = known.spend_count - 1
    sum_before_minor = known.spend_sum_minor - event.amount_minor
    own_mean_met = (
        event.amount_minor * 100 * count_before >= condition.own_mean_percent_min * sum_before_minor
    )
    return count_before >= condition.spend_count_min and own_mean_met
