"""Make a contact of a candidate that goes: counted, with all that receipts and fallbacks need."""

from lifecycle import caps, expiry, ledger
from lifecycle.candidate import Candidate
from lifecycle.records import Occasion, trigger_id_of
from schemas.state import Contact, Untried


def remember(occasion: Occasion, candidate: Candidate) -> None:
    """Count the contact that the candidate is; a fallback counts as what it follows did (C2)."""
    journey, campaign, follows = candidate.journey, candidate.policy.campaign, candidate.follows
    candidate.caps = caps.taken(candidate.caps)
    candidate.expires_at_ms = expiry.expires_at_ms(occasion, candidate)
    contact = Contact(
        trigger_id=trigger_id_of(occasion, candidate),
        campaign_id=campaign.id,
        channel=candidate.treatment.channel,
        card_token=candidate.card_token,
        occurrence_key=journey.occurrence_key,
        step=candidate.step,
        policy_version=campaign.version,
        entered_at_ms=journey.entered_at_ms,
        decided_at_ms=follows.decided_at_ms if follows else occasion.now_ms,
        message_class=follows.message_class if follows else campaign.message_class,
        purpose=follows.purpose if follows else campaign.purpose,
        expires_at_ms=candidate.expires_at_ms,
        slot=candidate.slot,
        untried=_untried(candidate),
        reserved=candidate.reserved,
        option=candidate.option_id,
    )
    ledger.note(occasion.row, contact)


def _untried(candidate: Candidate) -> Untried | None:
    """Return what is needed to go on in another channel, None where there is none left."""
    if candidate.slot + 1 == len(candidate.treatments):
        return None
    journey = candidate.journey
    return Untried(journey.entry_event_id, journey.amount_minor, journey.currency)
