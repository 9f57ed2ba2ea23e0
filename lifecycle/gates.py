"""
Ask whether a candidate may go out now: the gates, in their order, by class of message.

Reading a gate reserves nothing (SEMANTICS O2).
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from lifecycle import (
    caps,
    cards,
    clauses,
    content,
    offers,
    profiles,
    quiet_hours,
    spacing,
    statements,
    treatments,
    words,
)
from lifecycle.asked import Asked
from lifecycle.bindings import binding
from lifecycle.candidate import Candidate
from lifecycle.policies import over
from schemas.campaign import DueDateEntry, SilenceEntry
from schemas.decisions import GateReading
from schemas.reasons import ReasonCode


UNBOUND: Final = (False, "not asked")
"""What a `Binding` says of a gate that does not bind."""

KEPT: Final = frozenset({"spacing", "offer"})
"""What a fallback keeps of the contact that it follows, and is not asked again."""

OF_THE_OPTION: Final = frozenset({"consent", "content", "caps", "offer"})
"""What is about the channel, the wording or the offer: each option has an answer of its own."""


def judge(asked: Asked) -> None:
    """Ask the gates that bind the candidate until one fails; keep what each of them saw."""
    candidate, bound = asked.candidate, binding(asked.candidate)
    for name, gate in GATES.items():
        if getattr(bound, name) in UNBOUND or _settled(candidate, name):
            continue
        candidate.read(gate(asked))
        if candidate.reason:
            return


def judge_each(ways: Sequence[Asked]) -> Sequence[Asked]:
    """
    Ask the gates that bind a candidate which may go in several ways, as `judge` does.

    Only what is of the option is asked of each way. Return those that passed; where a gate leaves
    none, those that it refused.
    """
    bound = binding(ways[0].candidate)
    for name, gate in GATES.items():
        if getattr(bound, name) in UNBOUND:
            continue
        if name in OF_THE_OPTION:
            for way in ways:
                if not _settled(way.candidate, name):
                    way.candidate.read(gate(way))
            ways = left(ways)
        else:
            reading = gate(ways[0])
            for way in ways:
                way.candidate.read(reading)
        if ways[0].candidate.reason:
            break
    return ways


def left(ways: Sequence[Asked]) -> Sequence[Asked]:
    """Return the ways that nothing has refused so far; all where there is none."""
    return [way for way in ways if not way.candidate.reason] or ways


def caps_gate(asked: Asked) -> GateReading:
    """Return which cap the candidate would break as of now; the counts are kept beside it."""
    return caps.read(asked.tenant, asked.row, asked.candidate)


def _settled(candidate: Candidate, name: str) -> bool:
    """Return whether there is nothing to ask: nothing promised, or what a fallback keeps (C2)."""
    if candidate.follows is not None and name in KEPT:
        return True
    return name == "offer" and not offers.asked(candidate)


def _eligibility(asked: Asked) -> GateReading:
    """Return whether the card cannot be used, its holder is dead, or a clause is not met."""
    row, policy = asked.row, asked.candidate.policy
    clause = ""
    if cards.unusable(row, asked.candidate.journey.card_token):
        clause = "card"
    elif words.deceased(row):
        clause = "holder"
    if clause:
        return GateReading(gate="eligibility", reason_code="NOT_ELIGIBLE", clause=clause)
    return clauses.reading("eligibility", "NOT_ELIGIBLE", policy.eligibility, asked.context)


def _applicability(asked: Asked) -> GateReading:
    """Return whether there is nothing to say to this customer now."""
    candidate = asked.candidate
    entry = candidate.policy.campaign.entry
    clause = ""
    saw: dict[str, int] = {}
    if isinstance(entry, SilenceEntry) and candidate.rhythm is not None:
        saw = {"rate_ppm": candidate.rhythm.rate_ppm, "rate_ppm_min": entry.rate_ppm_min}
        clause = "rate" if candidate.rhythm.rate_ppm < entry.rate_ppm_min else ""
    elif isinstance(entry, DueDateEntry) and not _still_due(asked):
        clause = "due"
    if over(candidate.policy.campaign, asked.tenant.row.now_at_ms):
        clause = "dates"
    if clause:
        return GateReading(
            gate="applicability", reason_code="NOT_APPLICABLE", clause=clause, saw=saw
        )
    return clauses.reading(
        "applicability", "NOT_APPLICABLE", candidate.policy.applicability, asked.context, saw
    )


def _suitability(asked: Asked) -> GateReading:
    """Return which clause says that this would not serve the customer."""
    policy = asked.candidate.policy
    return clauses.reading("suitability", "NOT_SUITABLE", policy.suitability, asked.context)


def _stop(asked: Asked) -> GateReading:
    """Return which kill switch holds the candidate, or that a guardrail does."""
    tenant, campaign_id = asked.tenant.row, asked.candidate.policy.campaign.id
    reason: ReasonCode = ""
    if tenant.paused:
        reason = "TENANT_PAUSED"
    elif campaign_id in tenant.campaigns_paused:
        reason = "KILL_SWITCH"
    elif campaign_id in tenant.campaigns_tripped:
        reason = "GUARDRAIL_STOP"
    return GateReading(gate="stop", reason_code=reason)


def _consent(asked: Asked) -> GateReading:
    """Return what the customer's word forbids; a consent is kept as evidence."""
    candidate = asked.candidate
    answer = treatments.consent(asked.tenant, asked.row, candidate, candidate.treatment)
    candidate.consent_ref = answer.evidence
    return GateReading(gate="consent", reason_code=answer.reason)


