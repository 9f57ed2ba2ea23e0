"""Say when the steps of a journey are due: fixed at its entry, whatever comes later (P1)."""

from typing import Final

from lifecycle.features.context import Context
from lifecycle.quiet_hours import zone_of
from lifecycle.wall_clock import next_local_ms
from schemas.campaign import Campaign, Step
from schemas.journal import JournalEnvelope
from schemas.state import DueStep


AT_MS_MAX: Final = 2**53
"""No timer is due later: it would never fire, and a row could not hold it."""


def due_steps(
    campaign: Campaign, from_ms: int, context: Context, waits_for: JournalEnvelope | None
) -> list[DueStep]:
    """
    Return the steps of the campaign, in its order, with the time each is due if it ever is.

    `waits_for` is the entry of an absence, whose source may bring late what ends it; None for a
    step that nothing can make needless.
    """
    found: list[DueStep] = []
    for step in campaign.steps:
        if from_ms + step.delay_ms <= AT_MS_MAX:
            due_at_ms = at_hour(step, from_ms + step.delay_ms, _zone(context))
            found.append(
                DueStep(step.id, once_read(due_at_ms, waits_for) if waits_for else due_at_ms)
            )
    return found


def at_once(step: Step, context: Context) -> bool:
    """Return whether a step of a journey that an event has just begun is due with the event."""
    return step.delay_ms == 0 and (step.at_minute is None or not _zone(context))


def once_read(due_at_ms: int, entry: JournalEnvelope) -> int:
    """
    Return when what happened before the due time has been read, at the source's latest (T5, ADR 9).

    The watermark says how far has been read; an event may still come `lateness_ms` behind it.
    """
    return max(due_at_ms, entry.journal_at_ms) + entry.lateness_ms


def at_hour(step: Step, due_at_ms: int, zone: str) -> int:
    """Return when the zone's clock next shows the step's minute; without a zone, the time."""
    if step.at_minute is None or not zone:
        return due_at_ms
    shown_at_ms = next_local_ms(zone, due_at_ms, step.at_minute)
    return due_at_ms if shown_at_ms is None else shown_at_ms


def _zone(context: Context) -> str:
    """Return the customer's time zone, else the tenant's, "" where neither is known."""
    profile = context.row.profile
    return zone_of("" if profile is None else profile.time_zone, context.time_zone)
