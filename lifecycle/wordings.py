"""Say which features a campaign's wordings show: they are read with those of its rules."""

from collections.abc import Iterator, Mapping
from typing import Final

from lifecycle.experiment import treatments
from lifecycle.features.declared import FEATURES
from lifecycle.rules import RuleError
from schemas.campaign import Campaign, Treatment


SHOWN_KINDS: Final[Mapping[str, type]] = {"int": int, "string": str}
"""The kinds of feature that a text can show."""


def every(campaign: Campaign) -> Iterator[Treatment]:
    """Yield every treatment of a campaign, whatever the arm or the option."""
    yield from treatments(campaign)
    for arm in campaign.experiment.arms if campaign.experiment else ():
        yield from treatments(arm)
    for option in campaign.choice.options if campaign.choice else ():
        yield from treatments(option)


def names_shown(campaign: Campaign) -> set[str]:
    """
    Return the features that the campaign's wordings show, in any arm.

    Raises:
        RuleError: one that nobody has declared, or that no text can show.

    """
    names = {name for one in every(campaign) for name in one.variables.values()}
    for name in names:
        if name not in FEATURES or FEATURES[name].kind not in SHOWN_KINDS:
            raise RuleError(f"wanted a feature that is a number or a text, found {name}")
    return names
