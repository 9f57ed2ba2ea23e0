"""Say when the steps of a journey are due: fixed at its entry, whatever comes later (P1)."""

from typing import Final, NamedTuple

from lifecycle.features.context import Context
from lifecycle.quiet_hours import customer_zone
from lifecycle.wall_clock import next_local_ms
from schemas.campaign import Campaign, Step
from schemas.state import DueStep


AT_MS_MAX: Final = 2**53
"""No timer is due later: it would never fire, and a row could not hold it."""


class Arrival(NamedTuple):
    """
    When it was known what begins a journey, and how late what ends it may come.

    Of an event its journal time and its source's lateness; of what a row knows the tenant's now
    and the greatest lateness of any source (docs/core.md 3.3).
    """

    journal_at_ms: int
    lateness_ms: int


def due_steps(
    campaign: Campaign, from_ms: int, context: Context, waits_for: Arrival | None
) -> list[DueStep]:
    """
    Return the steps of the campaign, in its order, with the time each is due if it ever is.

    `waits_for` is the arrival of what another event may make needless; None for a step that
    nothing can make needless.
    """
    found: list[DueStep] = []
    for step in campaign.steps:
        if from_ms + step.delay_ms <= AT_MS_MAX:
            due_at_ms = _at_hour(step, from_ms + step.delay_ms, context)
            found.append(
                DueStep(step.id, once_read(due_at_ms, waits_for) if waits_for else due_at_ms)
            )
    return found


def bill_steps(campaign: Campaign, end_at_ms: int, arrival: Arrival) -> list[DueStep]:
    """Return the steps before a bill's due date ends, at `end_at_ms`, that can still be due."""
    return [
        DueStep(step.id, due_at_ms)
        for step in campaign.steps
        if (due_at_ms := once_read(end_at_ms - step.lead_ms, arrival)) < end_at_ms
    ]


def at_once(step: Step, context: Context) -> bool:
    """Return whether a step of a journey that an event has just begun is due with the event."""
    return step.delay_ms == 0 and (step.at_minute is None or not _zone(context))


def once_read(due_at_ms: int, arrival: Arrival) -> int:
    """
    Return when what happened before the due time has been read, at the source's latest (T5, ADR 9).

    The watermark says how far has been read; an event may still come `lateness_ms` behind it.
    """
    return max(due_at_ms, arrival.journal_at_ms) + arrival.lateness_ms


def _at_hour(step: Step, due_at_ms: int, context: Context) -> int:
    """Return when the customer's clock next shows the step's minute; without a zone, the time."""
    if step.at_minute is None or not (zone := _zone(context)):
        return due_at_ms
    shown_at_ms = next_local_ms(zone, due_at_ms, step.at_minute)
    return due_at_ms if shown_at_ms is None else shown_at_ms


def _zone(context: Context) -> str:
    """Return the customer's time zone, else the tenant's, "" where neither is known."""
    return customer_zone(context.row, context.time_zone)
