"""
Compile the rules that begin and end journeys: conditions on the event at hand (docs/core.md 3.11).

They read the event beside every feature. Where one cannot be computed it is not met: nothing
begins, and nothing ends, by what nobody knows.
"""

from collections.abc import Callable
from typing import NamedTuple

from lifecycle import clauses
from lifecycle.event_names import PREFIX, names_of
from lifecycle.features.context import Context
from lifecycle.rules import RuleError, compiled, names_in
from schemas.campaign import (
    AbsenceEntry,
    Campaign,
    CountEntry,
    DriftEntry,
    EventCondition,
    EventEntry,
    SequenceEntry,
)
from schemas.entries import Entry
from schemas.rules import Rule


class Asked(NamedTuple):
    """A condition on events of a type, ready to be asked; without a rule every one meets it."""

    campaign_id: str
    on: str
    holds: Callable[[Context], object] | None

    def met(self, context: Context) -> bool:
        """Return whether the event at hand, which is of this type, meets the condition."""
        if self.holds is None:
            return True
        try:
            return bool(self.holds(context))
        except RuleError:
            if context.failed is not None:
                context.failed.append(self.campaign_id)
            return False


def begin_conditions(entry: Entry) -> tuple[EventCondition, ...]:
    """Return the conditions with a rule, or room for one, that an entry has, in its order."""
    match entry:
        case AbsenceEntry():
            return (EventCondition(on=entry.after, rule=entry.rule),)
        case EventEntry():
            return entry.when
        case CountEntry():
            return (EventCondition(on=entry.on, rule=entry.rule),)
        case SequenceEntry():
            return entry.of
        case DriftEntry():
            return (EventCondition(on="txn.posted", rule=entry.rule),)
        case _:
            return ()


def end_conditions(campaign: Campaign) -> tuple[EventCondition, ...]:
    """Return the exits that depend on a rule, or could."""
    return tuple(one for one in campaign.exit_on if isinstance(one, EventCondition))


def asked(campaign_id: str, conditions: tuple[EventCondition, ...]) -> tuple[Asked, ...]:
    """
    Return a campaign's conditions compiled.

    Raises:
        RuleError: a rule that is no condition, or reads what its event does not have.

    """
    return tuple(
        Asked(campaign_id, one.on, None if one.rule is None else _holds(one.on, one.rule))
        for one in conditions
    )


def features_read(campaign: Campaign) -> frozenset[str]:
    """Return the features, without the event's own names, that entry and exits read."""
    conditions = begin_conditions(campaign.entry) + end_conditions(campaign)
    names = (names_in(one.rule.tree) for one in conditions if one.rule is not None)
    return frozenset(name for each in names for name in each if not name.startswith(PREFIX))


def _holds(event_type: str, rule: Rule) -> Callable[[Context], object]:
    """Return a compiled rule about events of a type."""
    of_event = names_of(event_type)
    kinds = {**clauses.KINDS, **of_event.kinds}
    kind, holds = compiled(rule.tree, kinds, {**clauses.READERS, **of_event.readers})
    if kind != "bool":
        raise RuleError(f"wanted a condition on {event_type}, found {kind}")
    return holds
