"""Open, close and correct exposures, on lists of marks: core.md §3.12."""

from collections.abc import Iterator

import msgspec

from tests.checker import oracle_records as records
from tests.checker.identity import Facts, event_hash, uuid8
from tests.checker.oracle_customer import proves_wrong
from tests.checker.oracle_exposures import (
    Told,
    counted,
    delivery_of,
    exposure_id,
    is_in_time,
    is_on_card,
    is_over,
    is_own,
    key_of,
    stands,
)
from tests.checker.oracle_first import begins, mark_of_policy, of_the_tenant, tenants_own
from tests.checker.oracle_models import UNSEEN, forget_a_vector
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_objections import count_activity, count_money
from tests.checker.oracle_opened import OF_NO_CAMPAIGN, of_a_candidate, opened
from tests.checker.oracle_output import Output
from tests.checker.oracle_settled import come_to, settled


EXPOSURES_MAX = 32
MARKS_MAX = 8
OPENING = ("sent", "control", "held_out")
OF_THE_CANDIDATE = (
    *("trigger_id", "campaign_id", "policy_version", "card_token", "occurrence_key"),
    *("entered_at_ms", "arm", "arm_ppm"),
)
OPTION = ("option", "option_ppm")


def open_exposures(
    customer: Facts,
    considered: list[Facts],
    seen: list[Facts],
    decision: str,
    moment: Moment,
    counts: list[str],
) -> Iterator[Told]:
    """
    Open what an occasion calls for; yield the records, evictions before what they are for.

    `seen` is of each candidate what a model has looked at, in the same order; what is counted of
    no record is added to `counts`.
    """
    for one, looked_at in zip(considered, seen, strict=True):
        policy = moment.policies[one["campaign_id"]]
        conversion = policy.get("conversion")
        if moment.is_shadow or not conversion or one["verdict"] not in OPENING:
            continue
        yield from _make_room(customer, moment)
        if looked_at["vector"]:
            forget_a_vector(customer["exposures"])
        counts_money = conversion.get("value_cap_minor", 0) > 0
        currency = conversion.get("currency", "") if counts_money else ""
        is_held_out = one["arm"] == "holdout"
        is_first = not is_held_out and begins(customer, mark_of_policy(policy), moment, counts)
        exposure = {
            **{name: one[name] for name in OF_THE_CANDIDATE},
            "decided_at_ms": moment.now_ms,
            "closes_at_ms": moment.now_ms + conversion["window_ms"],
            "conversion_on": conversion["on"],
            "value_field": conversion.get("value", ""),
            "sequence": 0,
            "converted": [],
            "reversed": [],
            **looked_at,
            **of_the_tenant(moment, currency=currency, is_first=is_first),
            **{field: one[field] for field in OPTION},
        }
        customer["exposures"].append(exposure)
        output = opened(exposure, of_a_candidate(one, policy, decision), moment)
        yield output, counted("exposure", exposure, one["verdict"], moment)


def open_own(customer: Facts, moment: Moment, counts: list[str]) -> Iterator[Told]:
    """Expose a customer to the tenant's holdout, at an occasion of which advertising is part."""
    exposure = tenants_own(customer, moment, counts)
    if exposure is None:
        return
    yield from _make_room(customer, moment)
    customer["exposures"].append(exposure)
    cap_minor, currency = moment.money
    said = OF_NO_CAMPAIGN | {"value_cap_minor": cap_minor, "currency": currency}
    output = opened(exposure, said, moment)
    yield output, counted("exposure", exposure, "assigned", moment)


def _make_room(customer: Facts, moment: Moment) -> Iterator[Told]:
    """Let one exposure go where there are as many as may be, with what has to be said of it."""
    kept = customer["exposures"]
    if len(kept) < EXPOSURES_MAX:
        return
    over = [one for one in kept if is_over(one)]
    gone = (over or [one for one in kept if one["is_settled"]] or kept)[0]
    if not gone["sequence"] and not gone["is_settled"] and not is_own(gone):
        yield _outcome(customer, gone, moment, "evicted", None)
    if not gone["is_settled"]:
        yield settled(customer, gone, None, moment)
    kept.remove(gone)


