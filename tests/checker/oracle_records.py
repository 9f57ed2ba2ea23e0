"""Write an occasion's triggers and its record, byte for byte (core.md §3.6)."""

import hashlib

import msgspec

from tests.checker.identity import Facts
from tests.checker.oracle_clauses import names_read
from tests.checker.oracle_entry import ON_NOW
from tests.checker.oracle_features import subject_of, values
from tests.checker.oracle_gates import hours_of
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output
from tests.checker.oracle_quiet import SEARCH_MS
from tests.checker.oracle_statements import statement_of
from tests.checker.rhythm import alive_and_rate_ppm


NOT_CHOSEN: Facts = {"option": "", "option_ppm": 0, "options_ppm": {}}


def features(customer: Facts, journey: Facts, policy: Facts, moment: Moment) -> Facts:
    """Return what the campaign's kind looks at, then what its clauses and variables read."""
    subject = subject_of(customer, journey, policy, moment)
    of_kind = _features_of_kind(customer, journey, policy, moment.now_ms)
    return of_kind | values(subject, names_read(policy))


def _features_of_kind(
    customer: Facts, journey: Facts, policy: Facts, now_ms: int
) -> dict[str, int]:
    entry = policy["entry"]
    if entry["kind"] == "absence":
        return {"waited_ms": now_ms - journey["entered_at_ms"]}
    if entry["kind"] in ON_NOW:
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


def expires_at_ms(customer: Facts, verdict: Facts, moment: Moment) -> int:
    """Return how long a gateway may still send: not beyond a due date, nor into quiet hours."""
    if verdict["follows"] is not None:
        own = verdict | {"follows": None}
        return min(expires_at_ms(customer, own, moment), verdict["follows"]["expires_at_ms"])
    policy = verdict["policy"]
    ends = [moment.now_ms + policy["expires_after_ms"]]
    if policy["entry"]["kind"] == "due_date":
        ends.append(customer["statements"][statement_of(verdict["journey"])]["due_at"])
    if policy["message_class"] != "mandatory":
        quiet_at = hours_of(customer, policy, moment).next_quiet(moment.now_ms)
        ends.append(moment.now_ms + SEARCH_MS if quiet_at is None else quiet_at)
    return min(ends)


def trigger(customer: Facts, verdict: Facts, moment: Moment, decision: str) -> Output:
    """Return the trigger of a candidate that goes."""
    policy, treatment = verdict["policy"], verdict["treatment"]
    record = {
        "v": 1,
        "trigger_id": verdict["trigger_id"],
        "idempotency_key": verdict["trigger_id"],
        "decision_id": decision,
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
        "variables": verdict["variables"],
        "issued_at_ms": moment.now_ms,
        "not_before_ms": moment.now_ms,
        "expires_at_ms": expires_at_ms(customer, verdict, moment),
        "priority": policy["priority"],
        "on_unknown": "drop" if policy["message_class"] == "marketing" else "retry_same_key",
        "arm": verdict["arm"],
        "slot": verdict["slot"],
        "sender_profile": treatment.get("sender_profile") or policy["message_class"],
        **_promised(verdict["reserved"]),
    }
    return Output(
        treatment["channel"],
        verdict["trigger_id"],
        msgspec.json.encode(record),
        "trigger.requested.v1",
    )


def _promised(reserved: Facts | None) -> Facts:
    """Return the offer that a trigger promises."""
    if reserved is None or not reserved["offer_id"]:
        return {"offer_id": "", "reservation_id": "", "reservation_expires_at_ms": 0}
    return {
        "offer_id": reserved["offer_id"],
        "reservation_id": reserved["reservation_id"],
        "reservation_expires_at_ms": reserved["expires_at_ms"],
    }


def candidate_facts(about: Facts, moment: Moment) -> Facts:
    """Return a candidate with all fields in their order; `about` is a journey or a contact."""
    return {
        "trigger_id": "",
        "campaign_id": about["campaign_id"],
        "policy_version": 0,
        "policy_hash": moment.hashes.get(about["campaign_id"], ""),
        "card_token": about["card_token"],
        "occurrence_key": about["occurrence_key"],
        "step": "",
        "channel": "",
        "message_class": moment.policies.get(about["campaign_id"], {}).get("message_class", ""),
        "entry_event_id": about["entry_event_id"],
        "entered_at_ms": about["entered_at_ms"],
        "verdict": "",
        "reason_code": "",
        "clause": "",
        "gates": [],
        "consent_ref": "",
        "caps": [],
        "priority": 0,
        "propensity_ppm": 0,
        "propensity_from": "",
        "value_minor": 0,
        "lever_percent": 0,
        "contact_cost_minor": 0,
        "worth_micro": 0,
        "arm": "",
        "arm_ppm": 0,
        "features": {},
        "slot": 0,
        "offer_id": "",
        "follows": "",
        "reserved_at_ms": 0,
        "model": "",
        "score_ppm": 0,
        "control_score_ppm": 0,
        "contributions": {},
        **NOT_CHOSEN,
    }


def considered(verdict: Facts, moment: Moment) -> Facts:
    """Return one candidate as the record has it."""
    policy = verdict["policy"]
    return (
        candidate_facts(verdict["journey"], moment)
        | {
            "card_token": verdict["card_token"],
            "trigger_id": verdict["trigger_id"],
            "policy_version": policy["version"],
            "step": verdict["step"],
            "channel": verdict["treatment"]["channel"],
            "verdict": verdict["verdict"],
            "reason_code": verdict["reason"],
            "clause": verdict["clause"],
            "gates": verdict["gates"],
            "consent_ref": verdict["consent_ref"],
            "caps": verdict["caps"],
            "priority": policy["priority"],
            "value_minor": policy.get("value_minor", 0),
            "lever_percent": policy.get("lever_percent", 100),
            "contact_cost_minor": policy.get("contact_cost_minor", 0),
            "worth_micro": verdict["worth"],
            "arm": verdict["arm"],
            "arm_ppm": verdict["arm_ppm"],
            "features": verdict["features"],
            "slot": verdict["slot"],
            "offer_id": policy.get("offer", ""),
        }
        | verdict["ranked"]
        | verdict["drawn"]
        | _followed(verdict["follows"])
    )


def _followed(contact: Facts | None) -> Facts:
    """Return after which contact a fallback is tried."""
    if contact is None:
        return {}
    return {"follows": contact["trigger_id"], "reserved_at_ms": contact["decided_at_ms"]}


def _named(said: Facts | None) -> str:
    return f"{said['id']}|{said['version']}" if said else ""


def cause(moment: Moment) -> Facts:
    """Return the journal record at which something came out, by its name."""
    envelope = moment.cause
    return {
        "event_type": envelope["record"]["event_type"],
        "event_id": envelope["event_id"],
        "event_source": envelope["event_source"],
    }


def decision(name: str, considered: list[Facts], moment: Moment) -> Output:
    """Return the record of an occasion."""
    record = {
        "v": 2,
        "decision_id": name,
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        "decided_at_ms": moment.now_ms,
        "cause": cause(moment),
        "shadow": moment.is_shadow,
        "calendar": _named(moment.calendar),
        "contact_policy": _named(moment.contact_policy),
        "chosen": [one["trigger_id"] for one in considered if one["verdict"] == "sent"],
        "candidates": considered,
        "digest": "",
    }
    record["digest"] = hashlib.sha256(msgspec.json.encode(record)).hexdigest()
    return Output("decisions", name, msgspec.json.encode(record))
