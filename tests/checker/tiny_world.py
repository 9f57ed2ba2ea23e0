"""
A whole run small enough to work out by hand: two customers, one campaign, two ticks.

Everything is written down as a bank, the worker and the broker would have written it; nothing is
computed by the checker's own code, so a test that finds nothing wrong here means something. Times
count from BASE, a Tuesday evening: policy +0 s, consent +30 s, cards issued +60 s; every record
reached the broker 100 ms after its event. The nudge is due 72 h after the issue.
"""

import hashlib
import json
import uuid
from typing import Any

import msgspec

from tests.checker.check import Names
from tests.checker.log_reader import LogRecord, Topic


BASE = 1_700_000_000_000  # 2023-11-14T22:13:20Z
ISSUED = BASE + 60_000
DUE = ISSUED + 72 * 3_600_000
DECIDED = DUE + 5_000
NAMES = Names(prefix="t.")

YAML = """
id: activation_nudge
version: 1
tenant: acme
title: Come and activate
owner: cards
stage: activate
trigger_type: activation.nudge
message_class: marketing
purpose: activation
entry: {kind: absence, after: card.issued, without: card.activated}
occurrence: card
steps:
  - {id: first, delay: 72h}
  - {id: second, delay: 7d}
treatment: {channel: sms, template_id: nudge, template_version: 3}
exit_on: [card.activated]
caps:
  - {scope: campaign, count: 1, window: 1d}
expires_after: 12h
"""

CAMPAIGN: dict[str, Any] = {
    "id": "activation_nudge",
    "version": 1,
    "tenant": "acme",
    "title": "Come and activate",
    "owner": "cards",
    "stage": "activate",
    "trigger_type": "activation.nudge",
    "message_class": "marketing",
    "purpose": "activation",
    "entry": {"kind": "absence", "after": "card.issued", "without": "card.activated"},
    "occurrence": "card",
    "steps": [{"id": "first", "delay_ms": 259_200_000}, {"id": "second", "delay_ms": 604_800_000}],
    "treatment": {"channel": "sms", "template_id": "nudge", "template_version": 3},
    "exit_on": ["card.activated"],
    "caps": [{"scope": "campaign", "count": 1, "window_ms": 86_400_000}],
    "priority": 50,
    "expires_after_ms": 43_200_000,
}


def by_hand_uuid(*parts: str) -> str:
    """Return an id as core.md §3.5 describes it, digit by digit."""
    whole = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
    digits = list(hashlib.sha256(whole).hexdigest()[:32])
    digits[12] = "8"
    digits[16] = "89ab"[int(digits[16], 16) % 4]
    return str(uuid.UUID("".join(digits)))


def by_hand_hash(source: str, event_id: str) -> int:
    """Return an event's number in the ring as core.md §3.2 (1) describes it."""
    whole = b"".join(len(p).to_bytes(4, "big") + p.encode() for p in (source, event_id))
    return int(hashlib.blake2b(whole, digest_size=8).hexdigest(), 16)


TRIGGER_ID = by_hand_uuid("acme", "activation_nudge", "k0|i0", "first", "0")
DECISION_ID = by_hand_uuid("decision", TRIGGER_ID, "")
TRIGGER_ID_2 = by_hand_uuid("acme", "activation_nudge", "k2|i2", "first", "0")
DECISION_ID_2 = by_hand_uuid("decision", TRIGGER_ID_2, "")

