"""Lay out the tiny world as topics: what its producers, workers and broker would have written."""

import json
from typing import Any

from tests.checker.log_reader import LogRecord, Topic
from tests.checker.tiny_outputs import DECISION, DECISION_2, MOVED, MOVED_2, TRIGGER
from tests.checker.tiny_world import (
    BASE,
    BILL,
    CAMPAIGN,
    CONFIGURED,
    CUSTOMER_ROW,
    CUSTOMER_ROW_2,
    CUSTOMER_ROW_3,
    DECIDED,
    DECISION_ID,
    DECISION_ID_2,
    DUE,
    ERASED_ROW,
    ERASURE,
    FLAGGED,
    GRANTED,
    ISSUE,
    ISSUE_2,
    ISSUED,
    NAMES,
    PII,
    PII_SHA256,
    PREFERRED,
    PROFILED,
    REPLACED,
    SESSION,
    TRIGGER_ID,
    envelope,
    packed,
    tick,
)


OTHERS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("card.repayment.v1", "c3", "b3", BILL),
    ("card.status.v1", "c3", "p3", REPLACED),
    ("customer.risk.v1", "c3", "f3", FLAGGED),
    ("customer.profile.v1", "c3", "w3", PREFERRED),
    ("customer.profile.v1", "c3", "q3", PROFILED),
    ("customer.profile.v1", "c7", "e7", ERASURE),
    ("customer.behaviour.v1", "c7", "a7", SESSION),
)
"""Topic, customer, event id and data of what happens a millisecond apart after the cards' issue."""


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
    configured = {**policy, "id": "t1", "type": "tenant.configured", **CONFIGURED}
    for name in ("campaign", "policy_hash", "event_type"):
        del configured[name]
    _put(topics, "marketing.control.v1", 0, BASE + 100, None, _json(configured), [])
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
    _put(topics, "card.issue.v1", 0, at, b"c0", PII, [])
    for number, (topic, token, event_id, record) in enumerate(OTHERS):
        said = {
            "specversion": "1.0",
            "id": event_id,
            "source": "/core",
            "type": record["event_type"],
            "time": f"2023-11-14T22:14:20.00{number}Z",
            "subject": token,
            "tenantid": "acme",
            "data": {name: value for name, value in record.items() if name != "event_type"},
        }
        _put(topics, topic, 0, at + number, None, _json(said), [])


def _others() -> dict[str, list[tuple[bytes, Any]]]:
    """Return what the journal has of `OTHERS`, by customer."""
    offsets = {"customer.profile.v1": 1}
    found: dict[str, list[tuple[bytes, Any]]] = {}
    for number, (topic, token, event_id, record) in enumerate(OTHERS):
        offset = offsets.get(topic, 0)
        offsets[topic] = offset + 1
        at = [f"t.{topic}", 0, offset]
        made = envelope(ISSUED + number, token, f"/core {event_id}", record, source=at)
        found.setdefault(token, []).append((f"acme|{token}".encode(), made))
    return found


def _journal(topics: dict[str, Topic]) -> None:
    published = {
        "event_type": "policy.published",
        "campaign": CAMPAIGN,
        "policy_hash": "h1",
        "author": "",
        "signatures": [],
        "applies_to": "new",
        "reschedule": False,
    }
    ids = "marketing.control.v1 p1"
    at = ["t.marketing.control.v1", 0, 0]
    policy = (b"acme|", envelope(BASE, "", ids, published, source=at))
    at = ["t.marketing.control.v1", 0, 1]
    configured = (b"acme|", envelope(BASE, "", "marketing.control.v1 t1", CONFIGURED, source=at))
    at = ["t.customer.profile.v1", 0, 0]
    consent = (b"acme|c0", envelope(BASE + 30_000, "c0", "/crm g0", GRANTED, source=at))
    at = ["t.card.issue.v1", 0, 0]
    issue_0 = (b"acme|c0", envelope(ISSUED, "c0", "/core i0", ISSUE, source=at))
    at = ["t.card.issue.v1", 1, 0]
    issue_2 = (b"acme|c2", envelope(ISSUED, "c2", "card.issue.v1 i2", ISSUE_2, source=at))
    others = _others()
    early = (b"acme|", tick(ISSUED + 2_000, ISSUED + 1_000))
    late = (b"acme|", tick(DECIDED, DUE))
    middles = ([consent, issue_0, *others["c7"]], [issue_2, *others["c3"]])
    for partition, middle in enumerate(middles):
        for key, value in (policy, configured, *middle, early, late):
            _put(topics, "lifecycle.journal.v1", partition, BASE, key, _json(value), [])


def _output(
    topics: dict[str, Topic], name: str, partition: int, output_id: str, value: bytes
) -> None:
    token = json.loads(value)["customer_token"]
    kinds = {"marketing": "trigger.requested.v1", "lifecycle.d": "decision.recorded.v1"}
    kind = next((kind for begun, kind in kinds.items() if name.startswith(begun)), "card.moved.v1")
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", output_id.encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", kind.encode()),
        ("ce_subject", token.encode()),
        ("ce_tenantid", b"acme"),
        ("cardcue.semantics_version", b"1"),
        ("cardcue.code_version", b"0.1.0"),
    ]
    _put(topics, name, partition, DECIDED, f"acme|{token}".encode(), value, headers)


