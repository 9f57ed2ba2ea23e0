"""What must come out of the tiny world, written down byte for byte."""

import hashlib
from typing import Any

from tests.checker.tiny_world import (
    DECIDED,
    DECISION_ID,
    DECISION_ID_2,
    DUE,
    ISSUED,
    KEY,
    KEY_2,
    TRIGGER_ID,
    TRIGGER_ID_2,
    by_hand_hash,
    by_hand_uuid,
)


def by_hand_move(number: int, event: tuple[str, str], at: int, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return where a customer's card is counted after an event (source, id), told 100 ms later."""
    digits = format(by_hand_hash(*event), "016x")
    after = other.get("after", "issued")
    return {
        "v": 1,
        "moved_id": by_hand_uuid("moved", "acme", f"c{number}", digits, f"k{number}", after),
        "tenant": "acme",
        "customer_token": f"c{number}",
        "before": "",
        "after": after,
        "reached": "issued",
        "waited_ms": -1,
        "occurred_at_ms": at,
        "moved_at_ms": at + 100,
    } | other


MOVED = by_hand_move(0, ("/core", "i0"), ISSUED)
MOVED_2 = by_hand_move(2, ("card.issue.v1", "i2"), ISSUED)
TRIGGER = (
    f'{{"v":1,"trigger_id":"{TRIGGER_ID}","idempotency_key":"{TRIGGER_ID}",'
    f'"decision_id":"{DECISION_ID}","tenant":"acme","customer_token":"c0","card_token":"k0",'
    '"trigger_type":"activation.nudge","message_class":"marketing","purpose":"activation",'
    '"consent_ref":"g0","campaign_id":"activation_nudge","policy_version":1,"policy_hash":"h1",'
    '"step":"first","channel":"sms","template_id":"nudge","template_version":3,"variables":{},'
    f'"issued_at_ms":{DECIDED},"not_before_ms":{DECIDED},"expires_at_ms":{DECIDED + 43_200_000},'
    '"priority":50,"on_unknown":"drop","arm":"default","slot":0,'
    '"sender_profile":"marketing","offer_id":"","reservation_id":"","reservation_expires_at_ms":0}'
).encode()


def readings(*told: str) -> str:
    """Return the readings of gates; each is `gate`, `gate reason` or `gate {what it saw}`."""
    readings = []
    for one in told:
        gate, _, rest = one.partition(" ")
        saw = rest if rest.startswith("{") else "{}"
        reason = "" if rest.startswith("{") else rest
        reading = f'{{"gate":"{gate}","reason_code":"{reason}","clause":"","saw":{saw}}}'
        readings.append(reading)
    return ",".join(readings)


PASSED = ("eligibility", "applicability", "suitability", "stop")
WON = (
    *PASSED,
    *("consent", "personalisation", "content", "standing", "quiet", "spacing", "caps"),
    'worth {"worth_micro":0}',
    'arbitration {"competing_count":1}',
    'experiment {"bucket":0,"first_bucket":0,"end_bucket":10000}',
)
NO_MONEY = '"value_minor":0,"lever_percent":100,"contact_cost_minor":0,"worth_micro":0,'


def _candidate(number: int, trigger_id: str, key: str, verdict: str, rest: str) -> str:
    """Return one candidate, whose customer, card and entry have this number."""
    return (
        f'{{"trigger_id":"{trigger_id}","campaign_id":"activation_nudge","policy_version":1,'
        f'"policy_hash":"h1","card_token":"k{number}","occurrence_key":"{key}","step":"first",'
        f'"channel":"sms","message_class":"marketing","entry_event_id":"i{number}","entered_at_ms":{ISSUED},'
        f'"verdict":"{verdict}",{rest},"features":{{"waited_ms":259205000}},'
        '"slot":0,"offer_id":"","follows":"","reserved_at_ms":0,'
        '"model":"","score_ppm":0,"control_score_ppm":0,"contributions":{},'
        '"option":"","option_ppm":0,"options_ppm":{}}'
    )


def _decision(number: int, decision_id: str, chosen: str, candidate: str) -> bytes:
    """Return the record of an occasion with one candidate, at the tick."""
    unsealed = (
        f'{{"v":2,"decision_id":"{decision_id}","tenant":"acme","customer_token":"c{number}",'
        f'"decided_at_ms":{DECIDED},"cause":{{"event_type":"tick","event_id":"tick-acme-{DECIDED}-{DUE}",'
        f'"event_source":"cardcue/clock"}},'
        f'"shadow":false,"calendar":"","contact_policy":"","chosen":[{chosen}],"candidates":[{candidate}],"digest":""}}'
    )
    digest = hashlib.sha256(unsealed.encode()).hexdigest()
    return unsealed.replace('"digest":""', f'"digest":"{digest}"').encode()


DECISION = _decision(
    0,
    DECISION_ID,
    f'"{TRIGGER_ID}"',
    _candidate(
        0,
        TRIGGER_ID,
        KEY,
        "sent",
        f'"reason_code":"","clause":"","gates":[{readings(*WON)}],"consent_ref":"g0",'
        '"caps":[{"scope":"campaign","window_ms":86400000,"count_max":1,"count_before":0,'
        '"count_after":1}],'
        f'"priority":50,"propensity_ppm":0,"propensity_from":"base_rate",{NO_MONEY}'
        '"arm":"default","arm_ppm":1000000',
    ),
)
DECISION_2 = _decision(
    2,
    DECISION_ID_2,
    "",
    _candidate(
        2,
        TRIGGER_ID_2,
        KEY_2,
        "suppressed",
        f'"reason_code":"NO_CONSENT","clause":"",'
        f'"gates":[{readings(*PASSED, "consent NO_CONSENT")}],'
        '"consent_ref":"","caps":[],'
        f'"priority":50,"propensity_ppm":0,"propensity_from":"base_rate",{NO_MONEY}'
        '"arm":"","arm_ppm":0',
    ),
)
