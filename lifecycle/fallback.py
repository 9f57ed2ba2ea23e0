"""
Try the next channel where a gateway says that the customer was not reached (SEMANTICS C2, ADR 16).

The contact keeps its place in every window and what it has reserved; every gate of the customer
and of the new channel is asked again.
"""

from lifecycle import arms, beginnings, exposures, late_truth, offers
from lifecycle.asked import Asked, look_up
from lifecycle.beginnings import Origin
from lifecycle.bindings import binding
from lifecycle.candidate import Candidate
from lifecycle.contacts import remember
from lifecycle.entries import Sighting
from lifecycle.gates import judge
from lifecycle.options import option_of
from lifecycle.partition import TenantState
from lifecycle.records import Effect, Occasion, decision, trigger, trigger_id_of
from schemas.campaign import Campaign, SilenceEntry
from schemas.events import DeliveryReceipt
from schemas.state import Contact, CustomerRow, Journey, Untried


def follow(tenant: TenantState, row: CustomerRow, seen: Sighting) -> list[Effect]:
    """Return the trigger of the next channel, if it goes, and the record; none left: nothing."""
    receipt = seen.event
    if not isinstance(receipt, DeliveryReceipt) or receipt.status not in late_truth.NOT_SENT:
        return []
    contact = late_truth.find(row, receipt.trigger_id)
    if contact is None or contact.untried is None:
        return []
    untried, contact.untried = contact.untried, None  # a gateway may say it twice
    policy = tenant.policies.get(contact.campaign_id)
    shadow = tenant.shadowed(seen.envelope)
    if policy is None or shadow or not _goes_on(contact, tenant.row.now_at_ms):
        return []
    if isinstance(policy.campaign.entry, SilenceEntry) and _bought_since(row, contact):
        return []
    option = option_of(policy.campaign, contact.option)
    if contact.option and option is None:
        return []
    occasion = Occasion(tenant, seen.envelope.customer_token, row, shadow, seen.envelope)
    candidate = Candidate(policy, _journey(policy.campaign, contact, untried), contact.step, 0)
    candidate.follows, candidate.option = contact, option
    asked = look_up(occasion, candidate, receipt.status)
    return _decided(occasion, asked) if candidate.slot > contact.slot else []


def _goes_on(contact: Contact, now_ms: int) -> bool:
    """
    Return whether there is still reason to reach the customer, and time.

    Whatever proves it wrong or takes its offer away has cancelled it (docs/core.md 3.13).
    """
    return not (contact.delivered or contact.cancelled) and now_ms < contact.expires_at_ms


def _bought_since(row: CustomerRow, contact: Contact) -> bool:
    """Return whether the silence that the contact was about is over: a newer one is another's."""
    return row.last_spend_at_ms > contact.entered_at_ms


def _journey(campaign: Campaign, contact: Contact, untried: Untried) -> Journey:
    """Return the journey of a contact as it was when it was decided; no step of it waits."""
    origin = Origin(
        contact.occurrence_key, contact.card_token, untried.entry_event_id, contact.entered_at_ms
    )
    found = beginnings.journey(campaign, origin, "now", [])
    found.amount_minor, found.currency = untried.amount_minor, untried.currency
    return found


def _decided(occasion: Occasion, asked: Asked) -> list[Effect]:
    """Ask the gates again; let the contact go on in its new channel, or say why it does not."""
    candidate = asked.candidate
    judge(asked)
    if not candidate.reason and binding(candidate).arbitration:
        arms.read(occasion, candidate)
    candidate.verdict = "suppressed" if candidate.reason else "sent"
    if candidate.reason:
        return [decision(occasion, [candidate])]
    _take_over(occasion, candidate)
    remember(occasion, candidate)
    if candidate.follows is not None:
        exposures.follow(occasion.row, candidate.follows, trigger_id_of(occasion, candidate))
    record = decision(occasion, [candidate])
    return [trigger(occasion, candidate, record.decision_id), record]


def _take_over(occasion: Occasion, candidate: Candidate) -> None:
    """Let the candidate have what the contact that it follows has reserved."""
    contact = candidate.follows
    if contact is not None and contact.reserved is not None:
        offers.charge(occasion.tenant, contact, 1)  # the receipt has given it back
        candidate.reserved, contact.reserved = contact.reserved, None
