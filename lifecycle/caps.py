"""
Ask the caps that bind a candidate: its campaign's, then those of the bank's contact policy (C1).

Where contacts had to be forgotten, or no place is left for one more, we do not know enough, and
do not contact.
"""

from collections.abc import Iterator
from typing import Final

from lifecycle import ledger
from lifecycle.candidate import Candidate
from lifecycle.ledger import Address
from lifecycle.partition import TenantState
from schemas.campaign import Campaign, Cap, CapScope
from schemas.contact_policy import ContactCap
from schemas.decisions import CapReading, GateReading
from schemas.reasons import ReasonCode
from schemas.state import CONTACTS_MAX, CustomerRow


REASON_BY_SCOPE: Final[dict[CapScope, ReasonCode]] = {
    "campaign": "CAP_CAMPAIGN",
    "channel": "CAP_CHANNEL",
    "purpose": "CAP_PURPOSE",
    "class": "CAP_CLASS",
    "all": "CAP_GLOBAL",
}

MEMORY: Final = "memory"
"""The clause of a refusal for want of knowledge or of room."""


def read(tenant: TenantState, row: CustomerRow, candidate: Candidate) -> GateReading:
    """Count anew, keep the readings, and return which cap is full, or that nobody can know."""
    now_ms, address = tenant.row.now_at_ms, address_of(candidate)
    as_of_ms = candidate.follows.decided_at_ms if candidate.follows else now_ms
    candidate.caps = tuple(
        _reading(row, cap, address, as_of_ms) for cap in binding_caps(tenant, row, candidate)
    )
    forgotten_at_ms = row.contacts_forgotten_at_ms
    for cap in candidate.caps:
        reason = REASON_BY_SCOPE[cap.scope]
        if cap.count_before >= cap.count_max:
            return GateReading(gate="caps", reason_code=reason)
        if forgotten_at_ms and as_of_ms - cap.window_ms < forgotten_at_ms:
            saw = {"forgotten_at_ms": forgotten_at_ms}
            return GateReading(gate="caps", reason_code=reason, clause=MEMORY, saw=saw)
    longest_ms = tenant.longest_window_ms
    if candidate.caps and ledger.full(row, now_ms, longest_ms):
        saw = {"contact_count": CONTACTS_MAX, "longest_window_ms": longest_ms}
        return GateReading(gate="caps", reason_code="CAP_GLOBAL", clause=MEMORY, saw=saw)
    return GateReading(gate="caps")


def binding_caps(
    tenant: TenantState, row: CustomerRow, candidate: Candidate
) -> Iterator[Cap | ContactCap]:
    """
    Yield the campaign's caps, then the bank's for this class of message and these segments.

    A fallback has its place in all windows but those of its new channel (SEMANTICS C2).
    """
    for cap in _all_caps(tenant, row, candidate.policy.campaign):
        if candidate.follows is None or cap.scope == "channel":
            yield cap


def address_of(candidate: Candidate) -> Address:
    """Return what the candidate is counted by."""
    campaign = candidate.policy.campaign
    return Address(
        campaign.id, campaign.message_class, campaign.purpose, candidate.treatment.channel
    )


def taken(caps: tuple[CapReading, ...]) -> tuple[CapReading, ...]:
    """Return the readings once the contact has been made."""
    return tuple(
        CapReading(
            scope=cap.scope,
            window_ms=cap.window_ms,
            count_max=cap.count_max,
            count_before=cap.count_before,
            count_after=cap.count_before + 1,
        )
        for cap in caps
    )


def _all_caps(
    tenant: TenantState, row: CustomerRow, campaign: Campaign
) -> Iterator[Cap | ContactCap]:
    yield from campaign.caps
    if tenant.contact_policy is not None:
        segments = row.profile.segment_codes if row.profile else ()
        for cap in tenant.contact_policy.caps:
            if cap.message_class == campaign.message_class and (
                not cap.segment or cap.segment in segments
            ):
                yield cap


def _reading(
    row: CustomerRow, cap: Cap | ContactCap, address: Address, as_of_ms: int
) -> CapReading:
    """Return how many contacts the cap's window holds, and what was decided since."""
    count = ledger.count(row, cap.scope, address, as_of_ms - cap.window_ms)
    return CapReading(
        scope=cap.scope,
        window_ms=cap.window_ms,
        count_max=cap.count,
        count_before=count,
        count_after=count,
    )
