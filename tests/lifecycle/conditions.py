"""Make conditions on events, and campaigns that begin with them."""

from typing import Any

from cli.cel import check
from lifecycle.event_names import names_of
from lifecycle.features.declared import FEATURES
from schemas.campaign import (
    Campaign,
    EventCondition,
    EventEntry,
    Step,
)
from schemas.entries import Entry
from schemas.rules import Kind, Rule
from tests.lifecycle.builders import nudge


FEATURE_KINDS: dict[str, Kind] = {name: feature.kind for name, feature in FEATURES.items()}
NOW = (Step(id="now"),)
SENT = ["-> ann now", "told now sent"]


def rule(event_type: str, text: str) -> Rule:
    """Return a rule about events of a type, as `cardcue policy check` makes it."""
    return check(text, {**FEATURE_KINDS, **names_of(event_type).kinds}, "bool")


def on(event_type: str, text: str = "") -> EventCondition:
    """Return a condition, without a rule for ""."""
    return EventCondition(on=event_type, rule=rule(event_type, text) if text else None)


def told(entry: Entry, **changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign with this entry, whose only step does not wait."""
    return nudge(**{"id": "told", "entry": entry, "steps": NOW, **changed})


def when(event_type: str, text: str = "") -> EventEntry:
    """Return an entry on one condition."""
    return EventEntry(when=(on(event_type, text),))
