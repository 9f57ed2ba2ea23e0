"""
Make up what effects are measured by: money and salts, bounds, and guardrails that trip.

Each draws from a source of its own, which a name gives: what else the journal says stays the same.
"""

from collections.abc import Sequence
from random import Random

from tests.checker.identity import Facts


def _drawn(*named: object) -> Random:
    return Random(" ".join(map(str, named)))  # noqa: S311 (a made-up journal, no secret)


def money(*named: object) -> Facts:
    """Return what counts up to a customer, at times nothing, at times in no currency."""
    random = _drawn("money", *named)
    caps = (0, 1, 500, 10**12)
    return {"value_cap_minor": random.choice(caps), "currency": random.choice(("", "CNY", "CNY"))}


def measured(*named: object) -> Facts:
    """Return what a bank says of its own effect; a new salt exposes everybody again."""
    random = _drawn("measured", *named)
    salt = random.choice(("chaos", "chaos", "chaos", "salt"))
    said = {"holdout_salt": salt, "pools_effects": random.random() < 0.5}
    return {"holdout_bp": random.choice((0, 1, 2_000)), **said, **money(*named)}


def guardrails(*named: object) -> Facts | None:
    """Return a campaign's bounds, mostly some."""
    random = _drawn("guardrails", *named)
    if random.random() < 0.3:
        return None
    kinds = ("opt_out_ppm", "complaint_ppm", "failure_ppm")
    bounds: Facts = {kind: random.choice((0, 1_000, 999_999)) for kind in kinds}
    return bounds | {"harm": random.random() < 0.5, "alpha_ppm": random.choice((1, 10_000))}


def tripped(names: Sequence[str], *named: object) -> Facts | None:
    """Return that a guardrail has tripped, of a version that is mostly the active one; or None."""
    random = _drawn("tripped", *named)
    if random.random() < 0.8:
        return None
    kind = random.choice(("opt_out", "complaint", "failure", "harm"))
    return {
        "event_type": "guardrail.tripped",
        "campaign_id": random.choice(names),
        "policy_version": random.choice((0, 1, 9, 99)),
        "kind": kind,
        "count": random.randrange(99),
    }
