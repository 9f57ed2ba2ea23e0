"""
Correct what an event proves wrong: a contact that was not due, or that counts after all.

What went out cannot be called back; the record, the label and the metric can.
"""

from collections.abc import Mapping
from typing import Final, Literal

from lifecycle import cards, offers, statements
from lifecycle.entries import Sighting, card_token_of, statement_id_in, statement_id_of
from lifecycle.partition import TenantState
from lifecycle.policies import ActivePolicy
from lifecycle.records import Effect, correction
from schemas.campaign import AbsenceEntry, DueDateEntry
from schemas.events import DeliveryReceipt, EventData
from schemas.exposed import ExposureState
from schemas.rejects import IgnoreReason
from schemas.state import Contact, CustomerRow


NOT_SENT: Final = frozenset({"failed", "expired", "rejected", "cancelled", "blocked_optout"})
"""Receipts that say explicitly that the customer was not contacted (SEMANTICS C1)."""


def correct(
    tenant: TenantState, row: CustomerRow, seen: Sighting, truths: Mapping[str, ActivePolicy]
) -> list[Effect]:
    """Mark contacts that the event disproves; return a record for each."""
    occurred_at_ms = seen.envelope.occurred_at_ms
    found: list[Effect] = []
    for contact in row.contacts:
        policy = truths.get(contact.campaign_id)
        if policy is None or contact.invalidated or occurred_at_ms >= contact.decided_at_ms:
            continue
        if disproved(row, contact, policy, seen):
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
    contact = find(row, receipt.trigger_id)
    if contact is None:
        return "UNKNOWN_TRIGGER"
    if receipt.status in NOT_SENT:
        if not (contact.delivered or contact.released):
            contact.released = True
            offers.charge(tenant, contact, -1)
    elif receipt.status == "delivered":
        contact.delivered = True
        if contact.released:
            contact.released = False
            offers.charge(tenant, contact, 1)
            effects.append(
                correction(tenant, seen, contact, "cap_overrun", "DELIVERED_AFTER_RELEASE")
            )
    return None


def delivery(row: CustomerRow, trigger_id: str) -> Literal["delivered", "not_sent", "unknown"]:
    """Return what the gateway has said so far of a trigger; nothing if it is not remembered."""
    contact = find(row, trigger_id)
    if contact is None:
        return "unknown"
    tried = [one for one in row.contacts if _occasion_of(one) == _occasion_of(contact)]
    if any(one.delivered for one in tried):
        return "delivered"
    return "not_sent" if all(one.released for one in tried) else "unknown"


def find(row: CustomerRow, trigger_id: str) -> Contact | None:
    """Return the contact that a trigger made, None where it is not remembered."""
    for contact in row.contacts:
        if contact.trigger_id == trigger_id:
            return contact
    return None


def _occasion_of(contact: Contact) -> tuple[str, str, str]:
    """Return what a contact has in common with its fallbacks (SEMANTICS C2)."""
    return contact.campaign_id, contact.occurrence_key, contact.step


def disproved(
    row: CustomerRow, contact: Contact | ExposureState, policy: ActivePolicy, seen: Sighting
) -> bool:
    """Return whether an event from before the decision shows that the contact was not due."""
    entry, event = policy.campaign.entry, seen.event
    if isinstance(entry, AbsenceEntry):
        return cards.current(row, card_token_of(event)) == cards.current(row, contact.card_token)
    if isinstance(entry, DueDateEntry):
        return _repaid(row, contact, event)
    return contact.entered_at_ms < seen.envelope.occurred_at_ms


def _repaid(row: CustomerRow, contact: Contact | ExposureState, event: EventData) -> bool:
    """Return whether a repayment is of the contact's bill, and the bill is repaid with it."""
    statement_id = statement_id_in(contact.occurrence_key)
    if statement_id_of(event) != statement_id:
        return False
    statement = statements.find(row, statement_id)
    return statement is not None and statements.repaid(row, statement)
