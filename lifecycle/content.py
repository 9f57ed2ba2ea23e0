"""
Fill what a wording shows: the variables of its campaign's kind, and features it asks for.

Nothing personal, and nothing that its template does not list (docs/core.md 3.14).
"""

from datetime import date

from lifecycle import statements, treatments
from lifecycle.candidate import Candidate
from lifecycle.features.declared import FEATURES
from lifecycle.instants import DAY_MS, EPOCH_DAY
from lifecycle.partition import TenantState
from lifecycle.wordings import SHOWN_KINDS
from schemas.campaign import AbsenceEntry, DueDateEntry, SilenceEntry
from schemas.decisions import FeatureValue, GateReading
from schemas.state import StatementState


def reading(tenant: TenantState, candidate: Candidate) -> GateReading:
    """Return whether the wording is approved and complete; the variables are kept beside it."""
    treatment = candidate.treatment
    if not treatments.approved(tenant, treatment):
        return GateReading(gate="content", reason_code="NO_TEMPLATE")
    shown = _of_kind(candidate)
    for name, feature in treatment.variables.items():
        shown.pop(name, None)
        value = candidate.features[feature]
        if value != FEATURES[feature].absent and isinstance(value, int | str):
            shown[name] = value
    known = tenant.templates.get((treatment.template_id, treatment.template_version))
    wanted: dict[str, type] = dict.fromkeys(treatment.variables, object)
    if known is not None:
        wanted = {one.name: SHOWN_KINDS[one.kind] for one in known.variables}
        shown = {name: shown[name] for name in wanted if name in shown}
    for name, kind in wanted.items():
        if not isinstance(shown.get(name), kind) or shown.get(name) in {None, ""}:
            return GateReading(gate="content", reason_code="VARIABLE_MISSING", clause=name)
    candidate.variables = shown
    return GateReading(gate="content")


def looked_at(candidate: Candidate, now_ms: int) -> dict[str, FeatureValue]:
    """Return what the campaign's kind looks at, as of now; whatever gate has failed."""
    entry, journey, rhythm = candidate.policy.campaign.entry, candidate.journey, candidate.rhythm
    if rhythm is not None:
        return dict(rhythm._asdict())
    if isinstance(entry, AbsenceEntry):
        return {"waited_ms": now_ms - journey.entered_at_ms}
    if isinstance(entry, DueDateEntry):
        statement = candidate.statement
        if statement is None:
            return {"amount_minor": 0, "due_in_ms": 0}
        open_minor = statements.open_minor(statement)
        return {"amount_minor": open_minor, "due_in_ms": statement.due_at_ms - now_ms}
    return {"amount_minor": journey.amount_minor}


def _of_kind(candidate: Candidate) -> dict[str, str | int]:
    """Return what campaigns of this kind can always show."""
    entry, journey, rhythm = candidate.policy.campaign.entry, candidate.journey, candidate.rhythm
    if isinstance(entry, AbsenceEntry):
        return {}
    if isinstance(entry, SilenceEntry) and rhythm is not None:
        return {"silent_days": rhythm.silent_ms // DAY_MS}
    if candidate.statement is not None:
        return _of_statement(candidate.statement)
    return {"amount_minor": journey.amount_minor, "currency": journey.currency}


def _of_statement(statement: StatementState) -> dict[str, str | int]:
    """Return what is open on a bill, and its last day, that which ends at `due_at_ms`."""
    last_day = date.fromordinal(EPOCH_DAY + statement.due_at_ms // DAY_MS - 1)
    return {
        "amount_minor": statements.open_minor(statement),
        "currency": statement.currency,
        "due_date": last_day.isoformat(),
    }