def _personalisation(asked: Asked) -> GateReading:
    """Return whether the campaign looks at behaviour, and the customer wants none of that (O4)."""
    refused = profiles.personalisation_off(asked.row) and asked.candidate.policy.behavioural
    return GateReading(gate="personalisation", reason_code="PERSONALISATION_OFF" if refused else "")


def _content(asked: Asked) -> GateReading:
    """Return whether the wording is approved, and all that it shows is known."""
    return content.reading(asked.tenant, asked.candidate)


def _standing(asked: Asked) -> GateReading:
    """Return what makes advertising out of place."""
    row = asked.row
    if words.says(row, "risk", "flagged"):
        return GateReading(gate="standing", reason_code="RISK_FLAG")
    if words.says(row, "case", "opened"):
        return GateReading(gate="standing", reason_code="OPEN_CASE")
    overdue = words.says(row, "overdue", "overdue")
    return GateReading(gate="standing", reason_code="OVERDUE" if overdue else "")


def _quiet(asked: Asked) -> GateReading:
    """Return whether the customer is to be left alone now; when that ends is kept (O4, O5)."""
    tenant, candidate = asked.tenant, asked.candidate
    rest = quiet_hours.rest_of(asked.row, tenant.calendar, tenant.row.time_zone)
    if not rest.zone:
        return GateReading(gate="quiet", reason_code="ZONE_UNKNOWN")
    message_class, now_ms = candidate.policy.campaign.message_class, tenant.row.now_at_ms
    if not quiet_hours.quiet(*rest, message_class, now_ms):
        return GateReading(gate="quiet")
    open_at_ms = quiet_hours.next_open_ms(*rest, message_class, now_ms)
    candidate.open_at_ms = open_at_ms or 0
    saw = {} if open_at_ms is None else {"open_at_ms": open_at_ms}
    return GateReading(gate="quiet", reason_code="QUIET_HOURS", saw=saw)


def _spacing(asked: Asked) -> GateReading:
    """Return whether the campaign, or one that it must keep away from, came too recently."""
    return spacing.reading(asked.tenant, asked.row, asked.candidate)


def _offer(asked: Asked) -> GateReading:
    """Return whether what the campaign promises and costs is there."""
    return offers.reading(asked.tenant, asked.candidate)


def _still_due(asked: Asked) -> bool:
    """Return whether the bill is open, its due date not over, and nobody pays it by itself."""
    statement, row = asked.candidate.statement, asked.row
    if statement is None or statements.repaid(row, statement):
        return False
    autopay = words.find(row, "autopay", statement.card_token)
    paid_by_itself = autopay is not None and autopay.status == "active"
    return statement.due_at_ms > asked.tenant.row.now_at_ms and not paid_by_itself


_Gate: TypeAlias = Callable[[Asked], GateReading]


GATES: Final[dict[str, _Gate]] = {
    "eligibility": _eligibility,
    "applicability": _applicability,
    "suitability": _suitability,
    "stop": _stop,
    "consent": _consent,
    "personalisation": _personalisation,
    "content": _content,
    "standing": _standing,
    "quiet": _quiet,
    "spacing": _spacing,
    "caps": caps_gate,
    "offer": _offer,
}
"""The gates by the names of `Binding`, in their order."""
