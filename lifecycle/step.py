"""
START HERE: the front door of the lifecycle fold, `step(state, record) -> effects`.

Pure but for the partition's state, which it changes in place: no clock, no I/O, no randomness.
Time is the record's time. The rules are in docs/core.md, section 3.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from lifecycle import (
    cancelling,
    counted,
    fallback,
    forwarding,
    guardrails,
    journeys,
    late_truth,
    milestones,
    objections,
    outcomes,
    ring,
    segments,
    settling,
    walk,
)
from lifecycle.control import take_control
from lifecycle.entries import Sighting, card_token_of
from lifecycle.ids import content_check, event_hash
from lifecycle.moves import MOVES_STATUS, NO_REACH, Mover, Reach
from lifecycle.occasion import decide
from lifecycle.partition import PartitionState, TenantState
from lifecycle.policies import NO_PLAN
from lifecycle.records import Effect, Occasion
from lifecycle.reducers import learn
from lifecycle.timers import earliest_due
from schemas.events import AnyEvent, ErasureRequested, StatementIssued, TxnPosted, TxnReversed
from schemas.insight import ChoicePublished, GuardrailTripped
from schemas.journal import JournalEnvelope, Tick
from schemas.learning import ModelPublished
from schemas.rejects import IgnoreReason
from schemas.segments import SegmentsPublished
from schemas.state import CustomerRow


FIRED_COUNT_MAX: Final = 256
"""Customers who fire in one bite of a tick; each takes about 25 us (SEMANTICS T8: 50 ms)."""

LOOKED_COUNT_MAX: Final = 4_096
"""Customers looked at in one bite, fired or found not due yet after all."""


SPEND: Final = frozenset({TxnPosted, TxnReversed})
"""Events that correct and end, whatever kept them from being counted (docs/core.md 3.2.5)."""


Heard: TypeAlias = ModelPublished | ChoicePublished | SegmentsPublished | GuardrailTripped
"""What other folds put into every journal partition."""


class Effects(NamedTuple):
    """What a record leads to, in order; `more`: step again with the same record."""

    records: Sequence[Effect] = ()
    more: bool = False


NOTHING: Final = Effects()


def step(state: PartitionState, envelope: JournalEnvelope) -> Effects:
    """
    Fold one record of the journal into its partition's state; return what it leads to.

    A tick that concerns many customers is folded in several steps; what it has done so far is in
    the customers' rows, so it may also go on in another process (SEMANTICS T8).
    """
    tenant = state.tenant(envelope.tenant)
    tenant.advance(envelope)
    record = envelope.record
    if isinstance(record, Tick):
        tenant.advance_to(record)
        return _tick(tenant, envelope)
    if isinstance(record, ModelPublished | ChoicePublished | SegmentsPublished | GuardrailTripped):
        _heed(tenant, record)
        return NOTHING
    if envelope.customer_token:
        return _event(tenant, envelope, record)
    return Effects(forwarding.told(tenant, envelope, take_control(tenant, envelope, record)))


def _heed(tenant: TenantState, record: Heard) -> None:
    """Let what other folds have found decide from where it stands in the journal (L1)."""
    why_not: IgnoreReason | None = None
    match record:
        case ModelPublished():
            why_not = tenant.snapshots.adopt(record)
        case ChoicePublished():
            why_not = tenant.choices.adopt(record)
        case SegmentsPublished():
            why_not = tenant.segments.adopt(record)
        case GuardrailTripped():
            why_not = None if guardrails.trip(tenant, record) else "STALE_VERSION"
    kind = record.__struct_config__.tag
    tenant.counts.add(f"control|{tenant.name}|{why_not or kind}")


def _event(tenant: TenantState, envelope: JournalEnvelope, event: AnyEvent) -> Effects:
    """Fold a customer's event, step by step as docs/core.md 3.2 has them."""
    customer_token, occurred_at_ms = envelope.customer_token, envelope.occurred_at_ms
    if tenant.erased.markers and tenant.is_erased(customer_token):
        return _ignored(tenant, "ERASED")
    if isinstance(event, ErasureRequested):
        moved = Mover(tenant, envelope).erased()
        tenant.erase(customer_token, occurred_at_ms)
        tenant.counts.add(tenant.applied_keys[ErasureRequested])
        return Effects(moved)
    row = tenant.customer(customer_token)
    identity = event_hash(envelope.event_source, envelope.event_id)
    content, place = content_check(event), ring.find(row, identity)
    if place >= 0:
        same = row.ring_content[place] == content
        return _ignored(tenant, "DUPLICATE" if same else "ID_CONFLICT")
    tenant.changed[customer_token] = row
    repeatable = not ring.remember(row, occurred_at_ms, identity, content)
    reach = _reach(tenant, row, envelope, event)
    if reach is None:
        return _ignored(tenant, "STATE_FULL")
    seen = Sighting(envelope, event, identity, repeatable, reach.is_first)
    return _taught(tenant, row, seen, [*reach.moved])


