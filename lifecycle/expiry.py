"""Say until when a gateway may still send (SEMANTICS O6)."""

from lifecycle import quiet_hours
from lifecycle.candidate import Candidate
from lifecycle.records import Occasion


def expires_at_ms(occasion: Occasion, candidate: Candidate) -> int:
    """
    Return until when a gateway may still send, epoch milliseconds UTC.

    No bill past its date, no fallback past what it follows, and nothing that quiet hours bind
    past their next beginning (O6), nor past the days in which that is looked for.
    """
    campaign, now_ms = candidate.policy.campaign, occasion.now_ms
    ends_ms = [now_ms + campaign.expires_after_ms]
    if candidate.statement is not None:
        ends_ms.append(candidate.statement.due_at_ms)
    if candidate.follows is not None:
        ends_ms.append(candidate.follows.expires_at_ms)
    if campaign.message_class != "mandatory":
        tenant = occasion.tenant
        rest = quiet_hours.rest_of(occasion.row, tenant.calendar, tenant.row.time_zone)
        quiet_at_ms = quiet_hours.next_quiet_ms(*rest, campaign.message_class, now_ms)
        ends_ms.append(quiet_at_ms or now_ms + quiet_hours.HORIZON_MS)
    return min(ends_ms)
