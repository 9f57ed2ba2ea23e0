"""
Say how likely a contact is to bring what it is for: by a model, by counts, or the base rate.

Of who wants no personalisation nothing is looked at (SEMANTICS O3, O4).
"""

from typing import NamedTuple

from lifecycle import profiles
from lifecycle.features.context import Context
from lifecycle.partition import TenantState
from lifecycle.scoring import Scored, scored
from lifecycle.terms import terms
from schemas.campaign import Campaign, Option
from schemas.decisions import PropensityFrom
from schemas.state import CustomerRow


class Propensity(NamedTuple):
    """A probability, or a difference of two, in parts per million, and what it comes from."""

    ppm: int
    said_by: PropensityFrom
    score: Scored | None = None


def unlearnt(campaign: Campaign) -> Propensity:
    """Return what is known of a contact of which nothing is."""
    return Propensity(campaign.base_rate_ppm, "base_rate")


def estimate(
    tenant: TenantState,
    row: CustomerRow,
    context: Context,
    campaign: Campaign,
    option: Option | None,
) -> Propensity:
    """Return what a campaign's contact, or an option of it, is likely to bring (3.16, 3.19)."""
    if profiles.personalisation_off(row):
        return unlearnt(campaign)
    model_id = terms(campaign, option).model
    if not model_id:
        return unlearnt(campaign) if option is None else _counted(tenant, campaign, option)
    model = tenant.snapshots.in_force.get(model_id)
    if model is None:
        return unlearnt(campaign)
    score = scored(model, context)
    ppm = campaign.base_rate_ppm
    if model.rests_on == "model":
        ppm = score.score_ppm
    elif model.rests_on == "uplift":
        ppm = score.score_ppm - score.control_score_ppm
    return Propensity(ppm, model.rests_on, score)


def _counted(tenant: TenantState, campaign: Campaign, option: Option) -> Propensity:
    """Return what the option has brought so far, the base rate where nobody has counted."""
    published = tenant.choices.in_force.get(campaign.id)
    rate_ppm = published.rates_ppm.get(option.id) if published else None
    return unlearnt(campaign) if rate_ppm is None else Propensity(rate_ppm, "counts")
