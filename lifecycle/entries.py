"""
Say what begins a journey and when its steps are due (SEMANTICS T4, T5, P1).

An event that another should follow (absence), a purchase that another should follow in the
customer's own rhythm (silence), a bill that should be repaid before its due date ends: these wait
on the watermark, because only what was read can be missed. An event by itself, so many of them,
one after the other, a habit in decline: these wait on now.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from lifecycle import beginnings, entry_memory, milestones, statements
from lifecycle.beginnings import Origin
from lifecycle.due_steps import Arrival, bill_steps, due_steps
from lifecycle.features.context import Context
from lifecycle.features.declared import FEATURES
from lifecycle.ids import occurrence_key
from lifecycle.policies import ActivePolicy
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    CountEntry,
    DriftEntry,
    DueDateEntry,
    EventEntry,
    LargePurchaseCondition,
    SequenceEntry,
    SilenceEntry,
    StatementCondition,
)
from schemas.entries import Entry
from schemas.events import CardIssued, EventData, StatementIssued, TxnPosted
from schemas.journal import JournalEnvelope
from schemas.state import CustomerRow, DueStep, Journey


ON_NOW: Final = (EventEntry, CountEntry, SequenceEntry, DriftEntry)
"""Kinds of entry whose steps nothing can make needless but an exit."""

DRIFTS: Final = {
    "frequency": ("frequency_drift_ppm",),
    "amount": ("amount_drift_ppm",),
    "either": ("frequency_drift_ppm", "amount_drift_ppm"),
}
"""The features that say how far which habit has declined."""


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

    @property
    def arrival(self) -> Arrival:
        """Return when it came, and how late its source may be."""
        return Arrival(self.envelope.journal_at_ms, self.envelope.lateness_ms)


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


def journey_of(context: Context, seen: Sighting, policy: ActivePolicy) -> Journey | None:
    """
    Return the journey that this event begins in the policy's campaign, None for none.

    `context` is the customer as of now, with the event; what a count or a sequence has seen is
    remembered in its row.
    """
    entry = policy.campaign.entry
    return _JOURNEY_OF[type(entry)](context, seen, policy, entry)


def _absence(
    context: Context, seen: Sighting, policy: ActivePolicy, entry: AbsenceEntry
) -> Journey | None:
    """Enter unless what should follow is known already, or this entry may be a repeat."""
    event = seen.event
    new = seen.first if entry.after in milestones.MILESTONE_BY_TYPE else not seen.repeatable
    if isinstance(event, CardIssued) and event.issue_type != "new":
        new = False  # who had the card before knows what to do with it
    if not new or milestones.reached(context.row, context.card_token, entry.without):
        return None
    if not policy.begins[0].met(context):
        return None
    steps = due_steps(policy.campaign, seen.envelope.occurred_at_ms, context, seen.arrival)
    return _journey(policy, seen, "watermark", steps)


def _silence(
    context: Context, seen: Sighting, policy: ActivePolicy, entry: SilenceEntry
) -> Journey | None:
    """
    Enter with the last purchase known, which need not be the one that has just come.

    An older purchase that comes late moves the due times of the silence under way; where there is
    none (an exit ended it), it begins none.
    """
    row = context.row
    is_last = seen.identity == row.last_spend_hash
    if not is_last and all(known.campaign_id != policy.campaign.id for known in row.journeys):
        return None
    return beginnings.silence(context, policy.campaign, entry, seen.arrival)


def _due_date(
    context: Context, seen: Sighting, policy: ActivePolicy, entry: DueDateEntry
) -> Journey | None:
    """Enter with a bill that is not repaid, unless every step would come after its due date."""
    event = seen.event
    if seen.repeatable or not isinstance(event, StatementIssued):
        return None
    known = statements.find(context.row, event.statement_id)
    if event.total_due_minor < entry.total_due_minor_min or (
        known is not None and statements.repaid(context.row, known)
    ):
        return None
    end_at_ms = statements.end_of_day_ms(event.due_date)
    steps = bill_steps(policy.campaign, end_at_ms, seen.arrival)
    return _journey(policy, seen, "watermark", steps) if steps else None


def _event(
    context: Context, seen: Sighting, policy: ActivePolicy, entry: EventEntry
) -> Journey | None:
    """Enter where a condition for this type of event holds."""
    if seen.repeatable:
        return None
    if _qualifies(context.row, seen.event, entry) or _places(context, seen, policy):
        return _journey_at_once(context, seen, policy)
    return None


def _count(
    context: Context, seen: Sighting, policy: ActivePolicy, entry: CountEntry
) -> Journey | None:
    """Enter with the event that makes enough of them within the window."""
    if seen.repeatable or not _places(context, seen, policy):
        return None
    at_ms = seen.envelope.occurred_at_ms
    complete = entry_memory.counted(context.row, policy.campaign.id, entry, at_ms)
    return _journey_at_once(context, seen, policy) if complete else None


def _sequence(
    context: Context, seen: Sighting, policy: ActivePolicy, entry: SequenceEntry
) -> Journey | None:
    """Enter with the event that makes the sequence whole, whichever of its steps that is."""
    steps = [] if seen.repeatable else _places(context, seen, policy)
    if not steps:
        return None
    at_ms = seen.envelope.occurred_at_ms
    complete = entry_memory.followed(context.row, policy.campaign.id, entry, steps, at_ms)
    return _journey_at_once(context, seen, policy) if complete else None


def _drift(
    context: Context, seen: Sighting, policy: ActivePolicy, entry: DriftEntry
) -> Journey | None:
    """
    Enter with a purchase, counted already, after which the habit has declined so far.

    Not while a journey is under way: further purchases see the same decline.
    """
    if any(known.campaign_id == policy.campaign.id for known in context.row.journeys):
        return None
    declines = (FEATURES[name].read(context) for name in DRIFTS[entry.of])
    declined = any(isinstance(ppm, int) and ppm >= entry.decline_ppm_min for ppm in declines)
    if not declined or not policy.begins[0].met(context):
        return None
    return _journey_at_once(context, seen, policy)


_Begin: TypeAlias = Callable[[Context, Sighting, ActivePolicy, Any], Journey | None]

_JOURNEY_OF: Final[dict[type[Entry], _Begin]] = {
    AbsenceEntry: _absence,
    SilenceEntry: _silence,
    DueDateEntry: _due_date,
    EventEntry: _event,
    CountEntry: _count,
    SequenceEntry: _sequence,
    DriftEntry: _drift,
}


def _places(context: Context, seen: Sighting, policy: ActivePolicy) -> list[int]:
    """Return which of the entry's conditions the event meets."""
    event_type = seen.event.__struct_config__.tag
    return [
        place
        for place, asked in enumerate(policy.begins)
        if asked.on == event_type and asked.met(context)
    ]


