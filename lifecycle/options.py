"""
Choose an option: the one worth most, but for epsilon by chance (docs/core.md 3.19).

The probabilities are exact and go into the record, so that what another way of choosing would have
brought can be told from the log (docs/effect.md).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from lifecycle import profiles, treatments
from lifecycle.candidate import Candidate
from lifecycle.effect.evidence import PPM
from lifecycle.effect.off_policy import propensities
from lifecycle.experiment import treatments as treatments_of
from lifecycle.features.context import Context
from lifecycle.ids import prefixed
from lifecycle.partition import TenantState
from lifecycle.propensity import estimate
from lifecycle.terms import terms
from lifecycle.worth import worth_micro
from schemas.campaign import Campaign, Choice, Option
from schemas.state import CustomerRow


CHOOSING: Final = frozenset({"default", "control"})
"""Arms in which an option is chosen; the others have a wording of their own."""


def choose(
    tenant: TenantState, row: CustomerRow, customer_token: str, candidate: Candidate, at: Context
) -> None:
    """Give a candidate its option, where its campaign has a choice and its arm leaves it one."""
    choice, given = candidate.policy.campaign.choice, candidate.assigned
    if candidate.follows is not None:
        candidate.option = option_of(candidate.policy.campaign, candidate.follows.option)
        return
    if choice is None or given is None or given.arm not in CHOOSING:
        return
    allowed = _allowed(tenant, row, candidate, choice.options)
    if profiles.personalisation_off(row):
        shares = propensities([0] * len(allowed), PPM)
    else:
        worths = [_worth_micro(tenant, row, candidate, one, at) for one in allowed]
        shares = propensities(worths, choice.epsilon_ppm)
    candidate.options_ppm = {one.id: ppm for one, ppm in zip(allowed, shares, strict=True)}
    place = _drawn(tenant.name, customer_token, candidate, choice)
    for one, ppm in zip(allowed, shares, strict=True):
        if place < ppm:
            candidate.option, candidate.option_ppm = one, ppm
            return
        place -= ppm


def option_of(campaign: Campaign, option_id: str) -> Option | None:
    """Return a campaign's option as it is now, None where it has none of this id (any more)."""
    options = campaign.choice.options if campaign.choice else ()
    return next((one for one in options if one.id == option_id), None)


def _allowed(
    tenant: TenantState, row: CustomerRow, candidate: Candidate, options: Sequence[Option]
) -> Sequence[Option]:
    """Return the options that reach the customer in some channel; all where none does."""
    reaching = [
        one
        for one in options
        if any(treatments.reaches(tenant, row, candidate, way) for way in treatments_of(one))
    ]
    return reaching or options


def _worth_micro(
    tenant: TenantState, row: CustomerRow, candidate: Candidate, option: Option, at: Context
) -> int:
    """Return what a contact by this option is worth, in millionths of a minor unit."""
    campaign = candidate.policy.campaign
    said, own = estimate(tenant, row, at, campaign, option), terms(campaign, option)
    return worth_micro(said.ppm, own.value_minor, campaign.lever_percent, own.contact_cost_minor)


def _drawn(tenant: str, customer_token: str, candidate: Candidate, choice: Choice) -> int:
    """Return what the draw of this contact is, 0 to 999,999: the same whenever it is decided."""
    journey = candidate.journey
    where = journey.campaign_id, choice.salt, customer_token, journey.occurrence_key
    digest = sha256(prefixed((tenant, "choice", *where, candidate.step))).digest()
    return int.from_bytes(digest[:8], "big") % PPM
