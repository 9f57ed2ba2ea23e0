"""
A whole run small enough to work out by hand: four customers, one campaign, two ticks.

c0 and c2 wait for a nudge; c3 has a bill, a replaced card and a risk flag; c7 is erased.

Everything is written down as a bank, the worker and the broker would have written it; nothing is
computed by the checker's own code, so a test that finds nothing wrong here means something. Times
count from BASE, a Tuesday evening: policy +0 s, consent +30 s, cards issued +60 s; every record
reached the broker 100 ms after its event. The nudge is due 72 h after the issue.
"""

import hashlib
import json
import uuid
import zlib
from typing import Any

import msgspec

from tests.checker.check import Names


BASE = 1_700_000_000_000  # 2023-11-14T22:13:20Z
ISSUED = BASE + 60_000
DUE = ISSUED + 72 * 3_600_000
DECIDED = DUE + 5_000
NAMES = Names(prefix="t.", secrets={"acme": "s3cret"})

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
    "eligibility": [],
    "applicability": [],
    "suitability": [],
    "base_rate_ppm": 0,
    "value_minor": 0,
    "lever_percent": 100,
    "contact_cost_minor": 0,
    "experiment": None,
    "cool_down_ms": 0,
    "conversion": None,
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


def by_hand_contents(*records: dict[str, Any]) -> bytes:
    """Return what the ring keeps of what events said: the low byte of each record's CRC-32."""
    texts = (json.dumps(record, separators=(",", ":")) for record in records)
    return bytes(zlib.crc32(text.encode()) % 256 for text in texts)


def by_hand_ring(*events: tuple[int, str, str]) -> tuple[bytes, bytes]:
    """Return the ring's times in 6 bytes and hashes in 8, as core.md §3.2 (2) has them."""
    times = b"".join(bytes.fromhex(format(at, "012x")) for at, _, _ in events)
    hashes = (format(by_hand_hash(source, event_id), "016x") for _, source, event_id in events)
    return times, bytes.fromhex("".join(hashes))


def by_hand_key(about: str, source: str, event_id: str) -> str:
    """Return an occurrence key as core.md §3.2 (10) describes it."""
    return about + "|" + format(by_hand_hash(source, event_id), "016x")


KEY = by_hand_key("k0", "/core", "i0")
KEY_2 = by_hand_key("k2", "card.issue.v1", "i2")
TRIGGER_ID = by_hand_uuid("acme", "c0", "activation_nudge", KEY, "first", "0")
DECISION_ID = by_hand_uuid("decision", str(DECIDED), TRIGGER_ID)
TRIGGER_ID_2 = by_hand_uuid("acme", "c2", "activation_nudge", KEY_2, "first", "0")
DECISION_ID_2 = by_hand_uuid("decision", str(DECIDED), TRIGGER_ID_2)


def packed(value: Any) -> bytes:  # noqa: ANN401 (any row)
    """Return a row's value."""
    return msgspec.msgpack.encode(value)


def unpacked(value: bytes) -> Any:  # noqa: ANN401 (any row)
    """Return what a row's value says."""
    return msgspec.msgpack.decode(value)


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


GRANTED = {
    "event_type": "consent.changed",
    "purpose": "activation",
    "channel": "sms",
    "status": "granted",
    "evidence_ref": "",
    "effective_at": None,
}
CONFIGURED = {
    "event_type": "tenant.configured",
    "live_from_ms": 0,
    "time_zone": "UTC",
    "holdout_bp": 0,
    "holdout_salt": "",
    "version": 0,
    "signing_keys": [],
    "signatures": [],
} | {"currency": "", "value_cap_minor": 0, "pools_effects": False}
ISSUE = {
    "event_type": "card.issued",
    "card_token": "k0",
    "product_code": "gold",
    "issue_type": "new",
    "activate_by": None,
}
ISSUE_2 = ISSUE | {"card_token": "k2", "product_code": "unknown"}
BILL = {
    "event_type": "statement.issued",
    "statement_id": "s3",
    "card_token": "k3",
    "total_due_minor": 5_000,
    "min_due_minor": 500,
    "currency": "CNY",
    "due_date": "2023-12-05",
    "instalment_eligible": False,
    "cycle_start": None,
    "cycle_end": None,
}
BILL_DUE = 1_701_820_800_000  # 2023-12-06T00:00:00Z
REPLACED = {"event_type": "card.replaced", "card_token": "k3", "new_card_token": "k4"}
FLAGGED = {
    "event_type": "risk.flagged",
    "flag_id": "f1",
    "flag_class": "fraud",
    "severity": "high",
}
PREFERRED = {
    "event_type": "preference.changed",
    "personalisation_opt_out": True,
    "channel_order": ["push", "sms"],
    "quiet_hours": "21:00-08:00",
    "language": "zh",
}
PROFILED = {
    "event_type": "profile.changed",
    "time_zone": "Asia/Shanghai",
    "region_code": "",
    "segment_codes": ["young"],
    "staff": False,
    "attributes": {
        "city_code": "021",
        "wealth_band": "",
        "age_band": "",
        "occupation_band": "",
    },
}
ERASURE = {"event_type": "erasure.requested", "request_id": "r1"}
SESSION = {"event_type": "app.session", "surface": "app", "action_code": ""}
PII = b'{"id":"4111 1111 1111 1111"}'  # the number that every payment test has
PII_SHA256 = "43faf7e54fb627ae68135d3eef5698173f4815315eac483e5ffd33b48934aa0d"

