"""Records of decisions and outcomes by hand: a campaign with a control group, and a few cards."""

from typing import Any

from tests.checker.identity import Facts
from tests.checker.insight import (
    DECISION,
    FOLLOWED,
    MOVED,
    OBJECTED,
    OPENED,
    SETTLED,
    InsightOracle,
)


AT = 1_700_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR
SHARES = {"control": 200_000, "default": 800_000}
BOUNDS = {
    "opt_out_ppm": 10_000,
    "complaint_ppm": 0,
    "failure_ppm": 0,
    "harm": True,
    "alpha_ppm": 60_000,
}
VERDICTS = {"control": "control", "holdout": "held_out"}
OUTCOMES = "lifecycle.outcomes.v1"

Said = tuple[str, Facts]


def opened(name: str, arm: str = "default", at: int = AT, **other: Any) -> Said:  # noqa: ANN401
    """Return an exposure of customer `c-<name>`."""
    said = _about(name, arm) | {"verdict": VERDICTS.get(arm, "sent"), "stage": "activate"}
    said |= {"message_class": "marketing", "shares_ppm": SHARES, "value_cap_minor": 1_000}
    said |= {"currency": "EUR", "guardrails": BOUNDS, "is_first": True, "option": ""}
    return OPENED, said | {"pools": False, "holdout_ppm": 0, "decided_at_ms": at} | other


def settled(
    name: str,
    label: int | None,
    arm: str = "default",
    **other: Any,  # noqa: ANN401
) -> Said:
    """Return what an exposure of `AT` came to, a day later."""
    said = _about(name, arm) | {"is_first": True, "pools": False, "holdout_ppm": 0, "option": ""}
    said |= {"label": label, "delivery": "unknown", "value_minor": 0, "currency": "EUR"}
    return SETTLED, said | {"decided_at_ms": AT, "settled_at_ms": AT + DAY} | other


def followed(name: str, day: int, arm: str = "default", **other: Any) -> Said:  # noqa: ANN401
    """Return whether a customer was still there, `day` days on."""
    said = _about(name, arm) | {"pools": False, "holdout_ppm": 0, "day": day, "active": True}
    return FOLLOWED, said | {"decided_at_ms": AT, "followed_at_ms": AT + day * DAY} | other


def objected(name: str, kind: str, arm: str = "default", **other: Any) -> Said:  # noqa: ANN401
    """Return an objection to a contact, a minute after it."""
    said = _about(name, arm) | {"objection": kind}
    return OBJECTED, said | {"decided_at_ms": AT, "objected_at_ms": AT + 60_000} | other


def _about(name: str, arm: str) -> Facts:
    said = {"v": 1, "exposure_id": name, "tenant": "acme", "customer_token": f"c-{name}"}
    return said | {"campaign_id": "nudge", "policy_version": 1, "arm": arm}


def moved(before: str, after: str, reached: str = "", waited_ms: int = -1, at: int = AT) -> Said:
    """Return that a card is counted elsewhere from now on."""
    said = {"tenant": "acme", "customer_token": "c", "before": before, "after": after}
    return MOVED, said | {"reached": reached, "waited_ms": waited_ms, "moved_at_ms": at}


def decided(*candidates: Facts, shadow: bool = False, customer: str = "c") -> Said:
    """Return a decision record."""
    said = {"tenant": "acme", "customer_token": customer, "shadow": shadow}
    return DECISION, said | {"decided_at_ms": AT + 1, "candidates": list(candidates)}


def candidate(verdict: str, reason: str = "", **caps: Any) -> Facts:  # noqa: ANN401
    """Return a candidate; each cap by its scope: counts before and after, and the greatest."""
    names = ("count_before", "count_after", "count_max")
    read = [{"scope": scope, **dict(zip(names, one, strict=True))} for scope, one in caps.items()]
    said = {"campaign_id": "nudge", "verdict": verdict, "reason_code": reason, "caps": read}
    return said | {"message_class": "marketing", "trigger_id": "t", "follows": ""}


def folded(*records: Said, partition: int = 0) -> InsightOracle:
    """Return the oracle after these records."""
    oracle = InsightOracle(partition)
    for offset, (ce_type, record) in enumerate(records):
        oracle.see(ce_type, record, (OUTCOMES, partition, offset))
    return oracle
