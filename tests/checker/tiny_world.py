"""
A whole run small enough to work out by hand: two customers, one campaign, two ticks.

Everything is written down as a bank, the worker and the broker would have written it; nothing is
computed by the checker's own code, so a test that finds nothing wrong here means something. Times
count from BASE, a Tuesday evening: policy +0 s, consent +30 s, cards issued +60 s; every record
reached the broker 100 ms after its event. The nudge is due 72 h after the issue.
"""

import hashlib
import uuid
from typing import Any

import msgspec

from tests.checker.check import Names


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


def by_hand_key(about: str, source: str, event_id: str) -> str:
    """Return an occurrence key as core.md §3.2 (10) describes it."""
    return about + "|" + format(by_hand_hash(source, event_id), "016x")


KEY = by_hand_key("k0", "/core", "i0")
KEY_2 = by_hand_key("k2", "card.issue.v1", "i2")
TRIGGER_ID = by_hand_uuid("acme", "c0", "activation_nudge", KEY, "first", "0")
DECISION_ID = by_hand_uuid("decision", TRIGGER_ID, "")
TRIGGER_ID_2 = by_hand_uuid("acme", "c2", "activation_nudge", KEY_2, "first", "0")
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
    f'"policy_version":1,"policy_hash":"h1","step":"first","occurrence_key":"{KEY}",'
    f'"verdict":"sent","reason_code":"","decided_at_ms":{DECIDED},"cause_event_id":"i0",'
    '"consent_ref":"g0","cap_count":0,"features":{"waited_ms":259205000}}'
).encode()
DECISION_2 = (
    f'{{"v":1,"decision_id":"{DECISION_ID_2}","trigger_id":"{TRIGGER_ID_2}","tenant":"acme",'
    '"customer_token":"c2","card_token":"k2","campaign_id":"activation_nudge",'
    f'"policy_version":1,"policy_hash":"h1","step":"first","occurrence_key":"{KEY_2}",'
    f'"verdict":"suppressed","reason_code":"NO_CONSENT","decided_at_ms":{DECIDED},'
    '"cause_event_id":"i2","consent_ref":"","cap_count":0,"features":{"waited_ms":259205000}}'
).encode()


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
            KEY,
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
            *(TRIGGER_ID, "activation_nudge", "sms", "k0", KEY, "first", 1, ISSUED, DECIDED),
            False,
            False,
            False,
        ]
    ],
    {},
    *(0, 0, 0, "", ""),
    [BASE + 30_000, ISSUED],
    [by_hand_hash("/crm", "g0"), by_hand_hash("/core", "i0")],
    *(0, 0),
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
            KEY_2,
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
    *(0, 0),
]
