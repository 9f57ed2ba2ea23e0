"""Say in which channel a candidate goes, and what its message shows: core.md §3.14, §3.6."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from tests.checker.identity import Facts, bucket
from tests.checker.oracle_consents import ask_consent
from tests.checker.oracle_customer import new_customer
from tests.checker.oracle_entry import ON_NOW
from tests.checker.oracle_features import FEATURES
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_statements import day_before, statement_of
from tests.checker.oracle_subject import DAY_MS, Said, Subject


AFTER = ("failed", "rejected")
"""Statuses after which a fallback is tried, where it names none."""


def arm_of(policy: Facts, moment: Moment) -> tuple[str, list[Facts], Facts]:
    """Return the customer's arm, its treatments in order, and the range of buckets it is for."""
    own = slots(policy)
    experiment = policy.get("experiment")
    if not experiment:
        return "default", own, bucket_range(0, 0, 10_000)
    salt = f"{policy['id']}|{experiment['salt']}"
    place = bucket(moment.tenant, salt, moment.customer_token)
    control_bp = experiment.get("control_bp", 0)
    if place < control_bp:
        return "control", own, bucket_range(place, 0, control_bp)
    top = 10_000
    for arm in experiment.get("arms", ()):
        if top - arm["share_bp"] <= place < top:
            return arm["id"], slots(arm), bucket_range(place, top - arm["share_bp"], top)
        top -= arm["share_bp"]
    return "default", own, bucket_range(place, control_bp, top)


def treatments_of(policy: Facts, moment: Moment) -> list[Facts]:
    """Return the treatments of the customer's arm; of others than marketing, the campaign's."""
    if policy["message_class"] != "marketing":
        return slots(policy)
    return arm_of(policy, moment)[1]


def bucket_range(place: int, first: int, end: int) -> Facts:
    """Return what the experiment's reading saw."""
    return {"bucket": place, "first_bucket": first, "end_bucket": end}


def slots(one: Facts) -> list[Facts]:
    """Return the treatments of a campaign, an arm or an option, as they are tried."""
    return [one.get("treatment", one), *one.get("fallbacks", ())]  # an option is one


def leads_on(treatment: Facts, status: str) -> bool:
    """Return whether a fallback is tried after a receipt of this status."""
    return status in treatment.get("after", AFTER)


def first_open(
    customer: Facts, policy: Facts, tried: Sequence[tuple[int, Facts]], moment: Moment
) -> tuple[int, Facts]:
    """
    Return the first slot with its treatment in which the customer may be reached, else the first.

    Args:
        customer: by whose consent it goes, where the policy's class asks for any.
        policy: the candidate's.
        tried: slots with their treatments, in order.
        moment: of the occasion.
    """
    found = (one for one in tried if is_open(customer, policy, one[1], moment))
    return next(found, tried[0])


def is_open(customer: Facts, policy: Facts, treatment: Facts, moment: Moment) -> bool:
    """Return whether the customer may be reached so, by a wording that is approved."""
    refusal = ""
    if policy["message_class"] != "mandatory":
        refusal, _ = ask_consent(customer, policy, treatment["channel"], moment.now_ms)
    return not refusal and is_approved(treatment, moment)


def is_approved(treatment: Facts, moment: Moment) -> bool:
    """Return whether the wording may be sent."""
    if moment.templates is None:
        return True
    known = moment.templates.get(_named(treatment))
    return known is not None and known["channel"] == treatment["channel"]


def _named(treatment: Facts) -> tuple[str, int]:
    return treatment["template_id"], treatment["template_version"]


def ask_content(customer: Facts, verdict: Facts, moment: Moment) -> Said:
    """Return what is wrong with the message; what it shows goes into the verdict."""
    treatment = verdict["treatment"]
    if not is_approved(treatment, moment):
        return "NO_TEMPLATE", "", {}
    shown = of_kind(customer, verdict)
    for name, feature in treatment.get("variables", {}).items():
        shown.pop(name, None)  # a treatment's stand behind those of the kind
        value = verdict["features"][feature]
        if value != absent(feature):
            shown[name] = value
    known = (moment.templates or {}).get(_named(treatment))
    if known is not None:
        wanted = known.get("variables", ())
        missing = [one["name"] for one in wanted if not _has(shown, one)]
        shown = {one["name"]: shown.get(one["name"]) for one in wanted}
    else:
        missing = [name for name in treatment.get("variables", {}) if name not in shown]
    if missing:
        return "VARIABLE_MISSING", missing[0], {}
    verdict["variables"] = shown
    return "", "", {}


def _has(shown: Facts, variable: Facts) -> bool:
    """Return whether there is something of a variable's kind to show."""
    value = shown.get(variable["name"])
    if variable["kind"] == "int":
        return type(value) is int
    return isinstance(value, str) and value != ""


def of_kind(customer: Facts, verdict: Facts) -> dict[str, Any]:
    """Return what every message of a campaign of this kind may show."""
    kind, journey = verdict["policy"]["entry"]["kind"], verdict["journey"]
    if kind == "absence":
        return {}
    if kind in ON_NOW:
        return {"amount_minor": journey["amount_minor"], "currency": journey["currency"]}
    if kind == "due_date":
        statement = customer["statements"][statement_of(journey)]
        return {
            "amount_minor": statement["total"] - statement["paid"],
            "currency": statement["currency"],
            "due_date": day_before(statement["due_at"]),
        }
    return {"silent_days": verdict["features"]["silent_ms"] // DAY_MS}


@cache
def absent(feature: str) -> Any:  # noqa: ANN401 (any kind)
    """Return what a feature is of a customer of whom nothing is known."""
    nobody = Subject(
        customer=new_customer(), card="", statement=None, currency="", now=0, time_zone=""
    )
    return FEATURES[feature][1](nobody)
