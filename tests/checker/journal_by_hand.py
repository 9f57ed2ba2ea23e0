"""Envelopes and policies by hand for the tests of the oracle, and what it says to them."""

import json
from typing import Any

from tests.checker.oracle import Expected, PartitionOracle
from tests.checker.tiny_world import (
    BASE,
    CAMPAIGN,
    DECIDED,
    DUE,
    ISSUED,
    TRIGGER_ID,
    envelope,
    tick,
)


DAY = 86_400_000


def published(policy: dict[str, Any], event_id: str = "p1") -> dict[str, Any]:
    """Return the envelope of a policy."""
    record = {"event_type": "policy.published", "campaign": policy, "policy_hash": "h1"}
    return envelope(BASE, "", f"control {event_id}", record)


def consent(status: str, at: int = BASE + 30_000, event_id: str = "g0") -> dict[str, Any]:
    """Return c0's word about activation by sms."""
    record = {
        "event_type": "consent.changed",
        "purpose": "activation",
        "channel": "sms",
        "status": status,
    }
    return envelope(at, "c0", f"/crm {event_id}", record)


def card(kind: str, at: int, event_id: str) -> dict[str, Any]:
    """Return an event of c0's card k0."""
    return envelope(at, "c0", f"/core {event_id}", {"event_type": kind, "card_token": "k0"})


def purchase(at: int, event_id: str, amount: int = 100, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a purchase of c0 in CNY."""
    record = {
        "event_type": "txn.posted",
        "txn_id": f"t-{event_id}",
        "card_token": "k0",
        "amount_minor": amount,
        "currency": "CNY",
    }
    return envelope(at, "c0", f"/core {event_id}", record | other)


def statement(
    at: int,
    event_id: str,
    total: int,
    *,
    eligible: bool = True,
    **other: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return a bill of c0, due on December 5th."""
    record = {
        "event_type": "statement.issued",
        "statement_id": f"s-{event_id}",
        "card_token": "k0",
        "total_due_minor": total,
        "min_due_minor": 0,
        "currency": "CNY",
        "due_date": "2023-12-05",
        "instalment_eligible": eligible,
    }
    return envelope(at, "c0", f"/core {event_id}", record | other)


def repaid(at: int, event_id: str, amount: int, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return money that came in on c0's card k0, in CNY."""
    record = {
        "event_type": "repayment.received",
        "repayment_id": f"r-{event_id}",
        "card_token": "k0",
        "amount_minor": amount,
        "currency": "CNY",
        "statement_id": "",
    }
    return envelope(at, "c0", f"/core {event_id}", record | other)


def happened(at: int, event_id: str, event_type: str, /, **said: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return any event of c0."""
    return envelope(at, "c0", f"/core {event_id}", {"event_type": event_type, **said})


def receipt(status: str, at: int, event_id: str) -> dict[str, Any]:
    """Return what the gateway says of the nudge."""
    record = {
        "event_type": "delivery.receipt",
        "trigger_id": TRIGGER_ID,
        "channel": "sms",
        "status": status,
    }
    return envelope(at, "c0", f"/sms {event_id}", record)


def fold(*envelopes: dict[str, Any], zone: str = "UTC") -> PartitionOracle:
    """Return the oracle after these records; `zone` is the tenant's, which is known already."""
    oracle = PartitionOracle(zones={"acme": zone})
    for one in envelopes:
        oracle.see(one)
    return oracle


def came_out(oracle: PartitionOracle) -> list[Expected]:
    """Return what came out beside the outcomes topic."""
    return [item for item in oracle.expected if item.output.topic != "outcomes"]


def said(oracle: PartitionOracle) -> list[str]:
    """Return `verdict reason` of each candidate, behind its trigger's channel where it has one."""
    outputs = [item.output for item in oracle.expected]
    sent = (one for one in outputs if one.ce_type == "trigger.requested.v1")
    waiting = {one.output_id: one.topic for one in sent}
    lines = []
    for told in decisions(oracle):
        if told["verdict"] == "sent":
            lines.append(waiting.pop(told["trigger_id"]))
        lines.append("{verdict} {reason_code}".format(**told).strip())
    assert not waiting
    return lines


def decisions(oracle: PartitionOracle) -> list[dict[str, Any]]:
    """Return the candidates of the decision records, with what the record says of all of them."""
    outputs = [item.output for item in oracle.expected]
    records = [json.loads(one.value) for one in outputs if one.topic == "decisions"]
    return [
        record
        | candidate
        | {"cap_count": max((cap["count_before"] for cap in candidate["caps"]), default=0)}
        for record in records
        for candidate in record["candidates"]
    ]


NUDGED = (
    published(CAMPAIGN),
    consent("granted"),
    card("card.issued", ISSUED, "i0"),
    tick(DECIDED, DUE),
)


INSTALMENT = CAMPAIGN | {
    "id": "instalment",
    "entry": {
        "kind": "event",
        "any_of": [
            {"on": "statement.issued", "total_due_minor_min": 5_000, "instalment_eligible": True},
            {
                "on": "txn.posted",
                "amount_minor_min": 300,
                "own_mean_percent_min": 300,
                "spend_count_min": 2,
            },
        ],
    },
    "occurrence": "statement",
    "steps": [{"id": "offer", "delay_ms": 0}, {"id": "remind", "delay_ms": DAY}],
    "exit_on": ["repayment.received"],
    "caps": [],
    "priority": 60,
}


WIN_BACK = CAMPAIGN | {
    "id": "win_back",
    "entry": {
        "kind": "silence",
        "r": 1.0,
        "alpha": 1.0,
        "a": 1.0,
        "b": 1.0,
        "unit_ms": DAY,
        "alive_ppm": 200_000,
        "rate_ppm_min": 50_000,
        "repeat_count_min": 1,
    },
    "steps": [{"id": "come_back", "delay_ms": 0}],
    "exit_on": ["txn.posted"],
    "caps": [],
}


REMINDER = CAMPAIGN | {
    "id": "reminder",
    "entry": {"kind": "due_date", "total_due_minor_min": 1_000},
    "occurrence": "statement",
    "message_class": "servicing",
    "steps": [{"id": "early", "lead_ms": 3 * DAY}, {"id": "late", "lead_ms": DAY}],
    "exit_on": [],
    "caps": [],
}
"""A reminder before a bill is due; `statement` is due on December 5th."""
