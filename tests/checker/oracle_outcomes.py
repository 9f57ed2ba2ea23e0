"""Open, close and correct exposures, on lists of marks: core.md §3.12."""

from collections.abc import Iterator

import msgspec

from tests.checker import oracle_records as records
from tests.checker.identity import Facts, event_hash, uuid8
from tests.checker.oracle_cards import as_now
from tests.checker.oracle_customer import proves_wrong
from tests.checker.oracle_models import UNSEEN, forget_a_vector
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output


EXPOSURES_MAX = 32
MARKS_MAX = 8
OPENING = ("sent", "control", "held_out")
KEPT_BACK = ("control", "holdout")

Told = tuple[Output, str]
"""A record, and the name under which it is counted."""


def open_exposures(
    customer: Facts, considered: list[Facts], seen: list[Facts], decision: str, moment: Moment
) -> Iterator[Told]:
    """
    Open what an occasion calls for; yield the records, evictions before what they are for.

    `seen` is of each candidate what a model has looked at, in the same order.
    """
    for one, looked_at in zip(considered, seen, strict=True):
        policy = moment.policies[one["campaign_id"]]
        conversion = policy.get("conversion")
        if moment.is_shadow or not conversion or one["verdict"] not in OPENING:
            continue
        yield from _evict(customer, moment)
        if looked_at["vector"]:
            forget_a_vector(customer["exposures"])
        exposure = {
            "trigger_id": one["trigger_id"],
            "campaign_id": one["campaign_id"],
            "policy_version": one["policy_version"],
            "card_token": one["card_token"],
            "occurrence_key": one["occurrence_key"],
            "entered_at_ms": one["entered_at_ms"],
            "arm": one["arm"],
            "arm_ppm": one["arm_ppm"],
            "decided_at_ms": moment.now_ms,
            "closes_at_ms": moment.now_ms + conversion["window_ms"],
            "conversion_on": conversion["on"],
            "value_field": conversion.get("value", ""),
            "sequence": 0,
            "converted": [],
            "reversed": [],
            **looked_at,
        }
        customer["exposures"].append(exposure)
        yield _opened(exposure, one, decision, moment), f"{one['campaign_id']}|{one['verdict']}"


def _opened(exposure: Facts, one: Facts, decision: str, moment: Moment) -> Output:
    name = uuid8("exposure", one["trigger_id"])
    record = {
        "v": 1,
        "exposure_id": name,
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        "trigger_id": one["trigger_id"],
        "decision_id": decision,
        "campaign_id": one["campaign_id"],
        "policy_version": one["policy_version"],
        "policy_hash": one["policy_hash"],
        "stage": moment.policies[one["campaign_id"]]["stage"],
        "step": one["step"],
        "message_class": one["message_class"],
        "verdict": one["verdict"],
        "arm": one["arm"],
        "arm_ppm": one["arm_ppm"],
        "channel": one["channel"],
        "decided_at_ms": moment.now_ms,
        "closes_at_ms": exposure["closes_at_ms"],
        "conversion_on": exposure["conversion_on"],
        "propensity_ppm": one["propensity_ppm"],
        "propensity_from": one["propensity_from"],
        "features": one["features"],
        **{field: exposure[field] for field in UNSEEN},
    }
    value, key = msgspec.json.encode(record), _key(exposure, moment)
    return Output("outcomes", name, value, "exposure.opened.v1", key)


def _key(exposure: Facts, moment: Moment) -> bytes:
    """Return by what an exposure's records are kept in one order."""
    return f"{moment.tenant}|{exposure['model_id'] or exposure['campaign_id']}".encode()


def _evict(customer: Facts, moment: Moment) -> Iterator[Told]:
    kept = customer["exposures"]
    if len(kept) == EXPOSURES_MAX:
        closed = [one for one in kept if one["sequence"]]
        gone = (closed or kept)[0]
        kept.remove(gone)
        if not closed:
            yield _outcome(customer, gone, moment, "evicted", None)


def close_ended(customer: Facts, watermark: int, moment: Moment) -> Iterator[Told]:
    """Yield an outcome of each open exposure whose window the watermark has passed."""
    for exposure in customer["exposures"]:
        if not exposure["sequence"] and exposure["closes_at_ms"] <= watermark:
            yield _outcome(customer, exposure, moment, "not_converted", 0)


