"""
Promise what is there: the units of an offer and the money that a contact takes (SEMANTICS C3).

Looking reserves nothing; who is sent takes, control and holdout do not (O2, E2).
"""

from lifecycle import words
from lifecycle.candidate import Candidate
from lifecycle.ids import derived_id
from lifecycle.partition import TenantState
from lifecycle.records import Occasion, trigger_id_of
from schemas.decisions import GateReading, OfferGrantRequested
from schemas.events import OfferResult
from schemas.state import Contact, CustomerRow, Reservation


RETURNED = frozenset({"refused", "expired"})
"""What the offer system says of a unit that it has back."""


def asked(candidate: Candidate) -> bool:
    """Return whether a contact promises or spends anything that there is only so much of."""
    return bool(candidate.terms.offer or candidate.policy.campaign.budget_minor)


def reading(tenant: TenantState, candidate: Candidate) -> GateReading:
    """Return what is left for one more contact of the campaign in this partition."""
    saw: dict[str, int] = {}
    campaign, terms = candidate.policy.campaign, candidate.terms
    stock, cost_minor = tenant.stock, terms.contact_cost_minor
    if terms.offer:
        known = stock.offers.get(terms.offer)
        if known is None:
            return GateReading(gate="offer", reason_code="NO_INVENTORY", clause="offer")
        saw["left_count"] = stock.left_count(known)
        if saw["left_count"] < 1:
            return GateReading(gate="offer", reason_code="NO_INVENTORY", saw=saw)
        cost_minor += known.offer.unit_cost_minor
    if campaign.budget_minor:
        saw["left_minor"] = stock.left_minor(campaign.id, campaign.budget_minor)
        saw["cost_minor"] = cost_minor
        if saw["left_minor"] < cost_minor:
            return GateReading(gate="offer", reason_code="NO_BUDGET", saw=saw)
    return GateReading(gate="offer", saw=saw)


def reserve(occasion: Occasion, candidate: Candidate) -> None:
    """Take what the contact promises and costs; the candidate keeps what it has taken."""
    if not asked(candidate):
        return
    campaign, terms, stock = candidate.policy.campaign, candidate.terms, occasion.tenant.stock
    unit_cost_minor = expires_at_ms = 0
    if terms.offer:
        offer = stock.offers[terms.offer].offer
        stock.take(offer.id, 1)
        unit_cost_minor = offer.unit_cost_minor if campaign.budget_minor else 0
        expires_at_ms = occasion.now_ms + offer.valid_ms
    contact_cost_minor = terms.contact_cost_minor if campaign.budget_minor else 0
    stock.spend(campaign.id, unit_cost_minor + contact_cost_minor)
    candidate.reserved = Reservation(
        derived_id("reservation", trigger_id_of(occasion, candidate)),
        terms.offer,
        expires_at_ms,
        unit_cost_minor,
        contact_cost_minor,
    )


def grant(occasion: Occasion, candidate: Candidate) -> OfferGrantRequested | None:
    """Return what the offer system is asked for, None where the contact promises nothing."""
    reserved, campaign = candidate.reserved, candidate.policy.campaign
    if reserved is None or not reserved.offer_id:
        return None
    return OfferGrantRequested(
        reservation_id=reserved.reservation_id,
        offer_id=reserved.offer_id,
        offer_version=occasion.tenant.stock.offers[reserved.offer_id].offer.version,
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        card_token=candidate.card_token,
        trigger_id=trigger_id_of(occasion, candidate),
        campaign_id=campaign.id,
        policy_version=campaign.version,
        requested_at_ms=occasion.now_ms,
        expires_at_ms=reserved.expires_at_ms,
    )


def charge(tenant: TenantState, contact: Contact, sign: int) -> None:
    """Spend what the contact itself costs once more (`sign` 1), or give it back (-1)."""
    if contact.reserved is not None:
        tenant.stock.spend(contact.campaign_id, sign * contact.reserved.contact_cost_minor)


def heed(tenant: TenantState, row: CustomerRow, result: OfferResult) -> None:
    """Give a unit back that the offer system did not grant or has back, or take it again."""
    for contact in row.contacts:
        reserved = contact.reserved
        if reserved is None or reserved.reservation_id != result.reservation_id:
            continue
        word = words.find(row, "offer", result.reservation_id)
        returned = word is not None and word.status in RETURNED
        if returned != reserved.returned:
            reserved.returned, sign = returned, -1 if returned else 1
            tenant.stock.take(reserved.offer_id, sign)
            tenant.stock.spend(contact.campaign_id, sign * reserved.unit_cost_minor)
