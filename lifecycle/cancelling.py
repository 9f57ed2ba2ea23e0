"""
Take back what went out and is not final yet (SEMANTICS O7; docs/core.md 3.13).

The contact goes on counting until the gateway says that it was not made; only a gateway knows.
"""

from collections.abc import Mapping
from typing import Final

from lifecycle import consents, journeys, words
from lifecycle.bindings import BINDINGS
from lifecycle.entries import Sighting
from lifecycle.features.context import Context
from lifecycle.ids import derived_id
from lifecycle.partition import TenantState
from lifecycle.policies import ActivePolicy
from lifecycle.records import Effect
from schemas.campaign import Campaign
from schemas.decisions import CancelReason, TriggerCancelled
from schemas.state import Contact, CustomerRow


_REFUSED: Final[Mapping[str, CancelReason]] = {"denied": "NO_CONSENT", "revoked": "OPTED_OUT"}
"""What the customer's word of consent says, by its status."""


def cancel(
    tenant: TenantState, row: CustomerRow, seen: Sighting, exits: Mapping[str, ActivePolicy]
) -> list[Effect]:
    """Return a cancellation of every contact that, after this event, must not be made any more."""
    now_ms = tenant.row.now_at_ms
    found: list[Effect] = []
    context: Context | None = None
    for contact in row.contacts:
        if not _open(contact, now_ms):
            continue
        reason = _reason(tenant, row, contact)
        if reason is None and contact.campaign_id in exits:
            context = context or journeys.context_of(tenant, row, seen)
            policy = exits[contact.campaign_id]
            reason = "EXITED" if journeys.ended(context, policy, contact, seen.event) else None
        if reason is not None:
            contact.cancelled = True
            found.append(_cancellation(tenant, seen.envelope.customer_token, contact, reason))
    return found


def _open(contact: Contact, now_ms: int) -> bool:
    """Return whether a gateway may still send, as far as is known."""
    final = contact.released or contact.delivered or contact.cancelled
    return not final and now_ms < contact.expires_at_ms


def _reason(tenant: TenantState, row: CustomerRow, contact: Contact) -> CancelReason | None:
    """Return why the customer must not be contacted, whatever the event was."""
    if contact.invalidated:
        return "LATE_TRUTH"
    if words.deceased(row):
        return "NOT_ELIGIBLE"
    policy = tenant.policies.get(contact.campaign_id)
    refused = None if policy is None else _refused(row, contact, policy.campaign)
    if refused is None and contact.reserved is not None and contact.reserved.returned:
        return "NO_INVENTORY"
    return refused


def _refused(row: CustomerRow, contact: Contact, campaign: Campaign) -> CancelReason | None:
    """Return what of consent and risk speaks against the contact, as its class is bound."""
    bound = BINDINGS[campaign.message_class]
    if bound.consent != "not asked":
        word = consents.word(row, campaign.purpose, contact.channel)
        if word is not None and word.status in _REFUSED:
            return _REFUSED[word.status]
    if bound.standing and words.says(row, "risk", "flagged"):
        return "RISK_FLAG"
    return None


def _cancellation(
    tenant: TenantState, customer_token: str, contact: Contact, reason: CancelReason
) -> TriggerCancelled:
    """Return the record that takes a trigger back; its id follows from the trigger's (B1)."""
    return TriggerCancelled(
        cancellation_id=derived_id("cancellation", contact.trigger_id),
        trigger_id=contact.trigger_id,
        tenant=tenant.name,
        customer_token=customer_token,
        campaign_id=contact.campaign_id,
        channel=contact.channel,
        reason_code=reason,
        cancelled_at_ms=tenant.row.now_at_ms,
    )
