"""
Another run small enough to work out by hand: one campaign with a fallback, an offer and a budget.

There are two journal partitions, two gifts and 20 to spend, so each partition has one and 10; a
contact costs 3, a gift 7. c0 (partition 0) is nudged by sms, which fails, then by push. c7 (there
too) finds no gift left. c2 (partition 1) is nudged, but not granted the gift: that is taken back.

As in the tiny world nothing is computed by the checker's own code.
"""

from typing import Any

from tests.checker.tiny_world import (
    BASE,
    CAMPAIGN,
    CONFIGURED,
    by_hand_contents,
    by_hand_key,
    by_hand_ring,
    by_hand_uuid,
    customer_row,
)


ISSUED = BASE + 60_000
NOW = ISSUED + 100
EXPIRES = NOW + 43_200_000

GIFT_NUDGE: dict[str, Any] = {
    **CAMPAIGN,
    "id": "gift_nudge",
    "entry": {"kind": "event", "any_of": [], "when": [{"on": "card.issued", "if": None}]},
    "steps": [{"id": "now", "delay_ms": 0}],
    "exit_on": [],
    "caps": [],
    "treatment": {"channel": "sms", "template_id": "nudge", "template_version": 1},
    "fallbacks": [{"channel": "push", "template_id": "nudge.push", "template_version": 1}],
    "offer": "gift",
    "budget_minor": 20,
    "base_rate_ppm": 1_000_000,
    "value_minor": 9,
    "contact_cost_minor": 3,
}
GIFT: dict[str, Any] = {
    "id": "gift",
    "version": 1,
    "inventory_count": 2,
    "valid_ms": 5_000,
    "unit_cost_minor": 7,
    "title": "",
}
PUBLISHED = {
    "event_type": "policy.published",
    "campaign": GIFT_NUDGE,
    "policy_hash": "h1",
    "author": "",
    "signatures": [],
    "applies_to": "new",
    "reschedule": False,
}


def _approved(name: str, channel: str) -> dict[str, Any]:
    template = {"id": name, "version": 1, "channel": channel, "text": "Hi", "variables": []}
    return {"event_type": "template.approved", "template": template, "signatures": []}


def _granted(channel: str) -> dict[str, Any]:
    return {
        "event_type": "consent.changed",
        "purpose": "activation",
        "channel": channel,
        "status": "granted",
        "evidence_ref": "",
        "effective_at": None,
    }


def _issued(number: int) -> dict[str, Any]:
    return {
        "event_type": "card.issued",
        "card_token": f"k{number}",
        "product_code": "",
        "issue_type": "new",
        "activate_by": None,
    }


def trigger_of(number: int, slot: int) -> str:
    """Return the id of a customer's trigger in a slot."""
    about = ("acme", f"c{number}", "gift_nudge", key_of(number), "now", str(slot))
    return by_hand_uuid(*about)


def key_of(number: int) -> str:
    """Return the occurrence key of a customer's journey."""
    return by_hand_key(f"k{number}", "/core", f"i{number}")


SMS, PUSH, SMS_2, SMS_7 = trigger_of(0, 0), trigger_of(0, 1), trigger_of(2, 0), trigger_of(7, 0)
RESERVED, RESERVED_2 = by_hand_uuid("reservation", SMS), by_hand_uuid("reservation", SMS_2)
FAILED = {
    "event_type": "delivery.receipt",
    "receipt_id": "r0",
    "trigger_id": SMS,
    "channel": "sms",
    "status": "failed",
    "attempt": 1,
    "raw_status": "",
    "gateway_msg_id": "",
    "segment_count": 1,
    "cost_minor": 0,
}
REFUSED = {
    "event_type": "offer.result",
    "reservation_id": RESERVED_2,
    "trigger_id": SMS_2,
    "status": "refused",
    "reason": "",
}
CONTROLS = (
    ("p1", PUBLISHED),
    ("t1", CONFIGURED),
    ("w1", _approved("nudge", "sms")),
    ("w2", _approved("nudge.push", "push")),
    ("o1", {"event_type": "offer.defined", "offer": GIFT, "signatures": []}),
)
EVENTS: tuple[tuple[str, int, str, int, dict[str, Any]], ...] = (
    ("customer.profile.v1", 0, "g0", BASE + 30_000, _granted("sms")),
    ("customer.profile.v1", 0, "h0", BASE + 30_001, _granted("push")),
    ("customer.profile.v1", 7, "g7", BASE + 30_000, _granted("sms")),
    ("customer.profile.v1", 2, "g2", BASE + 30_000, _granted("sms")),
    ("card.issue.v1", 0, "i0", ISSUED, _issued(0)),
    ("card.issue.v1", 2, "i2", ISSUED, _issued(2)),
    ("card.issue.v1", 7, "i7", ISSUED + 1_000, _issued(7)),
    ("gateway.receipt.v1", 0, "r0", ISSUED + 9_000, FAILED),
    ("gateway.response.v1", 2, "x2", ISSUED + 20_000, REFUSED),
)
"""Topic, number of the customer, event id, time and data; 100 ms later it was in the log."""


def _contact(number: int, slot: int, **other: Any) -> list[Any]:  # noqa: ANN401 (any field)
    """Return a contact as a row has it."""
    return [
        *(trigger_of(number, slot), "gift_nudge", ("sms", "push")[slot], f"k{number}"),
        *(key_of(number), "now", 1, ISSUED, NOW, other.get("released", False), False, False),
        *("marketing", "activation", EXPIRES, other.get("cancelled", False), slot),
        *(other.get("untried"), other.get("reserved"), other.get("option", "")),
    ]


def _events(number: int) -> list[tuple[str, int, dict[str, Any]]]:
    mine = ((event_id, at, data) for _, who, event_id, at, data in EVENTS if who == number)
    return sorted(mine, key=lambda one: one[1])


def _row(partition: int, number: int, **other: Any) -> list[Any]:  # noqa: ANN401 (any field)
    told = _events(number)
    granted = [
        ["activation", data["channel"], "granted", at, event_id, 0, 0, ""]
        for event_id, at, data in told
        if data["event_type"] == "consent.changed"
    ]
    at = next(at for event_id, at, _ in told if event_id.startswith("i"))
    return customer_row(
        partition,
        by_hand_ring(*((at, "/core", event_id) for event_id, at, _ in told)),
        by_hand_contents(*(data for _, _, data in told)),
        cards=[[f"k{number}", at, *(0, 0, 0, 0, 0), "", 0, ""]],
        consents=granted,
        **other,
    )


UNITS = [RESERVED, "gift", NOW + 5_000, 7, 3, False]
UNITS_2 = [RESERVED_2, "gift", NOW + 5_000, 7, 3, True]
UNTRIED_2 = ["i2", 0, ""]
ROW = _row(0, 0, contacts=[_contact(0, 0, released=True), _contact(0, 1, reserved=UNITS)])
ROW_2 = _row(
    1,
    2,
    contacts=[_contact(2, 0, cancelled=True, untried=UNTRIED_2, reserved=UNITS_2)],
    words=[["offer", RESERVED_2, ISSUED + 20_000, "refused", 0, 0, 0, ""]],
)
ROW_7 = _row(0, 7)
