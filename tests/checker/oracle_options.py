"""
Choose among a campaign's ways of contacting, and adopt what they have brought: core.md §3.19.

With an option a campaign is, wherever it speaks of treatments, offer, model, value or cost, the
campaign `as_option`: nothing else has to know that there was a choice.
"""

import hashlib
from typing import NamedTuple

from tests.checker.identity import Facts, prefixed
from tests.checker.oracle_models import UNSEEN, is_opted_out, ranked_by_model, unlearnt
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_records import NOT_CHOSEN
from tests.checker.oracle_treatments import arm_of, first_open, is_open, slots, treatments_of


MILLION = 10**6
OWN = ("offer", "model", "value_minor", "contact_cost_minor")
"""What an option may have of its own; "" and null are the campaign's."""

CHOOSING = ("default", "control")
"""Arms in which there is a choice."""


class Way(NamedTuple):
    """How a candidate goes: the campaign as it speaks now, what was drawn, and the slot."""

    policy: Facts
    drawn: Facts
    chosen: tuple[int, Facts]


def are_alike(policy: Facts) -> bool:
    """Return whether options have an id each, and all of them a model or none."""
    options = _options(policy)
    names = {one["id"] for one in options}
    have_models = {bool(as_option(policy, one).get("model")) for one in options}
    return len(names) == len(options) and len(have_models) < 2


def _options(policy: Facts) -> list[Facts]:
    found: list[Facts] = (policy.get("choice") or {}).get("options", [])
    return found


def as_option(policy: Facts, option: Facts) -> Facts:
    """Return a campaign as it is with an option."""
    own = {name: option[name] for name in OWN if option.get(name) not in ("", None)}
    return policy | {"treatment": option, "fallbacks": option.get("fallbacks", [])} | own


def slots_of(policy: Facts, option: str, moment: Moment) -> list[Facts]:
    """Return the treatments by which a contact goes on, as the policy is now."""
    if not option:
        return treatments_of(policy, moment)
    return next((slots(one) for one in _options(policy) if one["id"] == option), [])


def with_option(policy: Facts, option: str) -> Facts:
    """Return a campaign as it is with the option of this id, as it is where there is none."""
    found = (as_option(policy, one) for one in _options(policy) if one["id"] == option)
    return next(found, policy)


def way_of(customer: Facts, candidate: tuple[Facts, str, int], moment: Moment) -> Way:
    """Return how a candidate (journey, step, place) goes."""
    journey, step, _ = candidate
    policy = moment.policies[journey["campaign_id"]]
    drawn = NOT_CHOSEN
    if has_choice(policy, moment):
        shares = _shares_ppm(customer, journey, policy, moment)
        named = ("choice", policy["id"], policy["choice"]["salt"], moment.customer_token)
        u = _chance(moment.tenant, *named, journey["occurrence_key"], step)
        drawn = _drawn(shares, u)
        policy = with_option(policy, drawn["option"])
    treatments = slots_of(policy, drawn["option"], moment)
    return Way(policy, drawn, first_open(customer, policy, list(enumerate(treatments)), moment))


def has_choice(policy: Facts, moment: Moment) -> bool:
    """Return whether an option is chosen for the customer, whom the holdout may still keep back."""
    if policy["message_class"] != "marketing" or not policy.get("choice"):
        return False
    return arm_of(policy, moment)[0] in CHOOSING


def _allowed(customer: Facts, policy: Facts, moment: Moment) -> list[Facts]:
    """Return the options of which some slot reaches the customer; where there is none, all."""
    options = _options(policy)
    reaching = [
        one
        for one in options
        if any(is_open(customer, policy, slot, moment) for slot in slots(one))
    ]
    return reaching or options


def _shares_ppm(customer: Facts, journey: Facts, policy: Facts, moment: Moment) -> dict[str, int]:
    """Return how likely each allowed option is to be drawn, in their order."""
    allowed = _allowed(customer, policy, moment)
    if is_opted_out(customer):
        worths, epsilon_ppm = [0] * len(allowed), MILLION
    else:
        worths = [_worth(customer, journey, policy, one, moment) for one in allowed]
        epsilon_ppm = policy["choice"]["epsilon_ppm"]
    shares = [epsilon_ppm // len(allowed)] * len(allowed)
    shares[worths.index(max(worths))] += MILLION - sum(shares)
    return {one["id"]: share for one, share in zip(allowed, shares, strict=True)}


def _worth(customer: Facts, journey: Facts, policy: Facts, option: Facts, moment: Moment) -> int:
    said = as_option(policy, option)
    propensity, _ = ranked(customer, journey, said, option["id"], moment)
    weighed = propensity["propensity_ppm"] * said.get("value_minor", 0)
    worth: int = weighed * said.get("lever_percent", 100) // 100
    return worth - said.get("contact_cost_minor", 0) * MILLION


def _drawn(shares: dict[str, int], u: int) -> Facts:
    """Return the first option whose chance and those before it are together above `u`."""
    reached = 0
    for option, share in shares.items():
        reached += share
        if reached > u:
            return {"option": option, "option_ppm": share, "options_ppm": shares}
    raise ValueError("wanted chances that add up to a million")


def _chance(*parts: str) -> int:
    """Return the number below a million that belongs to these parts."""
    return int.from_bytes(hashlib.sha256(prefixed(*parts)).digest()[:8], "big") % MILLION


def ranked(
    customer: Facts, journey: Facts, policy: Facts, option: str, moment: Moment
) -> tuple[Facts, Facts]:
    """
    Return how likely a contact is to convert, and by what; and what an exposure keeps of it.

    Args:
        customer: whom it is about.
        journey: as it stands.
        policy: the campaign, as it is with the option.
        option: its id, "" where there was no choice.
        moment: of the occasion.
    """
    if not option or policy.get("model"):
        return ranked_by_model(customer, journey, policy, moment)
    rates = moment.choices.get(policy["id"], {}).get("rates_ppm", {})
    if option not in rates or is_opted_out(customer):
        return unlearnt(policy), UNSEEN
    return {"propensity_ppm": rates[option], "propensity_from": "counts"}, UNSEEN


def adopt_choice(choices: Facts, record: Facts) -> str:
    """Let what options have brought count from now on (L1); return how it is counted."""
    known = choices.get(record["campaign_id"])
    if known is not None and record["sequence"] <= known["sequence"]:
        return "STALE_VERSION"
    choices[record["campaign_id"]] = record
    return "choice.published"
