"""
Let a policy concern customers on file, slice by slice at the ticks (SEMANTICS P1, P2, T8).

Who fulfils the entry by what the row knows begins a journey as if by the event; waiting steps may
move to the times of the new version. Slices follow the order of tokens, so that what a tick does
depends on the journal alone, whoever goes on with it (docs/core.md 3.3).
"""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from lifecycle import cards, milestones, policies, rhythm, statements
from lifecycle.due_steps import AT_MS_MAX, at_hour
from lifecycle.entries import statement_id_in
from lifecycle.ids import event_hash, occurrence_key
from lifecycle.partition import TenantState
from lifecycle.quiet_hours import zone_of
from lifecycle.scan import Scan
from schemas.campaign import AbsenceEntry, Campaign, DueDateEntry, SilenceEntry
from schemas.events import PolicyPublished
from schemas.state import JOURNEYS_MAX, CustomerRow, DueStep, Journey, StatementState
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
    for journey in _journeys(tenant.row, row, campaign):
        if len(row.journeys) >= JOURNEYS_MAX:
            tenant.counts.add(f"full|{tenant.name}|journeys")
            continue
        row.journeys.append(journey)
        entered = True
    return entered


def _journeys(clocks: TenantRow, row: CustomerRow, campaign: Campaign) -> Iterator[Journey]:
    """Yield the journeys that the row gives cause for."""
    entry = campaign.entry
    if isinstance(entry, AbsenceEntry):
        yield from _absences(clocks, row, campaign, entry)
    elif isinstance(entry, SilenceEntry):
        yield from _silences(clocks, row, campaign, entry)
    elif isinstance(entry, DueDateEntry):
        yield from _bills(clocks, row, campaign, entry)


def _absences(
    clocks: TenantRow, row: CustomerRow, campaign: Campaign, entry: AbsenceEntry
) -> Iterator[Journey]:
    """Yield a journey for every card that has come to `after` and not to `without`."""
    if entry.rule is not None or not (
        {entry.after, entry.without} <= milestones.MILESTONE_BY_TYPE.keys()
    ):
        return
    known = {cards.current(row, token) for _, token, _ in _trodden(row, campaign)}
    for card in sorted(row.cards, key=lambda one: one.card_token):
        token = card.card_token
        since_ms = milestones.reached_at_ms(row, token, entry.after)
        if card.replaced_by or token in known or not since_ms:
            continue
        if milestones.reached(row, token, entry.without):
            continue
        due_steps = _due_steps(clocks, row, campaign, since_ms)
        yield _journey(campaign, token, (token, since_ms), due_steps)


def _silences(
    clocks: TenantRow, row: CustomerRow, campaign: Campaign, entry: SilenceEntry
) -> Iterator[Journey]:
    """Yield the silence since the last purchase."""
    key = occurrence_key(row.last_spend_card_token, row.last_spend_hash)
    ways = list(_trodden(row, campaign))
    if not row.spend_count or any(is_journey or known == key for known, _, is_journey in ways):
        return
    yield Journey(
        campaign_id=campaign.id,
        policy_version=campaign.version,
        occurrence_key=key,
        card_token=row.last_spend_card_token,
        entry_event_id=row.last_spend_event_id,
        entered_at_ms=row.last_spend_at_ms,
        waits_on="watermark",
        due_steps=_silent_steps(clocks, row, campaign, entry),
    )


def _bills(
    clocks: TenantRow, row: CustomerRow, campaign: Campaign, entry: DueDateEntry
) -> Iterator[Journey]:
    """Yield a journey for every open bill of which a step can still be due."""
    known = {statement_id_in(key) for key, _, _ in _trodden(row, campaign)}
    for bill in sorted(row.statements, key=lambda one: one.statement_id):
        if bill.statement_id in known or not bill.issued_at_ms:
            continue
        if bill.total_due_minor < entry.total_due_minor_min or statements.repaid(row, bill):
            continue
        if due_steps := _bill_steps(clocks, campaign, bill):
            about = (bill.statement_id, bill.issued_at_ms)
            yield _journey(campaign, bill.card_token, about, due_steps)


def _trodden(row: CustomerRow, campaign: Campaign) -> Iterator[tuple[str, str, bool]]:
    """Yield occurrence key and card of the campaign's journeys (True) and contacts (False)."""
    for journey in row.journeys:
        if journey.campaign_id == campaign.id:
            yield journey.occurrence_key, journey.card_token, True
    for contact in row.contacts:
        if contact.campaign_id == campaign.id:
            yield contact.occurrence_key, contact.card_token, False


def _journey(
    campaign: Campaign, card_token: str, about: tuple[str, int], due_steps: list[DueStep]
) -> Journey:
    """Return a journey about a card or a bill since a time, as if by the event of that time."""
    name, since_ms = about
    return Journey(
        campaign_id=campaign.id,
        policy_version=campaign.version,
        occurrence_key=occurrence_key(name, event_hash(EXISTING, str(since_ms))),
        card_token=card_token,
        entry_event_id="",
        entered_at_ms=since_ms,
        waits_on="watermark",
        due_steps=due_steps,
    )


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
    entry = campaign.entry
    if isinstance(entry, SilenceEntry):
        steps = _silent_steps(clocks, row, campaign, entry)
    elif isinstance(entry, DueDateEntry):
        bill = statements.find(row, statement_id_in(journey.occurrence_key))
        if bill is None or not bill.issued_at_ms:
            return None
        steps = _bill_steps(clocks, campaign, bill)
    elif isinstance(entry, AbsenceEntry):
        steps = _due_steps(clocks, row, campaign, journey.entered_at_ms)
    else:
        steps = _plain_steps(clocks, row, campaign, journey.entered_at_ms)
    return {one.step: one.due_at_ms for one in steps}


def _due_steps(
    clocks: TenantRow, row: CustomerRow, campaign: Campaign, from_ms: int
) -> list[DueStep]:
    """Return the steps after a time, none before all that was read by now has come (T5)."""
    return [
        DueStep(one.step, _once_read(clocks, one.due_at_ms))
        for one in _plain_steps(clocks, row, campaign, from_ms)
    ]


def _plain_steps(
    clocks: TenantRow, row: CustomerRow, campaign: Campaign, from_ms: int
) -> list[DueStep]:
    """Return the steps after a time, at their local hours."""
    zone = zone_of(row.profile.time_zone if row.profile else "", clocks.time_zone)
    return [
        DueStep(step.id, at_hour(step, from_ms + step.delay_ms, zone))
        for step in campaign.steps
        if from_ms + step.delay_ms <= AT_MS_MAX
    ]


def _silent_steps(
    clocks: TenantRow, row: CustomerRow, campaign: Campaign, entry: SilenceEntry
) -> list[DueStep]:
    """Return the steps of a silence as the customer's rhythm is now."""
    from_ms = rhythm.silent_until_ms(entry, row)
    return [] if from_ms is None else _due_steps(clocks, row, campaign, from_ms)


def _bill_steps(clocks: TenantRow, campaign: Campaign, bill: StatementState) -> list[DueStep]:
    """Return the steps before a bill's due date ends that can still be due."""
    return [
        DueStep(step.id, due_at_ms)
        for step in campaign.steps
        if (due_at_ms := _once_read(clocks, bill.due_at_ms - step.lead_ms)) < bill.due_at_ms
    ]


def _once_read(clocks: TenantRow, due_at_ms: int) -> int:
    """Return when what happened before the due time has been read, of whatever source."""
    return max(due_at_ms, clocks.now_at_ms) + clocks.lateness_ms_max