def _journey_at_once(context: Context, seen: Sighting, policy: ActivePolicy) -> Journey:
    """Return a journey whose steps wait on now, with the event's sum of money if it has one."""
    event = seen.event
    steps = due_steps(policy.campaign, seen.envelope.occurred_at_ms, context, None)
    journey = _journey(policy, seen, "now", steps)
    journey.amount_minor = getattr(event, "total_due_minor", getattr(event, "amount_minor", 0))
    journey.currency = getattr(event, "currency", "")
    return journey


def _journey(policy: ActivePolicy, seen: Sighting, waits_on: str, steps: list[DueStep]) -> Journey:
    """Return a journey that begins with the event."""
    campaign, envelope = policy.campaign, seen.envelope
    origin = Origin(
        _occurrence_key(campaign, seen),
        card_token_of(seen.event),
        envelope.event_id,
        envelope.occurred_at_ms,
    )
    return beginnings.journey(campaign, origin, waits_on, steps)


def _occurrence_key(campaign: Campaign, seen: Sighting) -> str:
    """Return what makes this journey another than the campaign's others (SEMANTICS B1)."""
    about, occurrence = "", occurrence_of(campaign)
    if occurrence == "statement":
        about = statement_id_of(seen.event)
    elif occurrence == "txn":
        about = getattr(seen.event, "txn_id", "")
    return occurrence_key(about or card_token_of(seen.event), seen.identity)


def _qualifies(row: CustomerRow, event: EventData, entry: EventEntry) -> bool:
    """Return whether the house's own condition for this type of event is met."""
    for condition in entry.any_of:
        if isinstance(condition, StatementCondition) and isinstance(event, StatementIssued):
            return event.total_due_minor >= condition.total_due_minor_min and (
                event.instalment_eligible or not condition.instalment_eligible
            )
        if isinstance(condition, LargePurchaseCondition) and isinstance(event, TxnPosted):
            return _large(row, event, condition)
    return False


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
