"""
Choose among a campaign's ways of contacting, and adopt what they have brought: core.md §3.19.

With an option a campaign is, wherever it speaks of treatments, offer, model, value or cost, the
campaign `as_option`: nothing else has to know that there was a choice.
"""

import hashlib
from typing import NamedTuple

from tests.checker.identity import Facts, prefixed
from tests.checker.oracle_gates import GATES
from tests.checker.oracle_models import UNSEEN, is_opted_out, ranked_by_model, unlearnt
from tests.checker.oracle_moment import Moment
from tests.checker.oracle_records import NOT_CHOSEN
from tests.checker.oracle_treatments import arm_of, first_open, slots, treatments_of


MILLION = 10**6
OWN = ("offer", "model", "value_minor", "contact_cost_minor")
"""What an option may have of its own; "" and null are the campaign's."""

CHOOSING = ("default", "control")
"""Arms in which there is a choice."""


class Way(NamedTuple):
    """How a candidate may go: the campaign as it speaks then, what was drawn, and the slot."""

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


def ways_of(customer: Facts, journey: Facts, moment: Moment) -> list[Way]:
    """Return how a candidate may go: by each option, in the slot of each, or as the campaign is."""
    policy = moment.policies[journey["campaign_id"]]
    if not has_choice(policy, moment):
        return [_way(customer, policy, "", moment)]
    return [_way(customer, policy, one["id"], moment) for one in _options(policy)]


def _way(customer: Facts, policy: Facts, option: str, moment: Moment) -> Way:
    said = with_option(policy, option)
    tried = list(enumerate(slots_of(policy, option, moment)))
    named = NOT_CHOSEN | {"option": option}
    return Way(said, named, first_open(customer, said, tried, moment))


def has_choice(policy: Facts, moment: Moment) -> bool:
    """Return whether an option is chosen for the customer, whom the holdout may still keep back."""
    if policy["message_class"] != "marketing" or not policy.get("choice"):
        return False
    return arm_of(policy, moment)[0] in CHOOSING


def chosen(customer: Facts, verdicts: list[Facts], moment: Moment) -> Facts:
    """
    Return the verdict of the option that is drawn, or the one that tells why none is.

    Args:
        customer: whose preference may leave it to the lot.
        verdicts: of one candidate by each option in order, each asked as if there was no other.
        moment: of the occasion.
    """
    allowed = [one for one in verdicts if not one["reason"]]
    if not allowed:  # what holds some back earlier leaves the others for a later gate
        return max(verdicts, key=_how_far)
    shares = _shares_ppm(customer, [one["worth"] for one in allowed], allowed[0]["policy"])
    by_option = {one["drawn"]["option"]: share for one, share in zip(allowed, shares, strict=True)}
    journey, step, policy = (allowed[0][name] for name in ("journey", "step", "policy"))
    salt, whose = policy["choice"]["salt"], moment.customer_token
    named = ("choice", policy["id"], salt, whose, journey["occurrence_key"], step)
    drawn = _drawn(by_option, _chance(moment.tenant, *named))
    (verdict,) = (one for one in allowed if one["drawn"]["option"] == drawn["option"])
    mean = sum(one["worth"] * by_option[one["drawn"]["option"]] for one in allowed) // MILLION
    own = {f"{one['drawn']['option']}_worth_micro": one["worth"] for one in allowed}
    verdict["gates"][-1]["saw"] = {"worth_micro": mean} | own
    return verdict | {"drawn": drawn, "worth": mean}


def _how_far(verdict: Facts) -> int:
    """Return how many gates in their order a verdict that was refused came to."""
    names = [name for name, _, _ in GATES]
    return [*names, "worth"].index(verdict["gates"][-1]["gate"])


def _shares_ppm(customer: Facts, worths: list[int], policy: Facts) -> list[int]:
    """Return how likely each allowed option is to be drawn, in their order."""
    is_by_lot = is_opted_out(customer)
    epsilon_ppm = MILLION if is_by_lot else policy["choice"]["epsilon_ppm"]
    best = 0 if is_by_lot else worths.index(max(worths))
    shares = [epsilon_ppm // len(worths)] * len(worths)
    shares[best] += MILLION - sum(shares)
    return shares


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
