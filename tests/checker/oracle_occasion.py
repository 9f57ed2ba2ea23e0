"""Decide one occasion: gates, arbitration, caps, bytes (core.md §3.4 to §3.6)."""

from typing import Any, NamedTuple

import msgspec

from tests.checker.identity import Facts, decision_id, event_hash, trigger_id
from tests.checker.oracle_cards import as_now
from tests.checker.oracle_customer import CONTACTS_MAX, statement_of
from tests.checker.oracle_entry import Candidates
from tests.checker.oracle_gates import Moment, caps, first_failing
from tests.checker.oracle_statements import day_before
from tests.checker.rhythm import alive_and_rate_ppm


DAY_MS = 86_400_000


class Output(NamedTuple):
    """A record that must be in a trigger topic or in the decisions topic."""

    topic: str
    output_id: str
    value: bytes


def decide(
    customer: Facts, candidates: Candidates, moment: Moment
) -> tuple[list[Output], list[str]]:
    """
    Return one occasion's outputs in order, and `campaign|verdict|reason` of each decision.

    The customer's contacts are changed.
    """
    for journey, _step, _place in candidates:
        journey["fired"] = True
    judged = [
        _judge(customer, candidate, moment)
        for candidate in candidates
        if candidate[0]["campaign_id"] in moment.policies
    ]
    for verdict in _going_order(judged):
        _let_go(customer, verdict, moment)
    outputs: list[Output] = []
    counts = []
    for verdict in sorted(judged, key=lambda one: one["decision_order"]):
        if verdict["verdict"] == "sent":
            outputs.append(_trigger(customer, verdict, moment))
        outputs.append(_decision(verdict, moment))
        counts.append(f"{verdict['policy']['id']}|{verdict['verdict']}|{verdict['reason']}")
    return outputs, counts


def correct(
    contact: Facts, verdict: str, reason: str, event: Facts, moment: Moment
) -> tuple[Output, str]:
    """Return the decision record that takes back a contact, and its count."""
    record = _decision_facts(contact, moment) | {
        "policy_version": contact["policy_version"],
        "verdict": verdict,
        "reason_code": reason,
        "cause_event_id": event["event_id"],
    }
    record["trigger_id"] = contact["trigger_id"]
    cause = event_hash(event["event_source"], event["event_id"])
    record["decision_id"] = decision_id(contact["trigger_id"], f"{cause:016x}")
    output = Output("decisions", record["decision_id"], msgspec.json.encode(record))
    return output, f"{contact['campaign_id']}|{verdict}|{reason}"


def _judge(customer: Facts, candidate: tuple[Facts, str, int], moment: Moment) -> Facts:
    """Take one candidate through the gates."""
    journey, step, place = candidate
    policy = moment.policies[journey["campaign_id"]]
    occurrence = journey["occurrence_key"]
    key = f"{moment.tenant}|{moment.customer_token}"
    verdict = {
        "journey": journey,
        "step": step,
        "policy": policy,
        "card_token": as_now(customer, journey["card_token"]),
        "trigger_id": trigger_id(key, policy["id"], occurrence, step),
        "features": _features(customer, journey, policy, moment.now_ms),
        "consent_ref": "",
        "cap_count": 0,
        "verdict": "suppressed",
        "reason": "",
        "decision_order": (policy["id"], occurrence, place),
        "going_order": (-policy["priority"], policy["id"], occurrence, place),
    }
    verdict["reason"] = first_failing(customer, verdict, moment)
    return verdict


def _going_order(judged: list[Facts]) -> list[Facts]:
    """Return who goes, in which order; marketing's losers are marked."""
    passed = sorted(
        (one for one in judged if not one["reason"]), key=lambda one: one["going_order"]
    )
    marketing = [one for one in passed if one["policy"]["message_class"] == "marketing"]
    for loser in marketing[1:]:
        loser["reason"] = "LOST_ARBITRATION"
    beside = [one for one in passed if one["policy"]["message_class"] != "marketing"]
    return marketing[:1] + beside


def _let_go(customer: Facts, verdict: Facts, moment: Moment) -> None:
    """Make the contact, unless one made just before has filled a cap, or in shadow."""
    verdict["reason"] = caps(customer, verdict, moment)
    if verdict["reason"]:
        return
    verdict["verdict"] = "shadow" if moment.is_shadow else "sent"
    if moment.is_shadow:
        return
    journey, policy = verdict["journey"], verdict["policy"]
    contacts = customer["contacts"]
    contacts.append(
        {
            "trigger_id": verdict["trigger_id"],
            "campaign_id": policy["id"],
            "channel": policy["treatment"]["channel"],
            "card_token": verdict["card_token"],
            "occurrence_key": journey["occurrence_key"],
            "step": verdict["step"],
            "policy_version": policy["version"],
            "entered_at_ms": journey["entered_at_ms"],
            "decided_at_ms": moment.now_ms,
            "released": False,
            "invalidated": False,
            "delivered": False,
        }
    )
    if len(contacts) > CONTACTS_MAX:
        released = [contact for contact in contacts if contact["released"]]
        contacts.remove((released or contacts)[0])


