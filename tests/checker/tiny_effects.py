"""
A third run small enough to work out by hand: a measured campaign, a guardrail, and 90 days.

c0 (journal partition 0) is sent the welcome when the card is issued; the gateway fails, c0 buys
something nevertheless. Then the guardrail holds the campaign, so c2 (partition 1) is sent nothing.
Each is exposed to the tenant's holdout at that occasion, sent or not, and neither is in it. Three
ticks follow: a day and 30 days after c0's decision, 90 days after that of c2.

As in the tiny world nothing is computed by the checker's own code.
"""

import hashlib
from typing import Any

from tests.checker.tiny_world import (
    BASE,
    CAMPAIGN,
    CONFIGURED,
    GRANTED,
    ISSUE,
    by_hand_contents,
    by_hand_hash,
    by_hand_key,
    by_hand_ring,
    by_hand_uuid,
    customer_row,
)


DAY = 86_400_000
ISSUED = BASE + 60_000
NOW = ISSUED + 100
FAILED = ISSUED + 9_000
BOUGHT = ISSUED + 20_000
TRIPPED = ISSUED + 30_000
ISSUED_2 = ISSUED + 40_000
NOW_2 = ISSUED_2 + 100
TICKS = (NOW + DAY, NOW + 30 * DAY, NOW_2 + 90 * DAY)
"""The watermarks; now is five seconds later."""

EXPOSED = {0: NOW, 2: NOW_2}
"""To the tenant's holdout, by customer."""

TOLD = BASE + 30_100
"""When both had said that they may be written to: an event that calls for no contact."""

BOUNDS = {
    "opt_out_ppm": 0,
    "complaint_ppm": 0,
    "failure_ppm": 1_000,
    "harm": False,
    "alpha_ppm": 10_000,
}
WELCOME: dict[str, Any] = {
    **CAMPAIGN,
    "id": "welcome",
    "entry": {"kind": "event", "any_of": [], "when": [{"on": "card.issued", "if": None}]},
    "steps": [{"id": "now", "delay_ms": 0}],
    "exit_on": [],
    "caps": [],
    "conversion": {
        "on": "txn.posted",
        "window_ms": DAY,
        "value": "amount_minor",
        "value_cap_minor": 500,
        "currency": "CNY",
    },
    "guardrails": BOUNDS,
}
PUBLISHED = {
    "event_type": "policy.published",
    "campaign": WELCOME,
    "policy_hash": "h1",
    "author": "",
    "signatures": [],
    "applies_to": "new",
    "reschedule": False,
}
HELD_OUT = {"holdout_bp": 1, "holdout_salt": "h", "version": 3}
MONEY = {"currency": "CNY", "value_cap_minor": 900}
TRIP: dict[str, Any] = {
    "event_type": "guardrail.tripped",
    "campaign_id": "welcome",
    "policy_version": 1,
    "kind": "failure",
    "arm": "",
    "bound_ppm": 1_000,
    "count": 1,
    "event_count": 1,
    "p_ppm": 1_000,
    "alpha_ppm": 10_000,
    "partition": 3,
    "sequence": 2,
}


def key_of(number: int) -> str:
    """Return the occurrence key of a customer's journey."""
    return by_hand_key(f"k{number}", "/core", f"i{number}")


def trigger_of(number: int) -> str:
    """Return the id of a customer's welcome."""
    return by_hand_uuid("acme", f"c{number}", "welcome", key_of(number), "now", "0")


def own_of(number: int) -> str:
    """Return the id under which a customer is exposed to the tenant's holdout."""
    return by_hand_uuid("holdout", "acme", f"c{number}", "h", str(EXPOSED[number]))


def by_hand_mark(*named: str) -> bytes:
    """Return how a row remembers an experiment: core.md §3.17."""
    parts = ("experiment", *named)
    whole = b"".join(len(p).to_bytes(4, "big") + p.encode() for p in parts)
    return bytes.fromhex(hashlib.blake2b(whole, digest_size=8).hexdigest()[:8])


