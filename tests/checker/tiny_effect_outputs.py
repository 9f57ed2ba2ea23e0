"""What the run of `tiny_effects` must tell of exposures and cards, field by field."""

from typing import Any

from tests.checker import tiny_effects as world
from tests.checker.tiny_effect_decisions import SENT, customer, text
from tests.checker.tiny_effects import DAY, EXPOSED, NOW, TICKS, own_of, trigger_of
from tests.checker.tiny_outputs import by_hand_move
from tests.checker.tiny_world import by_hand_uuid


Fields = dict[str, Any]
EVERYBODY = {"default": 1_000_000}


MOVED = text(by_hand_move(0, ("/core", "i0"), world.ISSUED))
SPENT: Fields = {"before": "issued", "after": "issued+first_spend", "reached": "first_spend"}
MOVED_ON = text(by_hand_move(0, ("/core", "x0"), world.BOUGHT, **SPENT))
MOVED_2 = text(by_hand_move(2, ("/core", "i2"), world.ISSUED_2))
UNSEEN: Fields = {
    "model_id": "",
    "model_version": 0,
    "model_sequence": 0,
    "score_ppm": 0,
    "vector": "",
}
UNCHOSEN: Fields = {"option": "", "option_ppm": 0}


def _about(number: int, trigger: str) -> Fields:
    """Return of which exposure a record is."""
    return {"exposure_id": by_hand_uuid("exposure", trigger), **customer(number)}


def opened(number: int, trigger: str, **said: Any) -> bytes:  # noqa: ANN401 (any field)
    """Return that an exposure has opened; what is not said is of the tenant's own."""
    at = said.get("at") or EXPOSED[number]
    return text(
        {
            "v": 1,
            **_about(number, trigger),
            "trigger_id": trigger,
            "decision_id": said.get("decision", ""),
            "campaign_id": said.get("campaign", ""),
            "policy_version": said.get("version", 3),
            "policy_hash": said.get("hash", ""),
            "stage": said.get("stage", ""),
            "step": said.get("step", ""),
            "message_class": said.get("message_class", ""),
            "verdict": said.get("verdict", "assigned"),
            "arm": "default",
            "arm_ppm": said.get("arm_ppm", 999_900),
            "channel": said.get("channel", ""),
            "decided_at_ms": at,
            "closes_at_ms": said.get("ends", at + 90 * DAY),
            "conversion_on": "txn.posted",
            "propensity_ppm": 0,
            "propensity_from": said.get("propensity_from", ""),
            "features": said.get("features", {}),
            **UNSEEN,
            "is_first": True,
            "shares_ppm": EVERYBODY,
            "holdout_ppm": 100,
            "value_cap_minor": said.get("cap", 900),
            "currency": "CNY",
            "pools": False,
            "guardrails": said.get("guardrails"),
            **UNCHOSEN,
            "options_ppm": {},
            "key_count": 1,
        }
    )


OWN, OWN_2 = opened(0, own_of(0)), opened(2, own_of(2))
OPENED = opened(
    0,
    trigger_of(0),
    decision=SENT,
    campaign="welcome",
    version=1,
    hash="h1",
    stage="activate",
    step="now",
    message_class="marketing",
    verdict="sent",
    arm_ppm=1_000_000,
    channel="sms",
    at=NOW,
    ends=NOW + DAY,
    propensity_from="base_rate",
    features={"amount_minor": 0},
    cap=500,
    guardrails=world.BOUNDS,
)
CONVERTED = text(
    {
        "v": 1,
        "outcome_id": by_hand_uuid("outcome", trigger_of(0), "1"),
        "exposure_id": by_hand_uuid("exposure", trigger_of(0)),
        "sequence": 1,
        **customer(0),
        "trigger_id": trigger_of(0),
        "campaign_id": "welcome",
        "policy_version": 1,
        "arm": "default",
        "arm_ppm": 1_000_000,
        "label": 1,
        "reason": "converted",
        "delivery": "not_sent",
        "value_minor": 700,
        "currency": "CNY",
        "decided_at_ms": NOW,
        "closes_at_ms": NOW + DAY,
        "occurred_at_ms": world.BOUGHT,
        "closed_at_ms": world.BOUGHT + 100,
        "cause": {"event_type": "txn.posted", "event_id": "x0", "event_source": "/core"},
        **UNSEEN,
        **UNCHOSEN,
    }
)
OBJECTED = text(
    {
        "v": 1,
        "objected_id": by_hand_uuid("objected", trigger_of(0), "failure"),
        **_about(0, trigger_of(0)),
        "campaign_id": "welcome",
        "policy_version": 1,
        "arm": "default",
        "objection": "failure",
        "decided_at_ms": NOW,
        "occurred_at_ms": world.FAILED,
        "objected_at_ms": world.FAILED + 100,
        "model_id": "",
    }
)


def settled(number: int, campaign: str, delivery: str, minor: int) -> bytes:
    """Return what an exposure has come to: converted if it has brought money."""
    trigger = trigger_of(number) if campaign else own_of(number)
    begun, length = (NOW, DAY) if campaign else (EXPOSED[number], 90 * DAY)
    return text(
        {
            "v": 1,
            "settled_id": by_hand_uuid("settled", trigger),
            **_about(number, trigger),
            "trigger_id": trigger,
            "campaign_id": campaign,
            "policy_version": 1 if campaign else 3,
            "arm": "default",
            "arm_ppm": 1_000_000 if campaign else 999_900,
            "is_first": True,
            "pools": False,
            "holdout_ppm": 100,
            "label": 1 if minor else 0,
            "delivery": delivery,
            "value_minor": minor,
            "currency": "CNY",
            "decided_at_ms": begun,
            "closes_at_ms": begun + length,
            "settled_at_ms": TICKS[0 if campaign else 2] + 5_000,
            "model_id": "",
            "score_ppm": 0,
            **UNCHOSEN,
        }
    )


def followed(number: int, campaign: str, day: int, *, active: bool = False) -> bytes:
    """Return whether a customer was active in the 30 days up to a day."""
    trigger = trigger_of(number) if campaign else own_of(number)
    tick = TICKS[1] if campaign and day == 30 else TICKS[2]
    return text(
        {
            "v": 1,
            "followed_id": by_hand_uuid("followed", trigger, str(day)),
            **_about(number, trigger),
            "campaign_id": campaign,
            "policy_version": 1 if campaign else 3,
            "arm": "default",
            "pools": False,
            "holdout_ppm": 100,
            "day": day,
            "active": active,
            "decided_at_ms": NOW if campaign else EXPOSED[number],
            "followed_at_ms": tick + 5_000,
            "model_id": "",
        }
    )
