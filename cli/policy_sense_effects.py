"""Refuse what a campaign's effect could not be measured or held by: at its line."""

from typing import get_args

from cli.marked_yaml import YamlPath
from cli.policy_mistakes import Lines, mistake
from lifecycle.experiment import BUCKET_COUNT
from schemas.campaign import Campaign
from schemas.events import Currency


def check_money(campaign: Campaign, lines: Lines) -> None:
    """
    Refuse money that nobody could add up: a cap, a value to be capped, and one currency.

    Raises:
        MarkedYamlError: at the first thing that cannot work.

    """
    conversion = campaign.conversion
    if conversion is None:
        return
    here: YamlPath = ("conversion", "value_cap_minor")
    if conversion.currency and conversion.currency not in get_args(Currency):
        currency: YamlPath = ("conversion", "currency")
        raise mistake(currency, "an ISO 4217 code", conversion.currency, lines)
    if conversion.value_cap_minor and not conversion.value:
        raise mistake(here, "a value beside it, of which this is the most", "none", lines)
    if conversion.value_cap_minor and not conversion.currency:
        raise mistake(here, "a currency beside it", "none", lines)


def check_guardrails(campaign: Campaign, lines: Lines) -> None:
    """
    Refuse guardrails of which nothing is ever heard: only what is measured is held.

    Raises:
        MarkedYamlError: at the first thing that cannot work.

    """
    guardrails = campaign.guardrails
    if guardrails is None:
        return
    here: YamlPath = ("guardrails",)
    if campaign.conversion is None:
        raise mistake(here, "a conversion beside them, by which exposures open", "none", lines)
    if campaign.message_class != "marketing" and guardrails.harm:
        wanted = "a campaign of class marketing, of which some customers are kept back"
        raise mistake((*here, "harm"), wanted, campaign.message_class, lines)
    control_bp = campaign.experiment.control_bp if campaign.experiment else 0
    if guardrails.harm and not 0 < control_bp < BUCKET_COUNT:
        wanted = (
            "a control beside it, of whom contact can make fewer convert (experiment.control_bp)"
        )
        found = f"control_bp {control_bp}" if campaign.experiment else "no experiment"
        raise mistake((*here, "harm"), wanted, found, lines)