RECEIPT = {
    "event_type": "delivery.receipt",
    "receipt_id": "r0",
    "trigger_id": trigger_of(0),
    "channel": "sms",
    "status": "failed",
    "attempt": 1,
    "raw_status": "",
    "gateway_msg_id": "",
    "segment_count": 1,
    "cost_minor": 0,
}
PURCHASE = {
    "event_type": "txn.posted",
    "txn_id": "x0",
    "card_token": "k0",
    "amount_minor": 700,
    "currency": "CNY",
    "customer_initiated": True,
    "auth_id": "",
    "posted_date": None,
    "mcc": "",
    "scene": "",
    "mode": "",
    "merchant_token": "",
}
CONTROLS = (("p1", PUBLISHED), ("t1", CONFIGURED | HELD_OUT | MONEY))
EVENTS: tuple[tuple[str, int, str, int, dict[str, Any]], ...] = (
    ("customer.profile.v1", 0, "g0", BASE + 30_000, GRANTED),
    ("customer.profile.v1", 2, "g2", BASE + 30_000, GRANTED),
    ("card.issue.v1", 0, "i0", ISSUED, ISSUE),
    ("gateway.receipt.v1", 0, "r0", FAILED, RECEIPT),
    ("card.spend.v1", 0, "x0", BOUGHT, PURCHASE),
)
LATER = (("card.issue.v1", 2, "i2", ISSUED_2, ISSUE | {"card_token": "k2"}),)
"""After the guardrail."""


def _exposure(trigger: str, *told: Any, **other: Any) -> list[Any]:  # noqa: ANN401 (any field)
    """Return an exposure of a row: campaign, version, card, key, entry, share, times and so on."""
    campaign, version, card, key, entered, share, at, ends = told
    return [
        *(trigger, campaign, version, card, key, entered, "default", share, at, ends),
        *("txn.posted", "amount_minor", other.get("sequence", 0), other.get("converted", b"")),
        *(b"", "", 0, 0, 0, b"", True, False, 100, True, "CNY", other.get("minor", 0)),
        *(other.get("objections", 0), other.get("days", 0), 3, "", 0, []),
    ]


def _own(number: int, **other: Any) -> list[Any]:  # noqa: ANN401 (any field)
    at = EXPOSED[number]
    told = ("", 3, "", "", 0, 999_900, at, at + 90 * DAY)
    return _exposure(own_of(number), *told, **other)


PAID = {"converted": by_hand_hash("txn", "x0").to_bytes(8, "big"), "minor": 700, "days": 1}
WELCOMED = ("welcome", 1, "k0", key_of(0), ISSUED, 1_000_000, NOW, NOW + DAY)
OWN_MARK = by_hand_mark("", "", "h")
ROW = customer_row(
    0,
    by_hand_ring(
        *((BASE + 30_000, "/core", "g0"), (ISSUED, "/core", "i0")),
        *((FAILED, "/core", "r0"), (BOUGHT, "/core", "x0")),
    ),
    by_hand_contents(GRANTED, ISSUE, RECEIPT, PURCHASE),
    cards=[["k0", ISSUED, 0, 0, BOUGHT, 0, 0, "", 0, ""]],
    consents=[["activation", "sms", "granted", BASE + 30_000, "g0", 0, 0, ""]],
    contacts=[
        [
            *(trigger_of(0), "welcome", "sms", "k0", key_of(0), "now", 1, ISSUED, NOW),
            *(True, False, False, "marketing", "activation", NOW + 43_200_000, False),
            *(0, None, None, ""),
        ]
    ],
    exposures=[
        _own(0, **PAID),
        _exposure(trigger_of(0), *WELCOMED, sequence=1, objections=4, **PAID),
    ],
    experiments=OWN_MARK + by_hand_mark("welcome", "", ""),
)
ROW[6] = {"CNY": [1, 700, 0, 0, BOUGHT, 700.0, 700.0, 700.0]}
ROW[7:12] = [1, BOUGHT, BOUGHT, "x0", "k0"]
ROW[15] = by_hand_hash("/core", "x0")
ROW[21] = bytes.fromhex(f"{BOUGHT:012x}" + "00" + f"{2 * 676 + 13 * 26 + 24:04x}" + f"{700:010x}")
ROW_2 = customer_row(
    1,
    by_hand_ring((BASE + 30_000, "/core", "g2"), (ISSUED_2, "/core", "i2")),
    by_hand_contents(GRANTED, ISSUE | {"card_token": "k2"}),
    cards=[["k2", ISSUED_2, *(0, 0, 0, 0, 0), "", 0, ""]],
    consents=[["activation", "sms", "granted", BASE + 30_000, "g2", 0, 0, ""]],
    exposures=[_own(2)],
    experiments=OWN_MARK,
)
TENANT_ROW = [
    *(1, TICKS[2] + 5_000, TICKS[2], False, 0, False, [], [], "UTC", 1, "h", 3, [], 0, []),
    *("CNY", 900, False, ["welcome"], {"welcome|1|failure|3": 2}),
]
