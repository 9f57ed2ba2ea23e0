"""A campaign with three options by hand, and what learning says of them."""

from typing import Any

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import DAY, decisions, fold
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, CAMPAIGN, envelope
from tests.checker.treatments_by_hand import nudged, treatment


CHANNELS = {"plain": "sms", "rich": "push", "late": "email"}


def option(name: str, **other: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return an option in its channel, with the nudge's wording."""
    return {"id": name, **treatment(CHANNELS[name]), **other}


def choosing(
    *options: Facts,
    salt: str = "b",
    epsilon_ppm: int = 600_000,
    **other: Any,  # noqa: ANN401 (any field)
) -> Facts:
    """Return the nudge that chooses among options; all three, worth what they cost, if none is."""
    among = options or tuple(option(name) for name in CHANNELS)
    choice = {"salt": salt, "epsilon_ppm": epsilon_ppm, "options": list(among)}
    return CAMPAIGN | {
        "caps": [],
        "fallbacks": [],
        "base_rate_ppm": 100_000,
        "value_minor": 10,
        "conversion": {"on": "app.session", "window_ms": DAY},
        "choice": choice,
        **other,
    }


def brought(sequence: int = 1, /, **rates: int) -> Facts:
    """Return the envelope of what the nudge's options have brought."""
    said = {"campaign_id": "activation_nudge", "sequence": sequence, "rates_ppm": rates}
    name = f"cardcue/learning choice-activation_nudge-{sequence}"
    return envelope(BASE, "", name, {"event_type": "choice.published", **said})


def decided(policy: Facts, *before: Facts, **words: Any) -> Facts:  # noqa: ANN401
    """Return the one candidate of the nudge, with these records before it."""
    (one,) = decisions(fold(*nudged(policy, *before, **words)))
    return one


def folded(policy: Facts, *before: Facts) -> PartitionOracle:
    """Return the oracle after the nudge."""
    return fold(*nudged(policy, *before))
