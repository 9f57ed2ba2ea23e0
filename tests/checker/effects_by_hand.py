"""A measured campaign and its tenant by hand, and what the oracle says of exposures, in short."""

import json
from typing import Any

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import NUDGED, happened, published, receipt
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, CAMPAIGN, DECIDED, TRIGGER_ID, envelope, tick


DAY = 86_400_000
MONEY: Facts = {"value": "amount_minor", "value_cap_minor": 500, "currency": "CNY"}
MEASURED = CAMPAIGN | {
    "steps": CAMPAIGN["steps"][:1],
    "conversion": {"on": "txn.posted", "window_ms": DAY, **MONEY},
}
"""A purchase in CNY within a day of the one nudge converts, and its money counts."""

BEGUN = NUDGED[1:]
RECORDS = (published(MEASURED), *BEGUN)
"""Nudged at DECIDED; the window ends a day later."""

HELD = {"holdout_bp": 10_000, "holdout_salt": "h"}
"""Everybody is held out."""
NOBODY = {"holdout_bp": 1, "holdout_salt": "h"}
"""One of ten thousand is; c0's bucket by the salt `h` is another."""

ENDED = DECIDED + DAY
SETTLED = "exposure.settled.v1"
SHORT = {
    "exposure.opened.v1": "{verdict} {arm}",
    "outcome.recorded.v1": "{reason} {label}",
    SETTLED: "settled {label} {value_minor}",
    "exposure.followed.v1": "followed {day} {active}",
    "exposure.objected.v1": "objected {objection}",
}


def configured(event_id: str = "t1", **said: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return the envelope of what a tenant's settings are; live from the first moment."""
    record = {"event_type": "tenant.configured", "live_from_ms": 0, "time_zone": "UTC", **said}
    return envelope(BASE, "", f"control {event_id}", record)


def reached(watermark: int) -> Facts:
    """Return the tick at which both clocks are there."""
    return tick(watermark, watermark)


def refunded(at: int, event_id: str, amount: int, **other: Any) -> Facts:  # noqa: ANN401
    """Return that money of a purchase on k0 went back."""
    said = {"txn_id": f"t-{event_id}", "card_token": "k0", "amount_minor": amount}
    return happened(at, f"back-{event_id}", "txn.reversed", **said, **{"currency": "CNY", **other})


def replied(kind: str, at: int = DECIDED + 1_000, trigger: str = TRIGGER_ID) -> Facts:
    """Return what c0 does about the nudge."""
    said = {"trigger_id": trigger, "channel": "sms", "kind": kind}
    return happened(at, f"{kind}-{at}", "response.recorded", **said)


def complained(at: int, event_id: str = "x", case_class: str = "complaint") -> Facts:
    """Return that a case of c0 was opened."""
    return happened(at, event_id, "service.case_opened", case_id=event_id, case_class=case_class)


def failed(at: int = DECIDED + 1_000) -> Facts:
    """Return that the nudge was not delivered."""
    return receipt("failed", at, f"failed-{at}")


def lines(oracle: PartitionOracle) -> list[str]:
    """Return what there is of exposures, each in its few words."""
    outputs = [item.output for item in oracle.expected if item.output.ce_type in SHORT]
    return [SHORT[one.ce_type].format(**json.loads(one.value)) for one in outputs]


def told(oracle: PartitionOracle, ce_type: str) -> list[tuple[bytes, Facts]]:
    """Return the records of one type, decoded, each with its key."""
    found = [item for item in oracle.expected if item.output.ce_type == ce_type]
    return [(item.record_key, json.loads(item.output.value)) for item in found]


def exposures(oracle: PartitionOracle) -> list[Facts]:
    """Return c0's exposures."""
    kept: list[Facts] = oracle.customers["acme|c0"]["exposures"]
    return kept


def marks(oracle: PartitionOracle) -> list[bytes]:
    """Return what c0's row remembers."""
    found: list[bytes] = oracle.customers["acme|c0"]["experiments"]
    return found