def hear(customer: Facts, moment: Moment) -> Iterator[Told]:
    """Yield what the event that is the moment's cause shows of each exposure."""
    envelope = moment.cause
    event, at = envelope["record"], envelope["occurred_at_ms"]
    for exposure in list(customer["exposures"]):
        policy = moment.policies.get(exposure["campaign_id"])
        is_early = policy is not None and at < exposure["decided_at_ms"]
        if is_early and proves_wrong(customer, event, at, exposure, policy["entry"]):
            customer["exposures"].remove(exposure)
            yield _outcome(customer, exposure, moment, "invalidated", None, at)
            continue
        stood = _stands(exposure)
        if _is_same_card(customer, event, exposure):
            _mark(exposure, envelope)
        if stood and not _stands(exposure):
            yield _outcome(customer, exposure, moment, "reversed", 0, at)
        elif not stood and _stands(exposure):
            reason = "late_conversion" if exposure["sequence"] else "converted"
            yield _outcome(customer, exposure, moment, reason, 1, at)


def _mark(exposure: Facts, envelope: Facts) -> None:
    event, at = envelope["record"], envelope["occurred_at_ms"]
    kind, on = event["event_type"], exposure["conversion_on"]
    name = event_hash(envelope["event_source"], envelope["event_id"])
    if on == "txn.posted" and kind in ("txn.posted", "txn.reversed"):
        name = event_hash("txn", event["txn_id"])
    if kind == on:
        if exposure["decided_at_ms"] < at <= exposure["closes_at_ms"]:
            _add(exposure["converted"], name)
    elif kind == "txn.reversed" and on == "txn.posted":
        _add(exposure["reversed"], name)


def _add(marks: list[int], name: int) -> None:
    if name not in marks and len(marks) < MARKS_MAX:
        marks.append(name)


def _stands(exposure: Facts) -> bool:
    return any(name not in exposure["reversed"] for name in exposure["converted"])


def _is_same_card(customer: Facts, event: Facts, exposure: Facts) -> bool:
    mine, its = event.get("card_token") or "", exposure["card_token"]
    return not mine or not its or as_now(customer, mine) == as_now(customer, its)


def _delivery(customer: Facts, exposure: Facts) -> str:
    if exposure["arm"] in KEPT_BACK:
        return "not_sent"
    contacts = customer["contacts"]
    own = next((one for one in contacts if one["trigger_id"] == exposure["trigger_id"]), None)
    if own is None:
        return "unknown"
    names = ("campaign_id", "occurrence_key", "step")
    slots = [one for one in contacts if all(one[name] == own[name] for name in names)]
    if any(one["delivered"] for one in slots):
        return "delivered"
    return "not_sent" if all(one["released"] for one in slots) else "unknown"


def _outcome(
    customer: Facts,
    exposure: Facts,
    moment: Moment,
    reason: str,
    label: int | None,
    at: int = 0,
) -> Told:
    exposure["sequence"] += 1
    name = uuid8("outcome", exposure["trigger_id"], str(exposure["sequence"]))
    event = moment.cause["record"] if label == 1 else {}
    value = event.get(exposure["value_field"], 0)
    record = {
        "v": 1,
        "outcome_id": name,
        "exposure_id": uuid8("exposure", exposure["trigger_id"]),
        "sequence": exposure["sequence"],
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        **{
            field: exposure[field]
            for field in ("trigger_id", "campaign_id", "policy_version", "arm", "arm_ppm")
        },
        "label": label,
        "reason": reason,
        "delivery": _delivery(customer, exposure),
        "value_minor": value if type(value) is int else 0,
        "currency": event.get("currency", ""),
        "decided_at_ms": exposure["decided_at_ms"],
        "closes_at_ms": exposure["closes_at_ms"],
        "occurred_at_ms": at,
        "closed_at_ms": moment.now_ms,
        "cause": records.cause(moment),
        **{field: exposure[field] for field in UNSEEN},
    }
    value = msgspec.json.encode(record)
    output = Output("outcomes", name, value, "outcome.recorded.v1", _key(exposure, moment))
    return output, f"{exposure['campaign_id']}|{reason}"
