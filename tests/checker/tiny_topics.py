"""Lay out the tiny world as topics: what its producers, workers and broker would have written."""

import json
from typing import Any

from tests.checker.log_reader import LogRecord, Topic
from tests.checker.tiny_world import (
    BASE,
    CAMPAIGN,
    CUSTOMER_ROW,
    CUSTOMER_ROW_2,
    DECIDED,
    DECISION,
    DECISION_2,
    DECISION_ID,
    DECISION_ID_2,
    DUE,
    ISSUED,
    NAMES,
    TRIGGER,
    TRIGGER_ID,
    envelope,
    packed,
    tick,
)


def _json(value: Any) -> bytes:  # noqa: ANN401 (any JSON)
    return json.dumps(value, separators=(",", ":")).encode()


def _put(topics: dict[str, Topic], name: str, partition: int, *record: Any) -> None:  # noqa: ANN401
    """Append (timestamp, key, value, headers) to a partition."""
    records = topics[f"t.{name}"][partition]
    timestamp, key, value, headers = record
    records.append(LogRecord(f"t.{name}", partition, len(records), timestamp, key, value, headers))


def _sources(topics: dict[str, Topic]) -> None:
    policy = {
        "id": "p1",
        "type": "policy.published",
        "occurred_at": "2023-11-14T22:13:20Z",
        "tenant": "acme",
        "campaign": CAMPAIGN,
        "policy_hash": "h1",
    }
    _put(topics, "marketing.control.v1", 0, BASE + 100, None, _json(policy), [])
    granted = {"purpose": "activation", "channel": "sms", "status": "granted"}
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "g0",
        "ce_source": "/crm",
        "ce_type": "consent.changed.v1",
        "ce_time": "2023-11-14T23:13:50+01:00",
        "ce_subject": "c0",
        "ce_tenantid": "acme",
    }
    binary = [(name, value.encode()) for name, value in headers.items()]
    _put(topics, "customer.profile.v1", 0, BASE + 30_100, b"crm", _json(granted), binary)
    _issues(topics)


def _issues(topics: dict[str, Topic]) -> None:
    issued = {
        "specversion": "1.0",
        "id": "i0",
        "source": "/core",
        "type": "card.issued",
        "time": "2023-11-14T22:14:20.0009Z",
        "subject": "c0",
        "data": {"card_token": "k0", "product_code": "gold", "branch": 7},
    }
    at = ISSUED + 100
    _put(topics, "card.issue.v1", 0, at, b"c0", _json(issued), [])
    _put(topics, "card.issue.v1", 0, at, b"c1", b"{broken", [("trace", b"1")])
    plain = {
        "id": "i2",
        "type": "card.issued",
        "occurred_at": "2023-11-14T22:14:20Z",
        "customer_token": "c2",
        "card_token": "k2",
    }
    _put(topics, "card.issue.v1", 1, at, None, _json(plain), [])
    ended = {"id": "e", "type": "history.ended", "occurred_at": "2023-11-14T22:14:20Z"}
    _put(topics, "card.issue.v1", 1, at, None, _json(ended), [])


def _journal(topics: dict[str, Topic]) -> None:
    published = {
        "event_type": "policy.published",
        "campaign": CAMPAIGN,
        "policy_hash": "h1",
        "author": "",
        "signatures": [],
    }
    ids = "marketing.control.v1 p1"
    at = ["t.marketing.control.v1", 0, 0]
    policy = (b"acme|", envelope(BASE, "", ids, published, source=at))
    granted = {
        "event_type": "consent.changed",
        "purpose": "activation",
        "channel": "sms",
        "status": "granted",
        "evidence_ref": "",
    }
    at = ["t.customer.profile.v1", 0, 0]
    consent = (b"acme|c0", envelope(BASE + 30_000, "c0", "/crm g0", granted, source=at))
    issued = {
        "event_type": "card.issued",
        "card_token": "k0",
        "product_code": "gold",
        "issue_type": "new",
    }
    at = ["t.card.issue.v1", 0, 0]
    issue_0 = (b"acme|c0", envelope(ISSUED, "c0", "/core i0", issued, source=at))
    issued = issued | {"card_token": "k2", "product_code": "unknown"}
    at = ["t.card.issue.v1", 1, 0]
    issue_2 = (b"acme|c2", envelope(ISSUED, "c2", "card.issue.v1 i2", issued, source=at))
    early = (b"acme|", tick(ISSUED + 2_000, ISSUED + 1_000))
    late = (b"acme|", tick(DECIDED, DUE))
    for partition, middle in ((0, [consent, issue_0]), (1, [issue_2])):
        for key, value in (policy, *middle, early, late):
            _put(topics, "lifecycle.journal.v1", partition, BASE, key, _json(value), [])


