"""
Let a policy concern customers on file, slice by slice at the ticks (SEMANTICS P1, P2, T8).

Who fulfils the entry by what the row knows begins a journey as if by the event; waiting steps may
move to the times of the new version. Slices follow the order of tokens, so that what a tick does
depends on the journal alone, whoever goes on with it (docs/core.md 3.3).
"""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from lifecycle import beginnings, cards, milestones, policies, statements
from lifecycle.beginnings import Origin
from lifecycle.due_steps import Arrival, bill_steps, due_steps
from lifecycle.entries import statement_id_in
from lifecycle.features.context import Context
from lifecycle.ids import event_hash, occurrence_key
from lifecycle.partition import TenantState
from lifecycle.scan import Scan
from schemas.campaign import AbsenceEntry, Campaign, DueDateEntry, SilenceEntry
from schemas.events import PolicyPublished
from schemas.state import JOURNEYS_MAX, CustomerRow, DueStep, Journey
from schemas.state_tenant import TenantRow
from schemas.walk import WalkState


WALKED_PER_TICK: Final = 1_000
"""Customers looked at in one tick; each takes up to 30 us (SEMANTICS T8: 50 ms)."""

EXISTING: Final = "cardcue/existing"
"""Source of the events that nobody saw: with a milestone's time in the place of an id."""


def begin(row: TenantRow, event: PolicyPublished) -> None:
    """Begin the walk that a policy asks for, in place of any of the same campaign."""
    campaign_id, enters = event.campaign.id, event.applies_to == "existing"
    row.walks = [one for one in row.walks if one.campaign_id != campaign_id]
    if enters or event.reschedule:
        row.walks.append(WalkState(campaign_id, enters, event.reschedule))


def go_on(tenant: TenantState) -> bool:
    """Walk the slice of this tick; return whether it has to be asked for again."""
    if not tenant.row.walks:
        return False
    walk = tenant.row.walks[0]
    if tenant.walk_scan is None:
        tokens = chain(tenant.stored, tenant.changed.keys() - tenant.stored.keys())
        tenant.walk_scan = Scan(tokens, walk.cursor, WALKED_PER_TICK)
    if tenant.walk_scan.go_on():
        return True
    slice_tokens, tenant.walk_scan = tenant.walk_scan.found, None
    for customer_token in slice_tokens:
        _look_at(tenant, walk, customer_token)
        walk.cursor = customer_token
    if len(slice_tokens) < WALKED_PER_TICK:
        tenant.row.walks.pop(0)
    tenant.row_changed = True
    return False


def _look_at(tenant: TenantState, walk: WalkState, customer_token: str) -> None:
    """Move and enter what concerns one customer."""
    row = tenant.customer(customer_token)
    campaign = tenant.policies[walk.campaign_id].campaign
    moved = walk.moves and _move(tenant.row, row, campaign)
    entered = walk.enters and _enter(tenant, row, campaign)
    if moved or entered:
        tenant.changed[customer_token] = row
        tenant.timers.note(customer_token, row)


def _enter(tenant: TenantState, row: CustomerRow, campaign: Campaign) -> bool:
    """Begin the journeys that the row gives cause for; return whether any was begun."""
    entered = False
    if not policies.running(campaign, tenant.row.now_at_ms):
        return entered
    for journey in _journeys(_context(tenant.row, row), campaign, _arrival(tenant.row)):
        if len(row.journeys) >= JOURNEYS_MAX:
            tenant.counts.add(f"full|{tenant.name}|journeys")
            continue
        row.journeys.append(journey)
        entered = True
    return entered


def _context(clocks: TenantRow, row: CustomerRow) -> Context:
    """Return the customer as of now, about no card."""
    return Context(row, clocks.now_at_ms, clocks.time_zone, "", None, None)


def _arrival(clocks: TenantRow) -> Arrival:
    """Return when what the row knows was known: by now, of whatever source (T5)."""
    return Arrival(clocks.now_at_ms, clocks.lateness_ms_max)


def _journeys(context: Context, campaign: Campaign, arrival: Arrival) -> Iterator[Journey]:
    """Yield the journeys that the row gives cause for."""
    entry = campaign.entry
    if isinstance(entry, AbsenceEntry):
        yield from _absences(context, campaign, entry, arrival)
    elif isinstance(entry, SilenceEntry):
        yield from _silences(context, campaign, entry, arrival)
    elif isinstance(entry, DueDateEntry):
        yield from _bills(context.row, campaign, entry, arrival)


