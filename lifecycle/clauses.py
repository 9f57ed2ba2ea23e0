"""Compile a policy's clauses, and find the first that a customer does not meet."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lifecycle.features.context import Context
from lifecycle.features.declared import FEATURES
from lifecycle.rules import RuleError, compiled, names_in
from schemas.campaign import Campaign, Clause
from schemas.decisions import GateReading
from schemas.reasons import Gate, ReasonCode


KINDS = {name: feature.kind for name, feature in FEATURES.items()}
READERS = {name: feature.read for name, feature in FEATURES.items()}


class Condition(NamedTuple):
    """A clause, ready to be asked of a customer."""

    id: str
    holds: Callable[[Context], object]


def conditions(clauses: Sequence[Clause]) -> tuple[Condition, ...]:
    """
    Return clauses compiled.

    Raises:
        RuleError: a rule that is no condition, or reads what nobody has declared.

    """
    return tuple(Condition(clause.id, _holds(clause)) for clause in clauses)


def names_read(campaign: Campaign) -> tuple[str, ...]:
    """Return the features that the campaign's clauses read, in alphabetical order."""
    stages = (*campaign.eligibility, *campaign.applicability, *campaign.suitability)
    return tuple(sorted({name for clause in stages for name in names_in(clause.rule.tree)}))


def reading(
    gate: Gate,
    reason: ReasonCode,
    stage: tuple[Condition, ...],
    context: Context,
    saw: dict[str, int] | None = None,
) -> GateReading:
    """Return what a stage of clauses says: `reason` for the first that is not met."""
    for condition in stage:
        try:
            met = condition.holds(context)
        except RuleError:
            reason, met = "RULE_ERROR", False
        if not met:
            return GateReading(gate=gate, reason_code=reason, clause=condition.id, saw=saw or {})
    return GateReading(gate=gate, saw=saw or {})


def _holds(clause: Clause) -> Callable[[Context], object]:
    """Return the compiled rule of a clause."""
    kind, holds = compiled(clause.rule.tree, KINDS, READERS)
    if kind != "bool":
        raise RuleError(f"wanted a condition in {clause.id}, found {kind}")
    return holds
