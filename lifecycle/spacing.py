"""
Keep contacts apart: a campaign's cool-down, and campaigns that must not meet (SEMANTICS E2).

A meeting is a contact that no receipt has released, or one that an experiment withheld: who is
not contacted for the sake of measuring waits as long as who is.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lifecycle.candidate import Candidate
from lifecycle.partition import TenantState
from schemas.contact_policy import Exclusion
from schemas.decisions import GateReading
from schemas.state import CustomerRow


class Meeting(NamedTuple):
    """A campaign, what it was about, and when it was decided (epoch milliseconds UTC)."""

    campaign_id: str
    occurrence_key: str
    decided_at_ms: int


def reading(tenant: TenantState, row: CustomerRow, candidate: Candidate) -> GateReading:
    """Return whether the campaign, or one that it must keep away from, came too recently."""
    campaign, now_ms = candidate.policy.campaign, tenant.row.now_at_ms
    exclusions = tenant.contact_policy.exclusions if tenant.contact_policy else ()
    if not campaign.cool_down_ms and not exclusions:
        return GateReading(gate="spacing")
    met = list(meetings(row))
    if campaign.cool_down_ms:
        since_ms = _cool_down(met, candidate, now_ms)
        if since_ms is not None:
            saw = {"cool_down_ms": campaign.cool_down_ms, "since_ms": since_ms}
            return GateReading(gate="spacing", reason_code="COOL_DOWN", saw=saw)
    for exclusion in exclusions:
        other = forbidding(met, exclusion, campaign.id, now_ms)
        if other is not None:
            saw = {"within_ms": exclusion.within_ms, "since_ms": now_ms - other.decided_at_ms}
            return GateReading(
                gate="spacing", reason_code="EXCLUSION", clause=other.campaign_id, saw=saw
            )
    return GateReading(gate="spacing")


def meetings(row: CustomerRow) -> Iterator[Meeting]:
    """Yield what the customer was contacted about, or would have been."""
    for contact in row.contacts:
        if not contact.released:
            yield Meeting(contact.campaign_id, contact.occurrence_key, contact.decided_at_ms)
    for one in row.kept_back:
        yield Meeting(one.campaign_id, one.occurrence_key, one.decided_at_ms)


def forbidding(
    met: list[Meeting], exclusion: Exclusion, campaign_id: str, now_ms: int
) -> Meeting | None:
    """
    Return the newest meeting that forbids the campaign now, None for none.

    What was decided at this very moment is of the same occasion, and forbids whatever
    `within_ms` is.
    """
    others = set()
    if exclusion.campaign == campaign_id:
        others.add(exclusion.other)
    if exclusion.mutual and exclusion.other == campaign_id:
        others.add(exclusion.campaign)
    near = (
        one
        for one in met
        if one.campaign_id in others
        and (one.decided_at_ms > now_ms - exclusion.within_ms or one.decided_at_ms == now_ms)
    )
    return min(near, key=lambda one: (-one.decided_at_ms, one.campaign_id), default=None)


def _cool_down(met: list[Meeting], candidate: Candidate, now_ms: int) -> int | None:
    """Return how long ago the campaign met the customer about something else, if too recently."""
    campaign = candidate.policy.campaign
    newest_ms = max(
        (
            one.decided_at_ms
            for one in met
            if one.campaign_id == campaign.id
            and one.occurrence_key != candidate.journey.occurrence_key
        ),
        default=None,
    )
    if newest_ms is None or newest_ms <= now_ms - campaign.cool_down_ms:
        return None
    return now_ms - newest_ms
