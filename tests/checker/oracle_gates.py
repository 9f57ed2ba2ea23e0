"""Take one candidate through the gates, in the order of core.md §3.4."""

from typing import NamedTuple

from tests.checker.identity import Facts
from tests.checker.oracle_cards import is_out_of_use
from tests.checker.oracle_consents import word_for
from tests.checker.oracle_customer import statement_of
from tests.checker.oracle_statements import is_repaid
from tests.checker.oracle_words import is_any, word


class Moment(NamedTuple):
    """All that an occasion depends on beside the customer."""

    tenant: str
    customer_token: str
    now_ms: int
    is_shadow: bool
    policies: dict[str, Facts]
    hashes: dict[str, str]
    stopped: set[str]
    """Campaigns whose kill switch is engaged; "" stands for the whole tenant."""


def first_failing(customer: Facts, verdict: Facts, moment: Moment) -> str:
    """Return why a candidate may not go, "" where it may; evidence goes into the verdict."""
    for gate in (_stopped, _eligibility, _consent, _trouble, _applicability, caps):
        if reason := gate(customer, verdict, moment):
            return reason
    return ""


def caps(customer: Facts, verdict: Facts, moment: Moment) -> str:
    """Return which cap is full, "" for none."""
    policy = verdict["policy"]
    if policy["message_class"] == "mandatory":
        return ""
    reason, greatest = "", 0
    for cap in policy["caps"]:
        found = sum(
            not contact["released"]
            and contact["decided_at_ms"] > moment.now_ms - cap["window_ms"]
            and (cap["scope"] == "all" or contact["campaign_id"] == policy["id"])
            for contact in customer["contacts"]
        )
        greatest = max(greatest, found)
        if found >= cap["count"] and not reason:
            reason = "CAP_GLOBAL" if cap["scope"] == "all" else "CAP_CAMPAIGN"
    verdict["cap_count"] = greatest
    return reason


def _stopped(_: Facts, verdict: Facts, moment: Moment) -> str:
    if "" in moment.stopped:
        return "TENANT_PAUSED"
    return "KILL_SWITCH" if verdict["policy"]["id"] in moment.stopped else ""


def _eligibility(customer: Facts, verdict: Facts, _: Moment) -> str:
    is_dead = is_any(customer, "risk", "flagged", "deceased")
    if is_dead or is_out_of_use(customer, verdict["journey"]["card_token"]):
        return "NOT_ELIGIBLE"
    return ""


def _consent(customer: Facts, verdict: Facts, moment: Moment) -> str:
    policy = verdict["policy"]
    if policy["message_class"] == "mandatory":
        return ""
    is_marketing = policy["message_class"] == "marketing"
    kept = word_for(customer, policy["purpose"], policy["treatment"]["channel"])
    if kept is None:
        return "NO_CONSENT" if is_marketing else ""
    if kept["status"] == "granted":
        if is_marketing and kept["effective"] > moment.now_ms:
            return "NO_CONSENT"
        verdict["consent_ref"] = kept["event_id"]
        return ""
    return "OPTED_OUT" if kept["status"] == "revoked" else "NO_CONSENT"


def _trouble(customer: Facts, verdict: Facts, _: Moment) -> str:
    if verdict["policy"]["message_class"] != "marketing":
        return ""
    if is_any(customer, "risk", "flagged"):
        return "RISK_FLAG"
    if is_any(customer, "case", "opened"):
        return "OPEN_CASE"
    return "OVERDUE" if is_any(customer, "overdue", "overdue") else ""


def _applicability(customer: Facts, verdict: Facts, moment: Moment) -> str:
    entry = verdict["policy"]["entry"]
    if entry["kind"] == "silence":
        is_rare = verdict["features"]["rate_ppm"] < entry["rate_ppm_min"]
        return "NOT_APPLICABLE" if is_rare else ""
    if entry["kind"] != "due_date":
        return ""
    name = statement_of(verdict["journey"])
    statement = customer["statements"].get(name)
    if statement is None or is_repaid(customer, name) or statement["due_at"] <= moment.now_ms:
        return "NOT_APPLICABLE"
    autopay = word(customer, "autopay", statement["card_token"])
    return "NOT_APPLICABLE" if autopay is not None and autopay.status == "active" else ""
