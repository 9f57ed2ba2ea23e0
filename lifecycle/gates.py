"""
Ask whether a candidate may go out now: the gates, in their order, by class of message.

Reading a gate reserves nothing (SEMANTICS O2).
"""

from typing import Final, Literal, NamedTuple

from lifecycle import consents, rhythm
from lifecycle.partition import TenantState
from lifecycle.rhythm import Rhythm
from schemas.campaign import Cap, SilenceEntry
from schemas.decisions import ReasonCode
from schemas.state import CustomerRow, Journey, PolicyRow


class Binding(NamedTuple):
    """Which gates bind a class of message (SEMANTICS O3)."""

    consent: Literal["must be granted", "must not be denied", "not asked"]
    caps: bool
    arbitration: bool


BINDINGS: Final = {
    "marketing": Binding("must be granted", caps=True, arbitration=True),
    "servicing": Binding("must not be denied", caps=True, arbitration=False),
    "mandatory": Binding("not asked", caps=False, arbitration=False),
}


class Candidate:
    """
    A due step of a journey, and what the gates say about it.

    `place` is the step's index among those the journey still had. `reason` "" means that no gate
    has failed, `consent_ref` is the consent it rests on, `cap_count` the greatest count over its
    caps, `rhythm` the customer's as of now where the campaign measures it.
    """

    __slots__ = (
        "cap_count",
        "consent_ref",
        "journey",
        "place",
        "policy",
        "reason",
        "rhythm",
        "step",
    )

    def __init__(self, policy: PolicyRow, journey: Journey, step: str, place: int) -> None:
        """Begin unjudged."""
        self.policy = policy
        self.journey = journey
        self.step = step
        self.place = place
        self.reason: ReasonCode = ""
        self.consent_ref = ""
        self.cap_count = 0
        self.rhythm: Rhythm | None = None

    @property
    def binding(self) -> Binding:
        """Return which gates bind this candidate."""
        return BINDINGS[self.policy.campaign.message_class]

    @property
    def order(self) -> tuple[str, str, int]:
        """Return the place of its record among those of its occasion."""
        return self.policy.campaign.id, self.journey.occurrence_key, self.place


def judge(tenant: TenantState, row: CustomerRow, candidate: Candidate) -> None:
    """Set the candidate's `reason` to the first gate that fails, and what the gates found out."""
    now_ms = tenant.row.now_at_ms
    entry = candidate.policy.campaign.entry
    if isinstance(entry, SilenceEntry):
        candidate.rhythm = rhythm.read(entry, row, now_ms)
    candidate.reason = (
        _switches(tenant, candidate)
        or _consent(row, candidate)
        or _applicability(candidate)
        or caps(row, candidate, now_ms)
    )


def caps(row: CustomerRow, candidate: Candidate, now_ms: int) -> ReasonCode:
    """
    Return which cap the candidate would break, "" for none; counts anew whenever asked.

    A window is open at its far end: a contact exactly `window_ms` ago has left it (SEMANTICS C1).
    """
    reason: ReasonCode = ""
    candidate.cap_count = 0
    if not candidate.binding.caps:
        return reason
    campaign = candidate.policy.campaign
    for cap in campaign.caps:
        count = _count(row, cap, campaign.id, now_ms)
        candidate.cap_count = max(candidate.cap_count, count)
        if count >= cap.count and not reason:
            reason = "CAP_CAMPAIGN" if cap.scope == "campaign" else "CAP_GLOBAL"
    return reason


def _count(row: CustomerRow, cap: Cap, campaign_id: str, now_ms: int) -> int:
    """Return how many contacts the cap's window holds, without those that a receipt released."""
    return sum(
        not contact.released
        and contact.decided_at_ms > now_ms - cap.window_ms
        and (cap.scope == "all" or contact.campaign_id == campaign_id)
        for contact in row.contacts
    )


def _switches(tenant: TenantState, candidate: Candidate) -> ReasonCode:
    """Return which kill switch holds the candidate."""
    if tenant.row.paused:
        return "TENANT_PAUSED"
    return "KILL_SWITCH" if candidate.policy.campaign.id in tenant.row.campaigns_paused else ""


def _consent(row: CustomerRow, candidate: Candidate) -> ReasonCode:
    """Return what the customer's word forbids; a consent is kept as evidence."""
    campaign = candidate.policy.campaign
    asked = candidate.binding.consent
    if asked == "not asked":
        return ""
    word = consents.find(row, campaign.purpose, campaign.treatment.channel)
    if word is None:
        return "NO_CONSENT" if asked == "must be granted" else ""
    if word.status == "granted":
        candidate.consent_ref = word.event_id
        return ""
    return "OPTED_OUT" if word.status == "revoked" else "NO_CONSENT"


def _applicability(candidate: Candidate) -> ReasonCode:
    """Return whether a silent customer is too unlikely to come back to be worth a contact."""
    entry = candidate.policy.campaign.entry
    if not isinstance(entry, SilenceEntry) or candidate.rhythm is None:
        return ""
    return "NOT_APPLICABLE" if candidate.rhythm.rate_ppm < entry.rate_ppm_min else ""
