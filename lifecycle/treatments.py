"""
Choose the channel: a campaign's treatments in their order, and the first that can reach (C2).

Only consent and approval choose; what a wording shows never does, so that who wants no personal
offers is asked on the same channel whatever they did (docs/core.md 3.14).
"""

from collections.abc import Iterator

from lifecycle import consents
from lifecycle.bindings import binding
from lifecycle.candidate import Candidate
from lifecycle.consents import Answer
from lifecycle.partition import TenantState
from schemas.campaign import Fallback, Treatment
from schemas.state import CustomerRow


def choose(tenant: TenantState, row: CustomerRow, candidate: Candidate, status: str) -> None:
    """
    Give the candidate its slot: the first that reaches the customer, else the first there is.

    After a receipt of `status` only the slots behind that of the contact which it `follows` are
    looked at, and of these the ones that this status leads to.
    """
    if not status and len(candidate.treatments) == 1:
        return  # nearly every campaign: nothing to choose
    slots = [*_following(candidate, status)] if status else [*range(len(candidate.treatments))]
    if slots:
        ways = candidate.treatments
        reaching = (slot for slot in slots if reaches(tenant, row, candidate, ways[slot]))
        candidate.slot = next(reaching, slots[0])


def approved(tenant: TenantState, treatment: Treatment) -> bool:
    """Return whether the wording may be sent; a bank that approves none is not held to it."""
    known = tenant.templates.get((treatment.template_id, treatment.template_version))
    if known is None:
        return not tenant.approves_templates
    return known.channel == treatment.channel


def consent(
    tenant: TenantState, row: CustomerRow, candidate: Candidate, treatment: Treatment
) -> Answer:
    """Return what the customer's word says of the candidate in this channel, as its class asks."""
    asks = binding(candidate).consent
    if asks == "not asked":
        return Answer("")
    return consents.answer(
        row,
        candidate.policy.campaign.purpose,
        treatment.channel,
        tenant.row.now_at_ms,
        must_be_granted=asks == "must be granted",
    )


def _following(candidate: Candidate, status: str) -> Iterator[int]:
    """Yield the slots that a receipt of this status leads to, from the contact's own."""
    first = candidate.follows.slot + 1 if candidate.follows else 1
    for slot in range(first, len(candidate.treatments)):
        treatment = candidate.treatments[slot]
        if isinstance(treatment, Fallback) and status in treatment.after:
            yield slot


def reaches(
    tenant: TenantState, row: CustomerRow, candidate: Candidate, treatment: Treatment
) -> bool:
    """Return whether the customer may be written to on the treatment's channel, in its words."""
    return approved(tenant, treatment) and not consent(tenant, row, candidate, treatment).reason
