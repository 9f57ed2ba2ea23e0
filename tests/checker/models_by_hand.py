"""A model and its snapshots by hand: one number, one category, one number by its logarithm."""

from typing import Any

from tests.checker.identity import Facts
from tests.checker.tiny_world import BASE, envelope


def rule(name: str) -> Facts:
    """Return a rule that is a feature as it is."""
    return {"text": name, "tree": {"node": "name", "name": name}}


NUMBER: Facts = {"kind": "number", "id": "days", "is": rule("tenure_days"), "offset": 1}
STAGE: Facts = {"kind": "category", "id": "stage", "is": rule("stage")}
LOG: Facts = {"kind": "number", "id": "log_days", "is": rule("tenure_days"), "scale": "log"}
MODEL: Facts = {
    "id": "ranker",
    "version": 1,
    "inputs": [
        NUMBER | {"divisor": 4},
        STAGE | {"values": ["delivered", "issued"]},
        LOG | {"divisor": 7},
    ],
    "exposure_count_min": 10,
    "conversion_count_min": 2,
}
"""Three days after the issue it sees 0.5, the second value, and ln 4 / ln 8."""


def head(intercept: float, *weights: float, exposures: int = 10, conversions: int = 2) -> Facts:
    """Return a head with evidence enough, if nothing else is said."""
    counts = {"exposure_count": exposures, "conversion_count": conversions}
    return {"intercept": intercept, "weights": [*weights], "squares": [], **counts}


CONTACT = head(-1.0, 2.0, 9.0, 9.0, 0.25, -0.375)
CONTROL = head(-40.0, 0.0, 0.0, 0.0, 0.0, 0.0)
UNTAUGHT = CONTROL | {"conversion_count": 1}


def snapshot(sequence: int = 1, contact: Facts = CONTACT, **other: Any) -> Facts:  # noqa: ANN401
    """Return the envelope of a snapshot of the model, whose control has learnt too little."""
    said = {"contact": contact, "control": UNTAUGHT, "withheld": False, "reason": "learnt"}
    record = {"event_type": "model.published", "model": MODEL, "sequence": sequence, **said}
    return envelope(BASE, "", f"cardcue/learning ranker-{sequence}", record | other)


def defined(event_id: str = "d1", **other: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return the envelope of the model's definition."""
    record = {"event_type": "model.defined", "model": MODEL, "contact": None, "control": None}
    return envelope(BASE, "", f"control {event_id}", record | {"signatures": []} | other)