def _output(
    topics: dict[str, Topic], name: str, partition: int, output_id: str, value: bytes
) -> None:
    token = json.loads(value)["customer_token"]
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", output_id.encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", b"decision.recorded.v1" if "decisions" in name else b"trigger.requested.v1"),
        ("ce_subject", token.encode()),
        ("ce_tenantid", b"acme"),
        ("cardcue.semantics_version", b"1"),
        ("cardcue.code_version", b"0.1.0"),
    ]
    _put(topics, name, partition, DECIDED, f"acme|{token}".encode(), value, headers)


def _outputs(topics: dict[str, Topic]) -> None:
    _output(topics, "marketing.triggers.sms.v1", 0, TRIGGER_ID, TRIGGER)
    _output(topics, "lifecycle.decisions.v1", 0, DECISION_ID, DECISION)
    _output(topics, "lifecycle.decisions.v1", 1, DECISION_ID_2, DECISION_2)
    headers = [
        ("trace", b"1"),
        ("__streams.errors.exception", b"RejectedError"),
        ("__streams.errors.message", b"wanted JSON, found something else"),
        ("__streams.errors.topic", b"t.card.issue.v1"),
        ("__streams.errors.partition", b"0"),
        ("__streams.errors.offset", b"1"),
        ("cardcue.reason", b"NOT_JSON"),
        ("cardcue.tenant", b""),
    ]
    _put(topics, "card.events.rejected.v1", 0, BASE, b"c1", b"{broken", headers)


def _rows(topics: dict[str, Topic]) -> None:
    def row(name: str, partition: int, key: str, value: Any) -> None:  # noqa: ANN401
        _put(topics, name, partition, BASE, key.encode(), packed(value), [])

    places = (("marketing.control.v1", 0), ("customer.profile.v1", 0), ("card.issue.v1", 0))
    read_to = {f"t.{name}": {partition: 1} for name, partition in places}
    row("ingest.state.v1", 0, "#offsets", read_to | {"t.card.issue.v1": {0: 2}})
    row("ingest.state.v1", 1, "#offsets", {"t.card.issue.v1": {1: 2}})
    counts = {"control|acme|policy.published": 1}
    row("ingest.state.v1", 0, "#source|t.marketing.control.v1|0", [BASE, counts, 0])
    counts = {"forwarded|acme|consent.changed": 1}
    row("ingest.state.v1", 0, "#source|t.customer.profile.v1|0", [BASE, counts, 0])
    counts = {"forwarded|acme|card.issued": 1, "rejected||NOT_JSON": 1}
    row("ingest.state.v1", 0, "#source|t.card.issue.v1|0", [ISSUED, counts, 0])
    counts = {"forwarded|acme|card.issued": 1, "marker||history.ended": 1}
    row("ingest.state.v1", 1, "#source|t.card.issue.v1|1", [ISSUED, counts, 0])
    counts = {
        "control|acme|policy.published": 1,
        "applied|acme|consent.changed": 1,
        "applied|acme|card.issued": 1,
        "milestone|acme|issued": 1,
        "decision|acme|activation_nudge|sent|": 1,
    }
    row("lifecycle.state.v1", 0, "#counts|0", {"applied|acme|card.issued": 0})  # an older value
    row("lifecycle.state.v1", 0, "#counts|0", counts)
    counts = {
        "control|acme|policy.published": 1,
        "applied|acme|card.issued": 1,
        "milestone|acme|issued": 1,
        "decision|acme|activation_nudge|suppressed|NO_CONSENT": 1,
    }
    row("lifecycle.state.v1", 1, "#counts|1", counts)
    row("lifecycle.state.v1", 0, "#offsets", {"t.lifecycle.journal.v1": {0: 5}})
    row("lifecycle.state.v1", 1, "#offsets", {"t.lifecycle.journal.v1": {1: 4}})
    row("lifecycle.state.v1", 0, "acme|c0", CUSTOMER_ROW)
    row("lifecycle.state.v1", 1, "acme|c2", CUSTOMER_ROW_2)


def tiny_topics() -> dict[str, Topic]:
    """Return every topic of the run, fresh lists that a test may spoil."""
    topics: dict[str, Topic] = {name: [[], []] for name in NAMES.all}
    _sources(topics)
    _journal(topics)
    _outputs(topics)
    _rows(topics)
    return topics
