"""Find a campaign's treatments where its file has them, and what their wordings may show."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cli.marked_yaml import YamlPath
from lifecycle.experiment import treatments
from lifecycle.features.declared import FEATURES
from lifecycle.wordings import SHOWN_KINDS
from schemas.campaign import (
    AbsenceEntry,
    Arm,
    Campaign,
    DueDateEntry,
    Option,
    SilenceEntry,
    Treatment,
)


_MONEY: Final = {"amount_minor": "int", "currency": "string"}
_OF_KIND: Final[Mapping[type, Mapping[str, str]]] = {
    AbsenceEntry: {},
    DueDateEntry: {**_MONEY, "due_date": "string"},
    SilenceEntry: {"silent_days": "int"},
}
"""Kind of entry to the variables that every contact of it has (docs/core.md 3.6)."""

SHOWN_FEATURES: Final = {
    name: feature.kind for name, feature in FEATURES.items() if feature.kind in SHOWN_KINDS
}
"""The features that a text can show, with their kinds."""


class Channels(NamedTuple):
    """
    The treatments of a campaign, an arm or an option, in the order in which they are tried.

    `paths` say where each of them stands in the file, `fallbacks_path` where those after the
    first do.
    """

    treatments: Sequence[Treatment]
    paths: Sequence[YamlPath]
    fallbacks_path: YamlPath


def channels_of(campaign: Campaign) -> Iterator[Channels]:
    """Yield the campaign's own treatments, then those of each arm and of each option."""
    yield _channels(campaign, ())
    for index, arm in enumerate(campaign.experiment.arms if campaign.experiment else ()):
        yield _channels(arm, ("experiment", "arms", index))
    for index, option in enumerate(campaign.choice.options if campaign.choice else ()):
        yield _channels(option, ("choice", "options", index))


def treatments_of(campaign: Campaign) -> Iterator[tuple[YamlPath, Treatment]]:
    """Yield every treatment of a campaign with its path in the file."""
    for channels in channels_of(campaign):
        yield from zip(channels.paths, channels.treatments, strict=True)


def variables_of_kind(campaign: Campaign) -> Mapping[str, str]:
    """Return the variables that every contact of the campaign has, with their kinds."""
    return _OF_KIND.get(type(campaign.entry), _MONEY)


def variables_given(campaign: Campaign, treatment: Treatment) -> Mapping[str, str]:
    """Return all that a treatment's wording may show, with the kinds; unknown features aside."""
    own = {
        name: SHOWN_FEATURES[feature]
        for name, feature in treatment.variables.items()
        if feature in SHOWN_FEATURES
    }
    return {**variables_of_kind(campaign), **own}


def _channels(of: Campaign | Arm | Option, path: YamlPath) -> Channels:
    """Return treatments that stand in the campaign, in an arm or in an option of it."""
    others = (*path, "fallbacks")
    first = path if isinstance(of, Option) else (*path, "treatment")
    paths = [first, *((*others, index) for index in range(len(of.fallbacks)))]
    return Channels(treatments(of), paths, others)
