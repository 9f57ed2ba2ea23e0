"""Take one gate out of the house, to see that nothing else would have stopped a candidate."""

from typing import Final

import pytest

from lifecycle import gates, occasion
from schemas.decisions import GateReading


FUNCTIONS: Final = {
    "eligibility": "_eligibility",
    "applicability": "_applicability",
    "suitability": "_suitability",
    "stop": "_stop",
    "consent": "_consent",
    "personalisation": "_personalisation",
    "standing": "_standing",
    "quiet": "_quiet",
    "spacing": "_spacing",
    "caps": "caps_gate",
}
"""Gates that `judge` asks; `worth`, `arbitration` and `experiment` are steps of the occasion."""

STEPS: Final = {"worth": "_value", "arbitration": "_arbitrate", "experiment": "_kept_back"}


def without(gate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every candidate pass a gate, for the rest of the test."""
    if gate in FUNCTIONS:
        function = getattr(gates, FUNCTIONS[gate])
        kept = {
            message_class: tuple(one for one in asked if one is not function)
            for message_class, asked in gates._GATES.items()  # noqa: SLF001 (the table itself)
        }
        monkeypatch.setattr(gates, "_GATES", kept)
        if gate == "caps":
            never_full = lambda _asked: GateReading(gate="caps")  # noqa: E731
            monkeypatch.setattr(occasion, "caps_gate", never_full)
        return
    lenient = {
        "worth": lambda _candidate: None,
        "arbitration": list,
        "experiment": lambda _occasion, _candidate, _assigned: False,
    }
    monkeypatch.setattr(occasion, STEPS[gate], lenient[gate])
