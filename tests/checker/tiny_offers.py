"""
Another run small enough to work out by hand: one campaign with a fallback, an offer and a budget.

There are two journal partitions, two gifts and 20 to spend, so each partition has one and 10; a
contact costs 3, a gift 7. c0 (partition 0) is nudged by sms, which fails, then by push. c7 (there
too) finds no gift left. c2 (partition 1) is nudged, but not granted the gift: that is taken back.

As in the tiny world nothing is computed by the checker's own code.
"""

import hashlib
import json
from typing import Any

from tests.checker.tiny_outputs import PASSED, readings
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


def _json(value: Any) -> str:  # noqa: ANN401 (any JSON)
    return json.dumps(value, separators=(",", ":"))


def trigger(number: int, slot: int, decision: str, at: int, reserved: str) -> bytes:
    """Return a trigger, byte for byte."""
    trigger_id, name = trigger_of(number, slot), ("nudge", "nudge.push")[slot]
    consent = ("g", "h")[slot] + str(number)
    return (
        f'{{"v":1,"trigger_id":"{trigger_id}","idempotency_key":"{trigger_id}",'
        f'"decision_id":"{decision}","tenant":"acme","customer_token":"c{number}",'
        f'"card_token":"k{number}","trigger_type":"activation.nudge",'
        f'"message_class":"marketing","purpose":"activation","consent_ref":"{consent}",'
        '"campaign_id":"gift_nudge","policy_version":1,"policy_hash":"h1","step":"now",'
        f'"channel":"{("sms", "push")[slot]}","template_id":"{name}","template_version":1,'
        f'"variables":{{}},"issued_at_ms":{at},'
        f'"not_before_ms":{at},"expires_at_ms":{EXPIRES},"priority":50,"on_unknown":"drop",'
        f'"arm":"default","slot":{slot},"sender_profile":"marketing","offer_id":"gift",'
        f'"reservation_id":"{reserved}","reservation_expires_at_ms":{NOW + 5_000}}}'
    ).encode()


def grant(number: int, at: int = NOW) -> bytes:
    """Return what the offer system is asked for, byte for byte."""
    asked_by = trigger_of(number, 0)
    return (
        f'{{"v":1,"reservation_id":"{by_hand_uuid("reservation", asked_by)}",'
        '"offer_id":"gift","offer_version":1,"tenant":"acme",'
        f'"customer_token":"c{number}","card_token":"k{number}","trigger_id":"{asked_by}",'
        f'"campaign_id":"gift_nudge","policy_version":1,"requested_at_ms":{at},'
        f'"expires_at_ms":{at + 5_000}}}'
    ).encode()


CANCELLED = (
    f'{{"v":1,"cancellation_id":"{by_hand_uuid("cancellation", SMS_2)}",'
    f'"trigger_id":"{SMS_2}","tenant":"acme","customer_token":"c2",'
    '"campaign_id":"gift_nudge","channel":"sms","reason_code":"NO_INVENTORY",'
    f'"cancelled_at_ms":{ISSUED + 20_100}}}'
).encode()

TO_CAPS = (
    *PASSED,
    *("consent", "personalisation", "content", "standing", "quiet", "spacing", "caps"),
)
ALL_BUCKETS = 'experiment {"bucket":0,"first_bucket":0,"end_bucket":10000}'
SENT = readings(
    *TO_CAPS,
    'offer {"left_count":1,"left_minor":10,"cost_minor":10}',
    'worth {"worth_micro":6000000}',
    'arbitration {"competing_count":1}',
    ALL_BUCKETS,
)
NONE_LEFT = readings(*TO_CAPS, 'offer {"left_count":0}').replace(
    '"gate":"offer","reason_code":""', '"gate":"offer","reason_code":"NO_INVENTORY"'
)
AGAIN = readings(
    *PASSED,
    *("consent", "personalisation", "content", "standing", "quiet", "caps"),
    ALL_BUCKETS,
)


def decision(
    number: int,
    at: int,
    cause: str,
    told: tuple[str, str, str],
    *,
    slot: int = 0,
    follows: str = "",
) -> bytes:
    """Return a decision's record; `told` is verdict and reason, readings, what comes of those."""
    verdict, gates, weighed = told
    trigger_id = trigger_of(number, slot)
    chosen = f'"{trigger_id}"' if '"sent"' in verdict else ""
    consent = ("g", "h")[slot] + str(number)
    unsealed = (
        f'{{"v":2,"decision_id":"{by_hand_uuid("decision", str(at), trigger_id)}",'
        f'"tenant":"acme","customer_token":"c{number}","decided_at_ms":{at},'
        f'"cause":{cause},"shadow":false,"calendar":"","contact_policy":"",'
        f'"chosen":[{chosen}],"candidates":[{{"trigger_id":"{trigger_id}",'
        '"campaign_id":"gift_nudge","policy_version":1,"policy_hash":"h1",'
        f'"card_token":"k{number}","occurrence_key":"{key_of(number)}","step":"now",'
        f'"channel":"{("sms", "push")[slot]}","message_class":"marketing",'
        f'"entry_event_id":"i{number}","entered_at_ms":{ISSUED + 1_000 * (number == 7)},'
        f'{verdict},"clause":"","gates":[{gates}],"consent_ref":"{consent}","caps":[],'
        '"priority":50,"propensity_ppm":1000000,"propensity_from":"base_rate",'
        f'"value_minor":9,"lever_percent":100,"contact_cost_minor":3,{weighed},'
        f'"features":{{"amount_minor":0}},"slot":{slot},"offer_id":"gift",'
        f'"follows":"{follows}","reserved_at_ms":{NOW if follows else 0}}}],"digest":""}}'
    )
    digest = hashlib.sha256(unsealed.encode()).hexdigest()
    return unsealed.replace('"digest":""', f'"digest":"{digest}"').encode()


def _caused(number: int, event_type: str, event_id: str = "") -> str:
    name = event_id or f"i{number}"
    return f'{{"event_type":"{event_type}","event_id":"{name}","event_source":"/core"}}'


GOES = '"verdict":"sent","reason_code":""'
STAYS = '"verdict":"suppressed","reason_code":"NO_INVENTORY"'
WORTH = '"worth_micro":6000000,"arm":"default","arm_ppm":1000000'
DECISION = decision(0, NOW, _caused(0, "card.issued"), (GOES, SENT, WORTH))
DECISION_2 = decision(2, NOW, _caused(2, "card.issued"), (GOES, SENT, WORTH))
DECISION_7 = decision(
    7,
    NOW + 1_000,
    _caused(7, "card.issued"),
    (STAYS, NONE_LEFT, '"worth_micro":0,"arm":"","arm_ppm":0'),
)
FELL_BACK = decision(
    0,
    ISSUED + 9_100,
    _caused(0, "delivery.receipt", "r0"),
    (GOES, AGAIN, '"worth_micro":0,"arm":"default","arm_ppm":1000000'),
    slot=1,
    follows=SMS,
)


def _contact(number: int, slot: int, **other: Any) -> list[Any]:  # noqa: ANN401 (any field)
    """Return a contact as a row has it."""
    return [
        *(trigger_of(number, slot), "gift_nudge", ("sms", "push")[slot], f"k{number}"),
        *(key_of(number), "now", 1, ISSUED, NOW, other.get("released", False), False, False),
        *("marketing", "activation", EXPIRES, other.get("cancelled", False), slot),
        *(other.get("untried"), other.get("reserved")),
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
