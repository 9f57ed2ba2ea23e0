"""Make the journey that has begun, whether an event begins it or what the row knows (P2)."""

from typing import NamedTuple

from lifecycle import rhythm
from lifecycle.due_steps import Arrival, due_steps
from lifecycle.features.context import Context
from lifecycle.ids import occurrence_key
from schemas.campaign import Campaign, SilenceEntry
from schemas.state import CustomerRow, DueStep, Journey


class Origin(NamedTuple):
    """What began a journey: what sets it apart, its card, the event ("" for none) and its time."""

    occurrence_key: str
    card_token: str
    event_id: str
    at_ms: int


def journey(campaign: Campaign, origin: Origin, waits_on: str, steps: list[DueStep]) -> Journey:
    """Return a journey through the campaign's version, with the steps that are still to come."""
    return Journey(
        campaign_id=campaign.id,
        policy_version=campaign.version,
        occurrence_key=origin.occurrence_key,
        card_token=origin.card_token,
        entry_event_id=origin.event_id,
        entered_at_ms=origin.at_ms,
        waits_on=waits_on,
        due_steps=steps,
    )


def silence(context: Context, campaign: Campaign, entry: SilenceEntry, arrival: Arrival) -> Journey:
    """Return the silence since the last purchase that is known, whatever event is at hand."""
    steps = silent_steps(context, campaign, entry, arrival)
    return journey(campaign, last_purchase(context.row), "watermark", steps)


def last_purchase(row: CustomerRow) -> Origin:
    """Return what a silence began with."""
    key = occurrence_key(row.last_spend_card_token, row.last_spend_hash)
    return Origin(key, row.last_spend_card_token, row.last_spend_event_id, row.last_spend_at_ms)


def silent_steps(
    context: Context, campaign: Campaign, entry: SilenceEntry, arrival: Arrival
) -> list[DueStep]:
    """Return the steps of a silence as the customer's rhythm is now; none without a rhythm."""
    from_ms = rhythm.silent_until_ms(entry, context.row)
    return [] if from_ms is None else due_steps(campaign, from_ms, context, arrival)
