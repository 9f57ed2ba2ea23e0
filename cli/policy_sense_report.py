"""Refuse to report a campaign by what is no feature, or by how customers behave."""

from cli.marked_yaml import MarkedYamlError
from cli.policy_mistakes import Lines, check_one_of
from lifecycle.features.declared import FEATURES
from schemas.campaign import Campaign


REPORTABLE = [name for name, feature in FEATURES.items() if not feature.behavioural]


def check_report(campaign: Campaign, lines: Lines) -> None:
    """
    Refuse features by which a campaign may not be reported.

    Raises:
        MarkedYamlError: at the first of them.

    """
    for index, name in enumerate(campaign.report_by):
        here = ("report_by", index)
        check_one_of(name, REPORTABLE, here, lines)
        if name in campaign.report_by[:index]:
            raise MarkedYamlError(lines[here], here, f"wanted {name} once, found it twice")