# printf 'acme|c7' | openssl dgst -sha256 -hmac s3cret, the first 32 digits
ERASED_ROW = "#erased|0|acme|cadb7389bd6cac45815ab3dcf1772bce"
SECOND_DUE = ISSUED + 7 * 86_400_000


def _waiting(key: str, card: str, event_id: str) -> list[Any]:
    """Return the journey of a card whose first nudge is decided."""
    due = [["second", SECOND_DUE, False]]
    at = ISSUED
    return ["activation_nudge", 1, key, card, event_id, at, "watermark", due, 0, "", True]


def customer_row(
    partition: int,
    ring: tuple[bytes, bytes],
    contents: bytes,
    **other: Any,  # noqa: ANN401 (any field)
) -> list[Any]:
    """Return a customer's row without purchases."""
    names = ("cards", "consents", "journeys", "contacts")
    lists = [other.get(name, []) for name in names]
    rest = [other.get("words", []), other.get("statements", [])]
    rest += [other.get("preference"), other.get("profile"), b"", 0, [], []]
    rest += [other.get("exposures", []), other.get("experiments", b""), b""]
    return [1, partition, *lists, {}, *(0, 0, 0, "", ""), *ring, 0, 0, contents, *rest]


CUSTOMER_ROW = customer_row(
    0,
    by_hand_ring((BASE + 30_000, "/crm", "g0"), (ISSUED, "/core", "i0")),
    by_hand_contents(GRANTED, ISSUE),
    cards=[["k0", ISSUED, *(0, 0, 0, 0, 0), "", 0, ""]],
    consents=[["activation", "sms", "granted", BASE + 30_000, "g0", 0, 0, ""]],
    journeys=[_waiting(KEY, "k0", "i0")],
    contacts=[
        [
            *(TRIGGER_ID, "activation_nudge", "sms", "k0", KEY, "first", 1, ISSUED, DECIDED),
            *(False, False, False, "marketing", "activation", DECIDED + 43_200_000, False),
            *(0, None, None, ""),
        ]
    ],
)
CUSTOMER_ROW_2 = customer_row(
    1,
    by_hand_ring((ISSUED, "card.issue.v1", "i2")),
    by_hand_contents(ISSUE_2),
    cards=[["k2", ISSUED, *(0, 0, 0, 0, 0), "", 0, ""]],
    journeys=[_waiting(KEY_2, "k2", "i2")],
)
CUSTOMER_ROW_3 = customer_row(
    1,
    by_hand_ring(
        *((ISSUED + n, "/core", name) for n, name in enumerate(("b3", "p3", "f3", "w3", "q3")))
    ),
    by_hand_contents(BILL, REPLACED, FLAGGED, PREFERRED, PROFILED),
    cards=[
        ["k3", *(0, 0, 0, 0, 0, 0), "", 0, "k4"],
        ["k4", *(0, 0, 0, 0, 0, 0), "", 0, ""],
    ],
    words=[["risk", "f1", ISSUED + 2, "flagged", 0, 0, 0, "fraud"]],
    statements=[["s3", "k3", ISSUED, BILL_DUE, 5_000, 500, "CNY", 0]],
    preference=[ISSUED + 3, True, ["push", "sms"], "21:00-08:00", "zh"],
    profile=[ISSUED + 4, "Asia/Shanghai", "", ["young"], False, ["021", "", "", ""]],
)
