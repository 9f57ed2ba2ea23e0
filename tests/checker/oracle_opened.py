"""Write the record of an exposure that opens: core.md §3.12, §3.16, §3.17."""

import msgspec

from tests.checker.campaign_files import GUARDRAIL_DEFAULTS
from tests.checker.identity import Facts
from tests.checker.oracle_exposures import exposure_id, key_of
from tests.checker.oracle_first import ALL_PPM, UNCHOSEN, shares_ppm
from tests.checker.oracle_models import UNSEEN
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_output import Output


IN_ORDER = (
    *("trigger_id", "decision_id", "campaign_id", "policy_version", "policy_hash", "stage", "step"),
    *("message_class", "verdict", "arm", "arm_ppm", "channel", "decided_at_ms", "closes_at_ms"),
    *("conversion_on", "propensity_ppm", "propensity_from", "features", *UNSEEN, "is_first"),
    *("shares_ppm", "holdout_ppm", "value_cap_minor", "currency", "pools", "guardrails", *UNCHOSEN),
)
"""What the record says after the customer, in its order."""

OF_NO_CAMPAIGN: Facts = {
    **dict.fromkeys(("decision_id", "policy_hash", "stage", "step", "message_class"), ""),
    "verdict": "assigned",
    "channel": "",
    "propensity_ppm": 0,
    "propensity_from": "",
    "features": {},
    "shares_ppm": {"default": ALL_PPM},
    "guardrails": None,
    "options_ppm": {},
    "key_count": 1,
}
"""What the record of a tenant's own exposure says in the place of a candidate and its policy."""


def of_a_candidate(one: Facts, policy: Facts, decision: str) -> Facts:
    """Return what the record says of a candidate and its campaign, which the row does not keep."""
    names = ("policy_hash", "step", "message_class", "verdict", "channel")
    guardrails = policy.get("guardrails")
    return {
        **{name: one[name] for name in (*names, "propensity_ppm", "propensity_from", "features")},
        "options_ppm": one["options_ppm"],
        "key_count": 1 + len(_models(policy)),
        "decision_id": decision,
        "stage": policy["stage"],
        "shares_ppm": shares_ppm(policy),
        "value_cap_minor": policy["conversion"].get("value_cap_minor", 0),
        "currency": policy["conversion"].get("currency", ""),
        "guardrails": None if guardrails is None else GUARDRAIL_DEFAULTS | guardrails,
    }


def _models(policy: Facts) -> set[str]:
    """Return the models that a campaign or one of its options names."""
    choice = policy.get("choice") or {}
    named = [policy, *choice.get("options", ())]
    return {one["model"] for one in named if one.get("model")}


def opened(exposure: Facts, said: Facts, moment: Moment) -> Output:
    """Return the record; `said` is what the exposure itself does not keep."""
    name = exposure_id(exposure)
    known = exposure | said
    record = {
        "v": 1,
        "exposure_id": name,
        "tenant": moment.tenant,
        "customer_token": moment.customer_token,
        **{field: known[field] for field in IN_ORDER},
        "options_ppm": known["options_ppm"],
        "key_count": known["key_count"],
    }
    value = msgspec.json.encode(record)
    return Output("outcomes", name, value, "exposure.opened.v1", key_of(exposure, moment))
