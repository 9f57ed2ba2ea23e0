"""Segments of a bank by hand: edges in CNY, two clusters."""

from typing import Any

from tests.checker.identity import Facts
from tests.checker.tiny_world import BASE, envelope


def segments(sequence: int = 1, **other: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return the envelope of what learning publishes."""
    said = {
        "edges_minor": {"CNY": [100, 200, 300]},
        "clusters": {"travel": {"travel": 800_000, "fuel": 200_000}, "dining": {"dining": 10**6}},
    }
    record = {"event_type": "segments.published", "sequence": sequence}
    return envelope(BASE, "", f"cardcue/learning segments-{sequence}", record | said | other)