def _outputs(topics: dict[str, Topic]) -> None:
    for partition, moved in enumerate((MOVED, MOVED_2)):
        _output(topics, "lifecycle.outcomes.v1", partition, moved["moved_id"], _json(moved))
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
    added = dict(headers[1:]) | {
        "__streams.errors.message": b"wanted no personal data, found some",
        "__streams.errors.offset": b"2",
        "cardcue.reason": b"PII_FORBIDDEN",
        "cardcue.value_sha256": PII_SHA256.encode(),
    }
    _put(topics, "card.events.rejected.v1", 0, BASE, None, None, list(added.items()))


CONTROLS = {"control|acme|policy.published": 1, "control|acme|tenant.configured": 1}
LONGER = {"customer.profile.v1": 4, "card.issue.v1": 3, "marketing.control.v1": 2}
"""How many records the first partitions of some topics have; of the others one."""
CHOSEN = {"occasion|acme": 1, "decision|acme|activation_nudge|sent|": 1}


def _rows(topics: dict[str, Topic]) -> None:
    def row(name: str, partition: int, key: str, value: Any) -> None:  # noqa: ANN401
        _put(topics, name, partition, BASE, key.encode(), packed(value), [])

    read_to = {f"t.{one[0]}": {0: 1} for one in OTHERS}
    read_to |= {f"t.{name}": {0: count} for name, count in LONGER.items()}
    row("ingest.state.v1", 0, "#offsets", read_to)
    row("ingest.state.v1", 1, "#offsets", {"t.card.issue.v1": {1: 2}})
    for name, partition, counts in _source_counts():
        row("ingest.state.v1", partition, f"#source|t.{name}|{partition}", [BASE, counts, 0])
    counts = {
        **CONTROLS,
        "applied|acme|consent.changed": 1,
        "applied|acme|card.issued": 1,
        "applied|acme|erasure.requested": 1,
        "ignored|acme|ERASED": 1,
        "milestone|acme|issued": 1,
    }
    row("lifecycle.state.v1", 0, "#counts|0", {"applied|acme|card.issued": 0})  # an older value
    row("lifecycle.state.v1", 0, "#counts|0", counts)
    # a row of counts has an end, and goes on in another
    row("lifecycle.state.v1", 0, "#counts|0|1", CHOSEN)
    counts = {
        **CONTROLS,
        "applied|acme|card.issued": 1,
        "milestone|acme|issued": 1,
        "occasion|acme": 1,
        "decision|acme|activation_nudge|suppressed|NO_CONSENT": 1,
        **{f"applied|acme|{one[3]['event_type']}": 1 for one in OTHERS if one[1] == "c3"},
    }
    row("lifecycle.state.v1", 1, "#counts|1", counts)
    row("lifecycle.state.v1", 0, "#offsets", {"t.lifecycle.journal.v1": {0: 8}})
    row("lifecycle.state.v1", 1, "#offsets", {"t.lifecycle.journal.v1": {1: 10}})
    row("lifecycle.state.v1", 0, "acme|c0", CUSTOMER_ROW)
    row("lifecycle.state.v1", 1, "acme|c2", CUSTOMER_ROW_2)
    row("lifecycle.state.v1", 1, "acme|c3", CUSTOMER_ROW_3)
    row("lifecycle.state.v1", 0, ERASED_ROW, ISSUED + 5)
    _put(topics, "lifecycle.state.v1", 0, BASE, b"acme|c7", None, [])


def _source_counts() -> list[tuple[str, int, dict[str, int]]]:
    """Return what ingest counted, by source topic and partition."""
    found = [
        ("marketing.control.v1", 0, CONTROLS),
        ("card.issue.v1", 1, {"forwarded|acme|card.issued": 1, "marker||history.ended": 1}),
    ]
    counts = {"forwarded|acme|card.issued": 1, "rejected||NOT_JSON": 1}
    found.append(("card.issue.v1", 0, counts | {"rejected||PII_FORBIDDEN": 1}))
    of_profiles = {"forwarded|acme|consent.changed": 1}
    for topic, _, _, record in OTHERS:
        if topic == "customer.profile.v1":
            of_profiles[f"forwarded|acme|{record['event_type']}"] = 1
        else:
            found.append((topic, 0, {f"forwarded|acme|{record['event_type']}": 1}))
    return [*found, ("customer.profile.v1", 0, of_profiles)]


def tiny_topics() -> dict[str, Topic]:
    """Return every topic of the run, fresh lists that a test may spoil."""
    topics: dict[str, Topic] = {name: [[], []] for name in NAMES.all}
    _sources(topics)
    _journal(topics)
    _outputs(topics)
    _rows(topics)
    return topics
