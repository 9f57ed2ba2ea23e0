"""Take back what went out and is not final: core.md §3.13."""

from collections.abc import Iterator

import msgspec

from tests.checker.identity import Facts, uuid8
from tests.checker.oracle_consents import word_for
from tests.checker.oracle_customer import ends
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output
from tests.checker.oracle_rules import Asking
from tests.checker.oracle_words import is_any


REFUSED = {"denied": "NO_CONSENT", "revoked": "OPTED_OUT"}


def cancel(customer: Facts, moment: Moment) -> Iterator[tuple[Output, str]]:
    """Yield the cancellations that the event which is the moment's cause calls for."""
    for contact in customer["contacts"]:
        is_final = contact["released"] or contact["delivered"] or contact["cancelled"]
        if is_final or moment.now_ms >= contact["expires_at_ms"]:
            continue
        reason = _reason(customer, contact, moment)
        if reason:
            contact["cancelled"] = True
            yield _cancelled(contact, reason, moment)


def _reason(customer: Facts, contact: Facts, moment: Moment) -> str:
    if contact["invalidated"]:
        return "LATE_TRUTH"
    if is_any(customer, "risk", "flagged", "deceased"):
        return "NOT_ELIGIBLE"
    is_returned = contact["reserved"] is not None and contact["reserved"]["returned"]
    gone = "NO_INVENTORY" if is_returned else ""
    policy = moment.policies.get(contact["campaign_id"])
    if policy is None:
        return gone
    if policy["message_class"] != "mandatory":
        kept = word_for(customer, policy["purpose"], contact["channel"])
        if kept is not None and kept["status"] in REFUSED:
            return REFUSED[kept["status"]]
    if policy["message_class"] == "marketing" and is_any(customer, "risk", "flagged"):
        return "RISK_FLAG"
    uncounted = Asking(moment.now_ms, moment.time_zone, [], moment.segments)
    is_over = ends(customer, contact, moment.cause["record"], policy, uncounted)
    return gone or ("EXITED" if is_over else "")


def _cancelled(contact: Facts, reason: str, moment: Moment) -> tuple[Output, str]:
    name = uuid8("cancellation", contact["trigger_id"])
    record = {
        "v": 1,
        "cancellation_id": name,
        "trigger_id": contact["trigger_id"],
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        "campaign_id": contact["campaign_id"],
        "channel": contact["channel"],
        "reason_code": reason,
        "cancelled_at_ms": moment.now_ms,
    }
    value = msgspec.json.encode(record)
    output = Output(contact["channel"], name, value, "trigger.cancelled.v1")
    return output, f"cancelled|{moment.tenant}|{contact['campaign_id']}|{reason}"
