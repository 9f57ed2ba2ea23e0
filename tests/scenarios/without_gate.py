"""Take one gate out of the house, to see that nothing else would have stopped a candidate."""

from typing import Final

import pytest

from lifecycle import arms, gates, occasion
from schemas.decisions import GateReading


STEPS: Final = {
    "worth": (occasion, "weigh", lambda _asked: None),
    "arbitration": (occasion, "_arbitrate", list),
    "experiment": (arms, "read", lambda _occasion, _candidate: None),
}
"""What stands in for a gate that is no gate of `judge` but a step of the occasion."""


def without(gate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every candidate pass a gate, for the rest of the test."""
    if gate in STEPS:
        monkeypatch.setattr(*STEPS[gate])
        return
    rest = {name: asked for name, asked in gates.GATES.items() if name != gate}
    assert len(rest) < len(gates.GATES)
    monkeypatch.setattr(gates, "GATES", rest)  # another one: put back, an item would be the last
    if gate == "caps":
        monkeypatch.setattr(occasion, "caps_gate", lambda _asked: GateReading(gate="caps"))
