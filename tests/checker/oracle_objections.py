"""Say what an event does to exposures besides their label: core.md §3.17 (of an event)."""

from collections.abc import Iterator

import msgspec

from tests.checker.identity import Facts, uuid8
from tests.checker.oracle_exposures import (
    KEPT_BACK,
    PERIOD_MS,
    PERIODS,
    Told,
    counted,
    exposure_id,
    is_in_time,
    is_on_card,
    is_own,
    key_of,
)
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output


MONEY_MAX = 2**53
BITS = {"opt_out": 1, "complaint": 2, "failure": 4}


def count_money(customer: Facts, exposure: Facts, envelope: Facts) -> None:
    """Add what an event that counted has brought, or take away what was paid back."""
    event, at = envelope["record"], envelope["occurred_at_ms"]
    kind, on = event["event_type"], exposure["conversion_on"]
    if exposure["is_settled"] or not exposure["currency"]:
        return
    if event.get("currency") != exposure["currency"] or not is_in_time(exposure, at):
        return
    if not is_on_card(customer, event, exposure):
        return
    value = event.get(exposure["value_field"]) if kind == on else None
    if on == "txn.posted" and kind == "txn.reversed":
        value = -event["amount_minor"]
    if type(value) is int:
        money = exposure["value_minor"] + value
        exposure["value_minor"] = max(-MONEY_MAX, min(MONEY_MAX, money))


def count_activity(exposure: Facts, envelope: Facts) -> None:
    """Note in which 30 days a purchase was, by whatever card."""
    since = envelope["occurred_at_ms"] - exposure["decided_at_ms"]
    is_purchase = envelope["record"]["event_type"] == "txn.posted"
    if exposure["is_first"] and is_purchase and 0 < since <= PERIOD_MS * PERIODS:
        exposure["active_days"] |= 1 << (since - 1) // PERIOD_MS


def objections(customer: Facts, moment: Moment, *, is_applied: bool) -> Iterator[Told]:
    """Yield what the event that is the moment's cause has against contacts, in their order."""
    mine = [one for one in customer["exposures"] if one["arm"] not in KEPT_BACK and not is_own(one)]
    at = moment.cause["occurred_at_ms"]
    newest = next((one for one in reversed(mine) if is_in_time(one, at)), None)
    for exposure in mine:
        kind = _objection(exposure, moment.cause["record"], newest, is_applied=is_applied)
        if kind and not exposure["objections"] & BITS[kind]:
            exposure["objections"] |= BITS[kind]
            yield _objected(exposure, kind, moment)


def _objection(exposure: Facts, event: Facts, newest: Facts | None, *, is_applied: bool) -> str:
    """Return which kind of objection an event is to this exposure, "" for none."""
    kind, status = event["event_type"], event.get("status")
    is_its = event.get("trigger_id") in (exposure["trigger_id"], *exposure["fallbacks"])
    if kind == "delivery.receipt" and is_its:
        if status in ("failed", "rejected"):
            return "failure" if is_applied else ""
        return "opt_out" if status == "blocked_optout" else ""
    if kind == "response.recorded" and is_its:
        return {"optout": "opt_out", "complaint": "complaint"}.get(event["kind"], "")
    if exposure is not newest:
        return ""
    if kind == "consent.changed" and event["channel"] != "data":
        return "opt_out" if status in ("denied", "revoked") else ""
    is_complaint = kind == "service.case_opened" and event.get("case_class") == "complaint"
    return "complaint" if is_complaint else ""


def _objected(exposure: Facts, kind: str, moment: Moment) -> Told:
    name = uuid8("objected", exposure["trigger_id"], kind)
    record = {
        "v": 1,
        "objected_id": name,
        "exposure_id": exposure_id(exposure),
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        **{field: exposure[field] for field in ("campaign_id", "policy_version", "arm")},
        "objection": kind,
        "decided_at_ms": exposure["decided_at_ms"],
        "occurred_at_ms": moment.cause["occurred_at_ms"],
        "objected_at_ms": moment.now_ms,
        "model_id": exposure["model_id"],
    }
    value = msgspec.json.encode(record)
    output = Output("outcomes", name, value, "exposure.objected.v1", key_of(exposure, moment))
    return output, counted("objected", exposure, kind, moment)
