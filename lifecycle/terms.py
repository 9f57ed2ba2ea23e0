"""Say what a contact promises, brings and costs, and who ranks it: the campaign, or an option."""

from typing import NamedTuple

from schemas.campaign import Campaign, Option


class Terms(NamedTuple):
    """An offer and a model, "" for none; money in minor units of the tenant's currency."""

    offer: str
    model: str
    value_minor: int
    contact_cost_minor: int


def terms(campaign: Campaign, option: Option | None) -> Terms:
    """Return the campaign's terms; where an option has its own, those (docs/core.md 3.19)."""
    value_minor, cost_minor = campaign.value_minor, campaign.contact_cost_minor
    if option is None:
        return Terms(campaign.offer, campaign.model, value_minor, cost_minor)
    return Terms(
        option.offer or campaign.offer,
        option.model or campaign.model,
        value_minor if option.value_minor is None else option.value_minor,
        cost_minor if option.contact_cost_minor is None else option.contact_cost_minor,
    )
