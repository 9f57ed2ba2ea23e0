"""What must come out of the run of `tiny_offers`, written down byte for byte."""

import hashlib

from tests.checker.tiny_offers import EXPIRES, ISSUED, NOW, SMS, SMS_2, key_of, trigger_of
from tests.checker.tiny_outputs import PASSED, readings
from tests.checker.tiny_world import by_hand_uuid


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
        f'"follows":"{follows}","reserved_at_ms":{NOW if follows else 0},"model":"",'
        '"score_ppm":0,"control_score_ppm":0,"contributions":{},'
        '"option":"","option_ppm":0,"options_ppm":{}}],"digest":""}'
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