TRIGGER = (
    f'{{"v":1,"trigger_id":"{TRIGGER_ID}","idempotency_key":"{TRIGGER_ID}",'
    f'"decision_id":"{DECISION_ID}","tenant":"acme","customer_token":"c0","card_token":"k0",'
    '"trigger_type":"activation.nudge","message_class":"marketing","purpose":"activation",'
    '"consent_ref":"g0","campaign_id":"activation_nudge","policy_version":1,"policy_hash":"h1",'
    '"step":"first","channel":"sms","template_id":"nudge","template_version":3,"variables":{},'
    f'"issued_at_ms":{DECIDED},"not_before_ms":{DECIDED},"expires_at_ms":{DECIDED + 43_200_000},'
    '"priority":50,"on_unknown":"drop"}'
).encode()
DECISION = (
    f'{{"v":1,"decision_id":"{DECISION_ID}","trigger_id":"{TRIGGER_ID}","tenant":"acme",'
    '"customer_token":"c0","card_token":"k0","campaign_id":"activation_nudge",'
    '"policy_version":1,"policy_hash":"h1","step":"first","occurrence_key":"k0|i0",'
    f'"verdict":"sent","reason_code":"","decided_at_ms":{DECIDED},"cause_event_id":"i0",'
    '"consent_ref":"g0","cap_count":0,"features":{"waited_ms":259205000}}'
).encode()
DECISION_2 = (
    f'{{"v":1,"decision_id":"{DECISION_ID_2}","trigger_id":"{TRIGGER_ID_2}","tenant":"acme",'
    '"customer_token":"c2","card_token":"k2","campaign_id":"activation_nudge",'
    '"policy_version":1,"policy_hash":"h1","step":"first","occurrence_key":"k2|i2",'
    f'"verdict":"suppressed","reason_code":"NO_CONSENT","decided_at_ms":{DECIDED},'
    '"cause_event_id":"i2","consent_ref":"","cap_count":0,"features":{"waited_ms":259205000}}'
).encode()


def packed(value: Any) -> bytes:  # noqa: ANN401 (any row)
    """Return a row's value."""
    return msgspec.msgpack.encode(value)


def unpacked(value: bytes) -> Any:  # noqa: ANN401 (any row)
    """Return what a row's value says."""
    return msgspec.msgpack.decode(value)


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
    at = BASE + 30_100
    _put(topics, "customer.profile.v1", 0, at, b"crm", _json(granted), binary)
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


def envelope(at: int, token: str, ids: str, record: dict[str, Any], **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a journal envelope; `ids` is `event_source event_id`, journal time 100 ms later."""
    source, event_id = ids.split(" ")
    return {
        "v": 1,
        "tenant": "acme",
        "customer_token": token,
        "journal_at_ms": at + 100,
        "occurred_at_ms": at,
        "event_id": event_id,
        "event_source": source,
        "source": ["somewhere", 0, 0],
        "lateness_ms": 0,
        "backfill": False,
        "key_id": "",
        "semantics_version": 1,
        "record": record,
        **other,
    }


def tick(now: int, watermark: int, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the envelope of a tick of acme."""
    record = {
        "event_type": "tick",
        "now_at_ms": now,
        "watermark_at_ms": watermark,
        "backfill": False,
    }
    ids = f"cardcue/clock tick-acme-{now}-{watermark}"
    return envelope(now, "", ids, record, **{"journal_at_ms": now, **other})


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


SECOND_DUE = ISSUED + 7 * 86_400_000
CUSTOMER_ROW: list[Any] = [
    1,
    0,
    [["k0", ISSUED, 0, 0, 0]],
    [["activation", "sms", "granted", BASE + 30_000, "g0"]],
    [
        [
            "activation_nudge",
            1,
            "k0|i0",
            "k0",
            "i0",
            ISSUED,
            "watermark",
            [["second", SECOND_DUE]],
            0,
            "",
            True,
        ]
    ],
    [
        [
            *(TRIGGER_ID, "activation_nudge", "sms", "k0", "k0|i0", "first", 1, ISSUED, DECIDED),
            False,
            False,
            False,
        ]
    ],
    {},
    *(0, 0, 0, "", ""),
    [BASE + 30_000, ISSUED],
    [by_hand_hash("/crm", "g0"), by_hand_hash("/core", "i0")],
    0,
]
CUSTOMER_ROW_2: list[Any] = [
    1,
    1,
    [["k2", ISSUED, 0, 0, 0]],
    [],
    [
        [
            "activation_nudge",
            1,
            "k2|i2",
            "k2",
            "i2",
            ISSUED,
            "watermark",
            [["second", SECOND_DUE]],
            0,
            "",
            True,
        ]
    ],
    [],
    {},
    *(0, 0, 0, "", ""),
    [ISSUED],
    [by_hand_hash("card.issue.v1", "i2")],
    0,
]


def tiny_topics() -> dict[str, Topic]:
    """Return every topic of the run, fresh lists that a test may spoil."""
    topics: dict[str, Topic] = {name: [[], []] for name in NAMES.all}
    _sources(topics)
    _journal(topics)
    _outputs(topics)
    _rows(topics)
    return topics
