"""Say what exposures come to, by the watermark: core.md §3.17 (settled, followed)."""

from collections.abc import Iterator

import msgspec

from tests.checker.identity import Facts, uuid8
from tests.checker.oracle_exposures import (
    PERIOD_MS,
    PERIODS,
    Told,
    counted,
    delivery_of,
    exposure_id,
    key_of,
    stands,
)
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output


LABELS = {0: "0", 1: "1", None: "null"}


def come_to(customer: Facts, exposure: Facts, watermark: int, moment: Moment) -> Iterator[Told]:
    """Yield what the watermark has brought of one exposure: that it settles, then follow-ups."""
    if not exposure["is_settled"] and exposure["closes_at_ms"] <= watermark:
        yield settled(customer, exposure, int(stands(exposure)), moment)
    if not exposure["is_settled"] or not exposure["is_first"]:
        return
    for period in range(exposure["followed_count"], PERIODS):
        if exposure["decided_at_ms"] + PERIOD_MS * (period + 1) > watermark:
            return
        exposure["followed_count"] = period + 1
        yield _followed(exposure, period, moment)


def settled(customer: Facts, exposure: Facts, label: int | None, moment: Moment) -> Told:
    """Settle an exposure, once; return the record."""
    exposure["is_settled"] = True
    name = uuid8("settled", exposure["trigger_id"])
    record = {
        "v": 1,
        "settled_id": name,
        "exposure_id": exposure_id(exposure),
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        **_named(exposure, "trigger_id", "campaign_id", "policy_version", "arm", "arm_ppm"),
        **_named(exposure, "is_first", "pools", "holdout_ppm"),
        "label": label,
        "delivery": delivery_of(customer, exposure),
        "value_minor": max(0, exposure["value_minor"]) if exposure["currency"] else 0,
        **_named(exposure, "currency", "decided_at_ms", "closes_at_ms"),
        "settled_at_ms": moment.now_ms,
        **_named(exposure, "model_id", "score_ppm", "option", "option_ppm"),
    }
    value = msgspec.json.encode(record)
    output = Output("outcomes", name, value, "exposure.settled.v1", key_of(exposure, moment))
    return output, counted("settled", exposure, LABELS[label], moment)


def _followed(exposure: Facts, period: int, moment: Moment) -> Told:
    """Return whether somebody was still active in a period, which is counted nowhere."""
    day = 30 * (period + 1)
    name = uuid8("followed", exposure["trigger_id"], str(day))
    record = {
        "v": 1,
        "followed_id": name,
        "exposure_id": exposure_id(exposure),
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        **_named(exposure, "campaign_id", "policy_version", "arm", "pools", "holdout_ppm"),
        "day": day,
        "active": bool(exposure["active_days"] & 1 << period),
        "decided_at_ms": exposure["decided_at_ms"],
        "followed_at_ms": moment.now_ms,
        "model_id": exposure["model_id"],
    }
    value = msgspec.json.encode(record)
    return Output("outcomes", name, value, "exposure.followed.v1", key_of(exposure, moment)), ""


def _named(exposure: Facts, *names: str) -> Facts:
    return {name: exposure[name] for name in names}
