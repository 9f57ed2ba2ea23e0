"""Read a snapshot of a model out of a scenario: inputs' rules are CEL, as in a model's file."""

from typing import Any, Final

import msgspec

from cli.cel import check
from schemas.learning import ModelPublished
from schemas.rules import Kind
from tests.lifecycle.conditions import FEATURE_KINDS


KINDS: Final[dict[str, Kind]] = {"number": "int", "category": "string"}


def snapshot_of(document: dict[str, Any]) -> ModelPublished:
    """Return a snapshot that was learnt; without a control head the control has taught nothing."""
    model = dict(document["model"])
    model["inputs"] = [
        one | {"is": msgspec.to_builtins(check(one["is"], FEATURE_KINDS, KINDS[one["kind"]]))}
        for one in model["inputs"]
    ]
    contact = document["contact"]
    untaught = {"intercept": 0.0, "weights": [0.0] * len(contact["weights"])}
    said = {"sequence": 1, "reason": "learnt", "control": untaught, **document, "model": model}
    return msgspec.convert({"event_type": "model.published", **said}, ModelPublished)