def _absences(
    context: Context, campaign: Campaign, entry: AbsenceEntry, arrival: Arrival
) -> Iterator[Journey]:
    """Yield a journey for every card that has come to `after` and not to `without`."""
    row = context.row
    if entry.rule is not None or not (
        {entry.after, entry.without} <= milestones.MILESTONE_BY_TYPE.keys()
    ):
        return
    trodden = {cards.current(row, token) for _, token, _ in _trodden(row, campaign)}
    for card in sorted(row.cards, key=lambda one: one.card_token):
        token = card.card_token
        since_ms = milestones.reached_at_ms(row, token, entry.after)
        if card.replaced_by or token in trodden or not since_ms:
            continue
        if milestones.reached(row, token, entry.without):
            continue
        steps = due_steps(campaign, since_ms, context, arrival)
        yield beginnings.journey(campaign, _origin(token, token, since_ms), "watermark", steps)


def _silences(
    context: Context, campaign: Campaign, entry: SilenceEntry, arrival: Arrival
) -> Iterator[Journey]:
    """Yield the silence since the last purchase."""
    row = context.row
    key = beginnings.last_purchase(row).occurrence_key
    ways = _trodden(row, campaign)
    if row.spend_count and not any(is_journey or other == key for other, _, is_journey in ways):
        yield beginnings.silence(context, campaign, entry, arrival)


def _bills(
    row: CustomerRow, campaign: Campaign, entry: DueDateEntry, arrival: Arrival
) -> Iterator[Journey]:
    """Yield a journey for every open bill of which a step can still be due."""
    trodden = {statement_id_in(key) for key, _, _ in _trodden(row, campaign)}
    for bill in sorted(row.statements, key=lambda one: one.statement_id):
        if bill.statement_id in trodden or not bill.issued_at_ms:
            continue
        if bill.total_due_minor < entry.total_due_minor_min or statements.repaid(row, bill):
            continue
        if steps := bill_steps(campaign, bill.due_at_ms, arrival):
            origin = _origin(bill.statement_id, bill.card_token, bill.issued_at_ms)
            yield beginnings.journey(campaign, origin, "watermark", steps)


def _trodden(row: CustomerRow, campaign: Campaign) -> Iterator[tuple[str, str, bool]]:
    """Yield occurrence key and card of the campaign's journeys (True) and contacts (False)."""
    for journey in row.journeys:
        if journey.campaign_id == campaign.id:
            yield journey.occurrence_key, journey.card_token, True
    for contact in row.contacts:
        if contact.campaign_id == campaign.id:
            yield contact.occurrence_key, contact.card_token, False


def _origin(about: str, card_token: str, since_ms: int) -> Origin:
    """Return what began with a card or a bill at a time, as if by the event of that time."""
    key = occurrence_key(about, event_hash(EXISTING, str(since_ms)))
    return Origin(key, card_token, "", since_ms)


def _move(clocks: TenantRow, row: CustomerRow, campaign: Campaign) -> bool:
    """Move the waiting steps that the active version knows; return whether any has moved."""
    ids = {step.id for step in campaign.steps}
    moved = False
    for journey in row.journeys:
        waiting = [one for one in journey.due_steps if one.step in ids and not one.deferred]
        if journey.campaign_id != campaign.id or not waiting:
            continue
        times = _new_times(clocks, row, campaign, journey)
        if times is not None:
            kept = [one for one in journey.due_steps if one.deferred or one.step not in ids]
            journey.due_steps = [
                one if one in kept else DueStep(one.step, times[one.step])
                for one in journey.due_steps
                if one in kept or one.step in times
            ]
            moved = True
    return moved


def _new_times(
    clocks: TenantRow, row: CustomerRow, campaign: Campaign, journey: Journey
) -> dict[str, int] | None:
    """Return when the active version's steps are due for a journey, None where nobody knows."""
    context, arrival, entry = _context(clocks, row), _arrival(clocks), campaign.entry
    if isinstance(entry, SilenceEntry):
        steps = beginnings.silent_steps(context, campaign, entry, arrival)
    elif isinstance(entry, DueDateEntry):
        bill = statements.find(row, statement_id_in(journey.occurrence_key))
        if bill is None or not bill.issued_at_ms:
            return None
        steps = bill_steps(campaign, bill.due_at_ms, arrival)
    else:
        needless = arrival if isinstance(entry, AbsenceEntry) else None
        steps = due_steps(campaign, journey.entered_at_ms, context, needless)
    return {one.step: one.due_at_ms for one in steps}