def end(customer: Facts, watermark: int, moment: Moment) -> Iterator[Told]:
    """Yield of each exposure what the watermark has brought: no conversion, then what it is."""
    for exposure in customer["exposures"]:
        is_open = not exposure["sequence"] and not is_own(exposure)
        if is_open and exposure["closes_at_ms"] <= watermark:
            yield _outcome(customer, exposure, moment, "not_converted", 0)
        yield from come_to(customer, exposure, watermark, moment)


def hear(customer: Facts, moment: Moment, *, is_counted: bool) -> Iterator[Told]:
    """
    Yield what the event that is the moment's cause shows of each exposure.

    `is_counted`: it was not ignored, so its money counts.
    """
    envelope = moment.cause
    for exposure in list(customer["exposures"]):
        if _is_disproved(customer, exposure, moment):
            customer["exposures"].remove(exposure)
            at = envelope["occurred_at_ms"]
            yield _outcome(customer, exposure, moment, "invalidated", None, at)
            continue
        stood = stands(exposure)
        if is_on_card(customer, envelope["record"], exposure):
            _mark(exposure, envelope)
        if is_counted:
            count_money(customer, exposure, envelope)
        count_activity(exposure, envelope)
        if stood != stands(exposure) and not is_own(exposure):
            yield _turned(customer, exposure, moment)


def _is_disproved(customer: Facts, exposure: Facts, moment: Moment) -> bool:
    """Return whether an event from before the decision shows that it should not have been made."""
    event, at = moment.cause["record"], moment.cause["occurred_at_ms"]
    policy = moment.policies.get(exposure["campaign_id"])
    is_early = policy is not None and at < exposure["decided_at_ms"]
    return is_early and proves_wrong(customer, event, at, exposure, policy["entry"])


def _turned(customer: Facts, exposure: Facts, moment: Moment) -> Told:
    """Return the outcome of an exposure that begins to stand, or stands no more."""
    at = moment.cause["occurred_at_ms"]
    if not stands(exposure):
        return _outcome(customer, exposure, moment, "reversed", 0, at)
    reason = "late_conversion" if exposure["sequence"] else "converted"
    return _outcome(customer, exposure, moment, reason, 1, at)


def _mark(exposure: Facts, envelope: Facts) -> None:
    event, at = envelope["record"], envelope["occurred_at_ms"]
    kind, on = event["event_type"], exposure["conversion_on"]
    name = event_hash(envelope["event_source"], envelope["event_id"])
    if on == "txn.posted" and kind in ("txn.posted", "txn.reversed"):
        name = event_hash("txn", event["txn_id"])
    if kind == on:
        if is_in_time(exposure, at):
            _add(exposure["converted"], name)
    elif kind == "txn.reversed" and on == "txn.posted":
        _add(exposure["reversed"], name)


def _add(marks: list[int], name: int) -> None:
    if name not in marks and len(marks) < MARKS_MAX:
        marks.append(name)


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
        "exposure_id": exposure_id(exposure),
        "sequence": exposure["sequence"],
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        **{
            field: exposure[field]
            for field in ("trigger_id", "campaign_id", "policy_version", "arm", "arm_ppm")
        },
        "label": label,
        "reason": reason,
        "delivery": delivery_of(customer, exposure),
        "value_minor": value if type(value) is int else 0,
        "currency": event.get("currency", ""),
        "decided_at_ms": exposure["decided_at_ms"],
        "closes_at_ms": exposure["closes_at_ms"],
        "occurred_at_ms": at,
        "closed_at_ms": moment.now_ms,
        "cause": records.cause(moment),
        **{field: exposure[field] for field in (*UNSEEN, *OPTION)},
    }
    value = msgspec.json.encode(record)
    output = Output("outcomes", name, value, "outcome.recorded.v1", key_of(exposure, moment))
    return output, counted("outcome", exposure, reason, moment)
