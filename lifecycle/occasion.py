"""
Decide an occasion: all candidates of one customer at one record or one tick (SEMANTICS O1, O2).

At most one marketing candidate wins; servicing and mandatory ones go beside it.
"""

from lifecycle.gates import Candidate, caps, judge
from lifecycle.records import Effect, Occasion, decision, trigger, trigger_id_of
from schemas.state import CONTACTS_MAX, Contact, CustomerRow


def decide(occasion: Occasion, candidates: list[Candidate]) -> list[Effect]:
    """
    Return the record of every candidate, in the order of campaign, occurrence and step.

    A winner's trigger stands before its record, and counts as a contact from now on, unless the
    occasion is only a shadow.
    """
    for candidate in candidates:
        judge(occasion.tenant, occasion.row, candidate)
    winners = [winner for winner in _arbitrate(candidates) if _reserve(occasion, winner)]
    effects: list[Effect] = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.order):
        if candidate not in winners:
            effects.append(decision(occasion, candidate, "suppressed"))
        elif occasion.shadow:
            effects.append(decision(occasion, candidate, "shadow"))
        else:
            sent = decision(occasion, candidate, "sent")
            effects += (trigger(occasion, candidate, sent), sent)
    return effects


def _arbitrate(candidates: list[Candidate]) -> list[Candidate]:
    """Return who may go, the marketing winner first; other marketing candidates have lost."""
    passed = sorted(
        (candidate for candidate in candidates if not candidate.reason),
        key=lambda candidate: (-candidate.policy.campaign.priority, candidate.order),
    )
    competing = [candidate for candidate in passed if candidate.binding.arbitration]
    for loser in competing[1:]:
        loser.reason = "LOST_ARBITRATION"
    return competing[:1] + [candidate for candidate in passed if candidate not in competing]


def _reserve(occasion: Occasion, candidate: Candidate) -> bool:
    """Count the contact that the candidate is, unless those before it have filled a cap."""
    row, journey, campaign = occasion.row, candidate.journey, candidate.policy.campaign
    candidate.reason = caps(row, candidate, occasion.now_ms)
    if candidate.reason:
        return False
    if not occasion.shadow:
        contact = Contact(
            trigger_id=trigger_id_of(occasion, candidate),
            campaign_id=campaign.id,
            channel=campaign.treatment.channel,
            card_token=candidate.card_token,
            occurrence_key=journey.occurrence_key,
            step=candidate.step,
            policy_version=campaign.version,
            entered_at_ms=journey.entered_at_ms,
            decided_at_ms=occasion.now_ms,
        )
        row.contacts.append(contact)
        _keep_room(row)
    return True


def _keep_room(row: CustomerRow) -> None:
    """Forget one contact of too many: the oldest that no longer counts, else the oldest."""
    if len(row.contacts) > CONTACTS_MAX:
        released = (place for place, contact in enumerate(row.contacts) if contact.released)
        del row.contacts[next(released, 0)]