def _taught(
    tenant: TenantState, row: CustomerRow, seen: Sighting, effects: list[Effect]
) -> Effects:
    """Let the event teach what it does, then correct, end, begin and decide; count it."""
    ignored = learn(tenant, row, seen, effects)
    kind = type(seen.event)
    # what was bought or paid back is true, whether or not it could be counted
    if ignored is None or ignored == "LATE_FOR_COUNTERS" or kind in SPEND:
        _follow(tenant, row, seen, effects, enters=ignored is None)
    elif ignored == "UNKNOWN_TRIGGER" and row.exposures:  # the exposure outlives the contact
        effects += objections.raised(tenant, row, seen, applied=False)
    if ignored is None:
        tenant.counts.add(tenant.applied_keys[kind])
        if kind is StatementIssued:
            seen_now = segments.observed(tenant.name, tenant.row.now_at_ms, row, seen)
            effects += () if seen_now is None else (seen_now,)
    else:
        tenant.ignore(ignored)
    return _counted(tenant, effects) if effects else NOTHING


def _ignored(tenant: TenantState, reason: IgnoreReason) -> Effects:
    """Count an event that changes nothing."""
    tenant.ignore(reason)
    return NOTHING


def _counted(tenant: TenantState, effects: list[Effect], *, more: bool = False) -> Effects:
    """Count what a record has led to."""
    for effect in effects:
        for key in counted.keys(effect):
            tenant.counts.add(key)
    return Effects(effects, more)


def _reach(
    tenant: TenantState, row: CustomerRow, envelope: JournalEnvelope, event: AnyEvent
) -> Reach | None:
    """Move the event's card: what it has reached, or its status; None if no card fits."""
    kind = type(event)
    milestone = milestones.MILESTONE_BY_EVENT.get(kind)
    if milestone is None:
        return Mover(tenant, envelope).taken(row, event) if kind in MOVES_STATUS else NO_REACH
    new = milestones.merge(row, milestone, card_token_of(event), envelope.occurred_at_ms)
    if not new:
        return None if new is None else NO_REACH
    if milestone in milestones.COUNTED:
        tenant.counts.add(f"milestone|{tenant.name}|{milestone}")
    return Mover(tenant, envelope).reached(row, milestone, new)


def _follow(
    tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    effects: list[Effect],
    *,
    enters: bool,
) -> None:
    """Correct past contacts, end journeys, begin journeys, and decide what is due at once."""
    plan, envelope = tenant.plans.get(type(seen.event), NO_PLAN), seen.envelope
    if row.exposures:
        effects += outcomes.shown(tenant, row, seen, plan.truths, counted=enters)
        effects += objections.raised(tenant, row, seen, applied=enters)
    if row.contacts and plan.truths:
        effects += late_truth.correct(tenant, row, seen, plan.truths)
    if row.contacts:
        effects += cancelling.cancel(tenant, row, seen, plan.exits)
        effects += fallback.follow(tenant, row, seen)
    ends, begins = row.journeys and plan.exits, enters and plan.entries
    if not (ends or begins):
        return
    context = journeys.context_of(tenant, row, seen)
    if ends:
        journeys.end(tenant, context, seen, plan.exits)
    if not begins:
        return
    at_once = journeys.begin(tenant, context, seen, plan.entries)
    if at_once:
        shadow = tenant.shadowed(envelope)
        effects += decide(Occasion(tenant, envelope.customer_token, row, shadow, envelope), at_once)
        journeys.settle(tenant, row, at_once)
        tenant.timers.note(envelope.customer_token, row)


def _tick(tenant: TenantState, envelope: JournalEnvelope) -> Effects:
    """Let customers fire in the order of (earliest due step, token), a bite at a time."""
    clocks, shadow = tenant.row, tenant.shadowed(envelope)
    records: list[Effect] = []
    fired = looked = 0
    while fired < FIRED_COUNT_MAX and looked < LOOKED_COUNT_MAX:
        entry = tenant.timers.next_due(clocks.watermark_at_ms, clocks.now_at_ms)
        if entry is None:
            return _counted(tenant, records, more=walk.go_on(tenant))
        due_at_ms, customer_token = entry
        row = tenant.customer(customer_token)
        looked += 1
        if earliest_due(row, clocks.watermark_at_ms, clocks.now_at_ms) == due_at_ms:
            fired += 1
            tenant.changed[customer_token] = row
            occasion = Occasion(tenant, customer_token, row, shadow, envelope)
            records += settling.settle(occasion)
            candidates = journeys.take_due(tenant, row)
            records += decide(occasion, candidates)
            journeys.settle(tenant, row, candidates)
        tenant.timers.note(customer_token, row)
    return _counted(tenant, records, more=True)
