"""
Ask whether a candidate may go out now: the gates, in their order, by class of message.

Reading a gate reserves nothing (SEMANTICS O2).
"""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypeAlias

from lifecycle import cards, consents, rhythm, statements, words
from lifecycle.entries import statement_id_in
from lifecycle.partition import TenantState
from lifecycle.rhythm import Rhythm
from schemas.campaign import Cap, DueDateEntry, SilenceEntry
from schemas.decisions import ReasonCode
from schemas.state import CustomerRow, Journey, PolicyRow, StatementState


class Binding(NamedTuple):
    """
    Which gates bind a class of message, in the order in which they are asked (SEMANTICS O3).

    `stops` are the kill switches, `standing` is a risk flag, an open case, an overdue bill.
    """

    stops: bool
    eligibility: bool
    consent: Literal["must be granted", "must not be denied", "not asked"]
    standing: bool
    applicability: bool
    caps: bool
    arbitration: bool


BINDINGS: Final = {
    "marketing": Binding(
        stops=True,
        eligibility=True,
        consent="must be granted",
        standing=True,
        applicability=True,
        caps=True,
        arbitration=True,
    ),
    "servicing": Binding(
        stops=True,
        eligibility=True,
        consent="must not be denied",
        standing=False,
        applicability=True,
        caps=True,
        arbitration=False,
    ),
    "mandatory": Binding(
        stops=True,
        eligibility=True,
        consent="not asked",
        standing=False,
        applicability=True,
        caps=False,
        arbitration=False,
    ),
}


class Candidate:
    """
    A due step of a journey, and what the gates say about it.

    `place` is the step's index among those the journey still had. `reason` "" means that no gate
    has failed, `consent_ref` is the consent it rests on, `cap_count` the greatest count over its
    caps, `card_token` the journey's card as it is now, `rhythm` the customer's as of now where the
    campaign measures it, `statement` the bill where it is about one and that is still kept.
    """

    __slots__ = (
        "cap_count",
        "card_token",
        "consent_ref",
        "journey",
        "place",
        "policy",
        "reason",
        "rhythm",
        "statement",
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
        self.card_token = journey.card_token
        self.rhythm: Rhythm | None = None
        self.statement: StatementState | None = None

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
    entry, journey = candidate.policy.campaign.entry, candidate.journey
    candidate.card_token = cards.current(row, journey.card_token)
    if isinstance(entry, SilenceEntry):
        candidate.rhythm = rhythm.read(entry, row, now_ms)
    elif isinstance(entry, DueDateEntry):
        candidate.statement = statements.find(row, statement_id_in(journey.occurrence_key))
    for gate in _GATES[candidate.policy.campaign.message_class]:
        candidate.reason = gate(tenant, row, candidate)
        if candidate.reason:
            return


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


def _caps(tenant: TenantState, row: CustomerRow, candidate: Candidate) -> ReasonCode:
    """Return which cap the candidate would break as of now."""
    return caps(row, candidate, tenant.row.now_at_ms)


def _stops(tenant: TenantState, _row: CustomerRow, candidate: Candidate) -> ReasonCode:
    """Return which kill switch holds the candidate."""
    if tenant.row.paused:
        return "TENANT_PAUSED"
    return "KILL_SWITCH" if candidate.policy.campaign.id in tenant.row.campaigns_paused else ""


def _eligibility(_tenant: TenantState, row: CustomerRow, candidate: Candidate) -> ReasonCode:
    """Return whether the card cannot be used, or its holder is dead."""
    unusable = cards.unusable(row, candidate.journey.card_token)
    return "NOT_ELIGIBLE" if unusable or words.deceased(row) else ""


def _consent(tenant: TenantState, row: CustomerRow, candidate: Candidate) -> ReasonCode:
    """Return what the customer's word forbids; a consent is kept as evidence."""
    campaign = candidate.policy.campaign
    must_be_granted = candidate.binding.consent == "must be granted"
    word = consents.word(row, campaign.purpose, campaign.treatment.channel)
    if word is None:
        return "NO_CONSENT" if must_be_granted else ""
    if word.status == "granted":
        if must_be_granted and word.effective_at_ms > tenant.row.now_at_ms:
            return "NO_CONSENT"
        candidate.consent_ref = word.event_id
        return ""
    return "OPTED_OUT" if word.status == "revoked" else "NO_CONSENT"


def _standing(_tenant: TenantState, row: CustomerRow, _candidate: Candidate) -> ReasonCode:
    """Return what makes advertising out of place."""
    if not row.words:
        return ""
    if words.says(row, "risk", "flagged"):
        return "RISK_FLAG"
    if words.says(row, "case", "opened"):
        return "OPEN_CASE"
    return "OVERDUE" if words.says(row, "overdue", "overdue") else ""


def _applicability(tenant: TenantState, row: CustomerRow, candidate: Candidate) -> ReasonCode:
    """Return whether there is nothing to say to this customer now."""
    entry = candidate.policy.campaign.entry
    if isinstance(entry, SilenceEntry) and candidate.rhythm is not None:
        return "NOT_APPLICABLE" if candidate.rhythm.rate_ppm < entry.rate_ppm_min else ""
    if isinstance(entry, DueDateEntry) and not _still_due(tenant, row, candidate):
        return "NOT_APPLICABLE"
    return ""


def _still_due(tenant: TenantState, row: CustomerRow, candidate: Candidate) -> bool:
    """Return whether the bill is open, its due date not over, and nobody pays it by itself."""
    statement = candidate.statement
    if statement is None or statements.repaid(row, statement):
        return False
    autopay = words.find(row, "autopay", statement.card_token)
    paid_by_itself = autopay is not None and autopay.status == "active"
    return statement.due_at_ms > tenant.row.now_at_ms and not paid_by_itself


_Gate: TypeAlias = Callable[[TenantState, CustomerRow, Candidate], ReasonCode]

_GATES: Final[dict[str, tuple[_Gate, ...]]] = {
    message_class: tuple(
        gate
        for binds, gate in (
            (binding.stops, _stops),
            (binding.eligibility, _eligibility),
            (binding.consent != "not asked", _consent),
            (binding.standing, _standing),
            (binding.applicability, _applicability),
            (binding.caps, _caps),
        )
        if binds
    )
    for message_class, binding in BINDINGS.items()
}
"""The gates that bind each class, in their order."""
