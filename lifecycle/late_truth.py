"""
Correct what an event proves wrong: a contact that was not due, or that counts after all.

What went out cannot be called back; the record, the label and the metric can.
"""

from collections.abc import Mapping
from typing import Final

from lifecycle.entries import Sighting, card_token_of
from lifecycle.partition import TenantState
from lifecycle.records import Effect, correction
from schemas.campaign import AbsenceEntry
from schemas.events import DeliveryReceipt
from schemas.rejects import IgnoreReason
from schemas.state import Contact, CustomerRow, PolicyRow


NOT_SENT: Final = frozenset({"failed", "expired", "rejected", "cancelled", "blocked_optout"})
"""Receipts that say explicitly that the customer was not contacted (SEMANTICS C1)."""


def correct(
    tenant: TenantState, row: CustomerRow, seen: Sighting, truths: Mapping[str, PolicyRow]
) -> list[Effect]:
    """Mark contacts whose absence or silence the event disproves; return a record for each."""
    occurred_at_ms, card_token = seen.envelope.occurred_at_ms, card_token_of(seen.event)
    found: list[Effect] = []
    for contact in row.contacts:
        policy = truths.get(contact.campaign_id)
        if policy is None or contact.invalidated:
            continue
        if _disproved(contact, policy, occurred_at_ms, card_token):
            contact.invalidated = True
            found.append(correction(tenant, seen, contact, "invalidated", "LATE_TRUTH"))
    return found


def take_receipt(
    tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    receipt: DeliveryReceipt,
    effects: list[Effect],
) -> IgnoreReason | None:
    """
    Release a contact that was not made; count it again where it was made after all.

    `delivered` is final: whatever a gateway says later, the customer has been contacted.
    """
    for contact in row.contacts:
        if contact.trigger_id == receipt.trigger_id:
            break
    else:
        return "UNKNOWN_TRIGGER"
    if receipt.status in NOT_SENT:
        contact.released = not contact.delivered
    elif receipt.status == "delivered":
        contact.delivered = True
        if contact.released:
            contact.released = False
            effects.append(
                correction(tenant, seen, contact, "cap_overrun", "DELIVERED_AFTER_RELEASE")
            )
    return None


def _disproved(contact: Contact, policy: PolicyRow, occurred_at_ms: int, card_token: str) -> bool:
    """Return whether the event had already happened when the contact was decided."""
    if occurred_at_ms >= contact.decided_at_ms:
        return False
    if isinstance(policy.campaign.entry, AbsenceEntry):
        return card_token == contact.card_token
    return contact.entered_at_ms < occurred_at_ms
