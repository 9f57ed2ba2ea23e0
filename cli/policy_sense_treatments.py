"""Refuse treatments that could not be sent, and promises of a campaign that may make none."""

from cli.marked_yaml import YamlPath
from cli.policy_mistakes import Lines, check_one_of, mistake
from cli.policy_treatments import (
    SHOWN_FEATURES,
    Channels,
    channels_of,
    treatments_of,
    variables_of_kind,
)
from lifecycle.features.declared import FEATURES
from schemas.campaign import Campaign, Fallback, Treatment


def check_treatments(campaign: Campaign, lines: Lines) -> None:
    """
    Refuse treatments, an offer, a budget or a model that cannot work.

    Args:
        campaign: as read.
        lines: the line of every value in the file, by its path.

    Raises:
        MarkedYamlError: at the first that cannot.

    """
    for channels in channels_of(campaign):
        _check_channels(channels, lines)
    for path, treatment in treatments_of(campaign):
        _check_variables(campaign, treatment, path, lines)
    for field in ("offer", "budget_minor", "model"):
        if getattr(campaign, field) and campaign.message_class != "marketing":
            wanted = f"no {field}, which only marketing has"
            raise mistake((field,), wanted, getattr(campaign, field), lines)


def _check_channels(channels: Channels, lines: Lines) -> None:
    """Refuse a channel that was tried before, and one that is tried after nothing."""
    tried: set[str] = set()
    for path, treatment in zip(channels.paths, channels.treatments, strict=True):
        if treatment.channel in tried:
            wanted = "a channel that is not tried before"
            raise mistake((*path, "channel"), wanted, treatment.channel, lines)
        tried.add(treatment.channel)
        if isinstance(treatment, Fallback) and not treatment.after:
            wanted = "one status or more, after which it is tried"
            raise mistake((*path, "after"), wanted, "none", lines)


def _check_variables(
    campaign: Campaign, treatment: Treatment, path: YamlPath, lines: Lines
) -> None:
    """Refuse a variable that shows nothing known, or what the contact itself has to show."""
    for name, feature in treatment.variables.items():
        here = (*path, "variables", name)
        if name in variables_of_kind(campaign):
            wanted = "a name that no variable of the campaign's kind has"
            raise mistake(here, wanted, name, lines)
        if feature in FEATURES and feature not in SHOWN_FEATURES:
            found = f"{feature}, which is {FEATURES[feature].kind}"
            raise mistake(here, "a feature that a text can show (int, string)", found, lines)
        check_one_of(feature, list(SHOWN_FEATURES), here, lines)
