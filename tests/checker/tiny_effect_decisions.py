"""What the run of `tiny_effects` must decide and send, field by field."""

import hashlib
import json
from typing import Any

from tests.checker.tiny_effects import NOW, NOW_2, key_of, trigger_of
from tests.checker.tiny_outputs import PASSED, readings
from tests.checker.tiny_world import by_hand_uuid


Fields = dict[str, Any]
TO_CAPS = ("consent", "personalisation", "content", "standing", "quiet", "spacing", "caps")
WON = readings(
    *(*PASSED, *TO_CAPS, 'worth {"worth_micro":0}', 'arbitration {"competing_count":1}'),
    'experiment {"bucket":0,"first_bucket":0,"end_bucket":10000}',
)
HELD = readings(*PASSED[:-1], "stop GUARDRAIL_STOP")


def text(fields: Fields) -> bytes:
    """Return JSON as the house writes it."""
    return json.dumps(fields, separators=(",", ":")).encode()


def customer(number: int) -> Fields:
    """Return whose a record is."""
    return {"tenant": "acme", "customer_token": f"c{number}"}


SENT = by_hand_uuid("decision", str(NOW), trigger_of(0))
TRIGGER = text(
    {
        "v": 1,
        "trigger_id": trigger_of(0),
        "idempotency_key": trigger_of(0),
        "decision_id": SENT,
        **customer(0),
        "card_token": "k0",
        "trigger_type": "activation.nudge",
        "message_class": "marketing",
        "purpose": "activation",
        "consent_ref": "g0",
        "campaign_id": "welcome",
        "policy_version": 1,
        "policy_hash": "h1",
        "step": "now",
        "channel": "sms",
        "template_id": "nudge",
        "template_version": 3,
        "variables": {"amount_minor": 0, "currency": ""},
        "issued_at_ms": NOW,
        "not_before_ms": NOW,
        "expires_at_ms": NOW + 43_200_000,
        "priority": 50,
        "on_unknown": "drop",
        "arm": "default",
        "slot": 0,
        "sender_profile": "marketing",
        "offer_id": "",
        "reservation_id": "",
        "reservation_expires_at_ms": 0,
    }
)


def _candidate(number: int, at: int, gates: str, verdict: Fields) -> Fields:
    return {
        "trigger_id": trigger_of(number),
        "campaign_id": "welcome",
        "policy_version": 1,
        "policy_hash": "h1",
        "card_token": f"k{number}",
        "occurrence_key": key_of(number),
        "step": "now",
        "channel": "sms",
        "message_class": "marketing",
        "entry_event_id": f"i{number}",
        "entered_at_ms": at - 100,
        "verdict": verdict["verdict"],
        "reason_code": verdict["reason"],
        "clause": "",
        "gates": json.loads(f"[{gates}]"),
        "consent_ref": verdict["consent"],
        "caps": [],
        "priority": 50,
        "propensity_ppm": 0,
        "propensity_from": "base_rate",
        "value_minor": 0,
        "lever_percent": 100,
        **dict.fromkeys(("contact_cost_minor", "worth_micro"), 0),
        "arm": verdict["arm"],
        "arm_ppm": verdict["arm_ppm"],
        "features": {"amount_minor": 0},
        "slot": 0,
        **dict.fromkeys(("offer_id", "follows"), ""),
        "reserved_at_ms": 0,
        "model": "",
        **dict.fromkeys(("score_ppm", "control_score_ppm"), 0),
        "contributions": {},
        "option": "",
        "option_ppm": 0,
        "options_ppm": {},
    }


def decision(number: int, at: int, gates: str, **verdict: Any) -> bytes:  # noqa: ANN401 (any field)
    """Return the record of what the issue of a customer's card has led to."""
    trigger = trigger_of(number)
    record = {
        "v": 2,
        "decision_id": by_hand_uuid("decision", str(at), trigger),
        **customer(number),
        "decided_at_ms": at,
        "cause": {
            "event_type": "card.issued",
            "event_id": f"i{number}",
            "event_source": "/core",
        },
        "shadow": False,
        "calendar": "",
        "contact_policy": "",
        "chosen": [trigger] if verdict["verdict"] == "sent" else [],
        "candidates": [_candidate(number, at, gates, verdict)],
        "digest": "",
    }
    record["digest"] = hashlib.sha256(text(record)).hexdigest()
    return text(record)


GOES = {"verdict": "sent", "reason": "", "consent": "g0", "arm": "default", "arm_ppm": 1_000_000}
STAYS = {"verdict": "suppressed", "reason": "GUARDRAIL_STOP", "consent": ""}
DECISION = decision(0, NOW, WON, **GOES)
DECISION_2 = decision(2, NOW_2, HELD, **STAYS, arm="", arm_ppm=0)
