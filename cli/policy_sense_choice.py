"""Refuse a choice that nothing can be chosen from, at its line."""

from cli.marked_yaml import YamlPath
from cli.policy_mistakes import Lines, check_once, mistake
from schemas.campaign import Campaign


def check_choice(campaign: Campaign, lines: Lines) -> None:
    """
    Refuse a choice outside of marketing, or one that the fold would refuse (docs/core.md 3.19).

    Raises:
        MarkedYamlError: at the first thing that cannot work.

    """
    choice = campaign.choice
    if choice is None:
        return
    here: YamlPath = ("choice",)
    if campaign.message_class != "marketing":
        raise mistake(here, "a choice in marketing only", campaign.message_class, lines)
    check_once([one.id for one in choice.options], (*here, "options"), "id", lines)
    if campaign.conversion is None:
        raise mistake(here, "a conversion, by which options are judged", "none", lines)
    judges = ["a model" if one.model or campaign.model else "none" for one in choice.options]
    for index, judge in enumerate(judges):
        if judge != judges[0]:
            wanted = "a model for every option or for none"
            raise mistake((*here, "options", index), wanted, judge, lines)
