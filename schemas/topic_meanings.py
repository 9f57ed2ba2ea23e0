"""Say what each source topic carries."""

from typing import Final


TOPICS: Final = {
    "card.application.v1": "Applications and pre-approvals",
    "card.issue.v1": "Cards issued and delivered",
    "card.activation.v1": "Cards activated",
    "card.bind.v1": "Cards bound to wallets",
    "card.spend.v1": "Purchases, from authorisation to reversal",
    "card.repayment.v1": "Bills, repayments, autopay",
    "card.instalment.v1": "Instalment plans",
    "card.limit.v1": "Limits, as the risk system sets them",
    "card.benefit.v1": "Benefits, coupons, levels",
    "card.status.v1": "Cards blocked, lost, closed, replaced",
    "customer.risk.v1": "Risk flags",
    "customer.service.v1": "Complaints, disputes and other cases",
    "customer.profile.v1": "Consent, preferences, profile, erasure",
    "customer.score.v1": "Scores of the bank's own models",
    "customer.behaviour.v1": "Use of the bank's app",
    "customer.partner.v1": "What partners observed and surveys asked",
    "gateway.receipt.v1": "What gateways did with triggers",
    "gateway.response.v1": "What customers did with messages and offers",
    "marketing.control.v1": "Policies, templates, offers, models, kill switches, tenants' facts",
}
"""Source topic to what it carries."""
