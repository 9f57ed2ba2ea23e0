"""
Count contacts in a policy's windows (SEMANTICS C1).

A window is open at its far end: a contact exactly `window_ms` ago has left it.
"""

from lifecycle.candidate import Candidate
from schemas.campaign import Cap
from schemas.decisions import CapReading
from schemas.reasons import ReasonCode
from schemas.state import CustomerRow


def read(row: CustomerRow, candidate: Candidate, now_ms: int) -> ReasonCode:
    """Count anew, keep the readings, and return the first cap that is full, "" for none."""
    campaign = candidate.policy.campaign
    candidate.caps = tuple(_reading(row, cap, campaign.id, now_ms) for cap in campaign.caps)
    for cap in candidate.caps:
        if cap.count_before >= cap.count_max:
            return "CAP_CAMPAIGN" if cap.scope == "campaign" else "CAP_GLOBAL"
    return ""


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


def _reading(row: CustomerRow, cap: Cap, campaign_id: str, now_ms: int) -> CapReading:
    """Return how many contacts the cap's window holds, without those that a receipt released."""
    count = sum(
        not contact.released
        and contact.decided_at_ms > now_ms - cap.window_ms
        and (cap.scope == "all" or contact.campaign_id == campaign_id)
        for contact in row.contacts
    )
    return CapReading(
        scope=cap.scope,
        window_ms=cap.window_ms,
        count_max=cap.count,
        count_before=count,
        count_after=count,
    )
