"""Keep the newest word of a customer about each purpose on each channel."""

from schemas.events import ConsentChanged
from schemas.rejects import IgnoreReason
from schemas.state import CONSENTS_MAX, ConsentState, CustomerRow


def take(
    row: CustomerRow, event: ConsentChanged, occurred_at_ms: int, event_id: str
) -> IgnoreReason | None:
    """Remember what was said unless something newer is known; STATE_FULL: no room for the pair."""
    known = find(row, event.purpose, event.channel)
    if known is None:
        if len(row.consents) >= CONSENTS_MAX:
            return "STATE_FULL"
        row.consents.append(
            ConsentState(event.purpose, event.channel, event.status, occurred_at_ms, event_id)
        )
    elif (occurred_at_ms, event_id) > (known.occurred_at_ms, known.event_id):
        known.status = event.status
        known.occurred_at_ms = occurred_at_ms
        known.event_id = event_id
    return None


def find(row: CustomerRow, purpose: str, channel: str) -> ConsentState | None:
    """Return the newest word about this purpose on this channel."""
    for consent in row.consents:
        if consent.purpose == purpose and consent.channel == channel:
            return consent
    return None