def _features(customer: Facts, journey: Facts, policy: Facts, now_ms: int) -> dict[str, int]:
    entry = policy["entry"]
    if entry["kind"] == "absence":
        return {"waited_ms": now_ms - journey["entered_at_ms"]}
    if entry["kind"] == "event":
        return {"amount_minor": journey["amount_minor"]}
    if entry["kind"] == "due_date":
        statement = customer["statements"].get(statement_of(journey))
        if statement is None:
            return {"amount_minor": 0, "due_in_ms": 0}
        open_minor = statement["total"] - statement["paid"]
        return {"amount_minor": open_minor, "due_in_ms": statement["due_at"] - now_ms}
    first, last, repeats = customer["first"], customer["last"], customer["spends"] - 1
    alive, rate = alive_and_rate_ppm(entry, repeats, last - first, now_ms - first)
    silent_ms = now_ms - last
    return {
        "alive_ppm": alive,
        "rate_ppm": rate,
        "repeat_count": repeats,
        "silent_ms": silent_ms,
    }


def _variables(customer: Facts, verdict: Facts) -> dict[str, Any]:
    kind, journey = verdict["policy"]["entry"]["kind"], verdict["journey"]
    if kind == "absence":
        return {}
    if kind == "event":
        return {"amount_minor": journey["amount_minor"], "currency": journey["currency"]}
    if kind == "due_date":
        statement = customer["statements"][statement_of(journey)]
        return {
            "amount_minor": statement["total"] - statement["paid"],
            "currency": statement["currency"],
            "due_date": day_before(statement["due_at"]),
        }
    return {"silent_days": verdict["features"]["silent_ms"] // DAY_MS}


def _expires_at_ms(customer: Facts, verdict: Facts, moment: Moment) -> int:
    """Return how long a gateway may still send: of a bill not beyond its due date."""
    at: int = moment.now_ms + verdict["policy"]["expires_after_ms"]
    if verdict["policy"]["entry"]["kind"] != "due_date":
        return at
    due_at: int = customer["statements"][statement_of(verdict["journey"])]["due_at"]
    return min(at, due_at)


def _trigger(customer: Facts, verdict: Facts, moment: Moment) -> Output:
    policy, treatment = verdict["policy"], verdict["policy"]["treatment"]
    record = {
        "v": 1,
        "trigger_id": verdict["trigger_id"],
        "idempotency_key": verdict["trigger_id"],
        "decision_id": decision_id(verdict["trigger_id"]),
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        "card_token": verdict["card_token"],
        "trigger_type": policy["trigger_type"],
        "message_class": policy["message_class"],
        "purpose": policy["purpose"],
        "consent_ref": verdict["consent_ref"],
        "campaign_id": policy["id"],
        "policy_version": policy["version"],
        "policy_hash": moment.hashes[policy["id"]],
        "step": verdict["step"],
        "channel": treatment["channel"],
        "template_id": treatment["template_id"],
        "template_version": treatment["template_version"],
        "variables": _variables(customer, verdict),
        "issued_at_ms": moment.now_ms,
        "not_before_ms": moment.now_ms,
        "expires_at_ms": _expires_at_ms(customer, verdict, moment),
        "priority": policy["priority"],
        "on_unknown": "drop" if policy["message_class"] == "marketing" else "retry_same_key",
    }
    return Output(treatment["channel"], verdict["trigger_id"], msgspec.json.encode(record))


def _decision_facts(about: Facts, moment: Moment) -> Facts:
    """Return a decision with all fields in their order; `about` is a journey or a contact."""
    return {
        "v": 1,
        "decision_id": "",
        "trigger_id": "",
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        "card_token": about["card_token"],
        "campaign_id": about["campaign_id"],
        "policy_version": 0,
        "policy_hash": moment.hashes.get(about["campaign_id"], ""),
        "step": about.get("step", ""),
        "occurrence_key": about["occurrence_key"],
        "verdict": "",
        "reason_code": "",
        "decided_at_ms": moment.now_ms,
        "cause_event_id": "",
        "consent_ref": "",
        "cap_count": 0,
        "features": {},
    }


def _decision(verdict: Facts, moment: Moment) -> Output:
    record = _decision_facts(verdict["journey"], moment) | {
        "card_token": verdict["card_token"],
        "decision_id": decision_id(verdict["trigger_id"]),
        "trigger_id": verdict["trigger_id"],
        "policy_version": verdict["policy"]["version"],
        "step": verdict["step"],
        "verdict": verdict["verdict"],
        "reason_code": verdict["reason"],
        "cause_event_id": verdict["journey"]["entry_event_id"],
        "consent_ref": verdict["consent_ref"],
        "cap_count": verdict["cap_count"],
        "features": verdict["features"],
    }
    return Output("decisions", record["decision_id"], msgspec.json.encode(record))
