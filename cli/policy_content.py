"""Hold a campaign against the templates that are approved, the offers and models there are."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from cli.marked_yaml import MarkedYamlError, YamlPath
from cli.policy_mistakes import Lines
from cli.policy_treatments import treatments_of, variables_given
from schemas.campaign import Campaign, Option, Treatment
from schemas.template import Template


class Known(NamedTuple):
    """
    What a campaign may name.

    `templates` are by id and version; None: every one counts as approved. `offers` and `models`
    None: likewise.
    """

    templates: Mapping[tuple[str, int], Template] | None = None
    offers: Collection[str] | None = None
    models: Collection[str] | None = None


class Lack(NamedTuple):
    """What a campaign asks for in vain, and where its file does; `said` is wanted and found."""

    path: YamlPath
    said: str


def lacks(campaign: Campaign, known: Known) -> Iterator[Lack]:
    """Yield what the campaign names and nobody has approved or defined, or what cannot be shown."""
    if known.templates is not None:
        for path, treatment in treatments_of(campaign):
            if said := _lacks(campaign, treatment, known.templates):
                yield Lack((*path, "template_id"), said)
    yield from _unknown((), campaign, known)
    for index, option in enumerate(campaign.choice.options if campaign.choice else ()):
        yield from _unknown(("choice", "options", index), option, known)


def _unknown(path: YamlPath, of: Campaign | Option, known: Known) -> Iterator[Lack]:
    """Yield which offer and which model a campaign, or an option of it, names in vain."""
    named = (("offer", of.offer, known.offers), ("model", of.model, known.models))
    for field, name, there in named:
        if there is not None and name and name not in there:
            listed = ", ".join(sorted(there)) or "none"
            yield Lack((*path, field), f"wanted one of the {field}s {listed}, found {name}")


def check_content(campaign: Campaign, known: Known, lines: Lines) -> None:
    """
    Refuse a campaign that asks for what there is not.

    Raises:
        MarkedYamlError: at the first of it.

    """
    for path, said in lacks(campaign, known):
        raise MarkedYamlError(lines[path], path, said)


def _lacks(
    campaign: Campaign, treatment: Treatment, templates: Mapping[tuple[str, int], Template]
) -> str:
    """Return why a treatment cannot be sent, "" where it can."""
    asked = f"{treatment.template_id} version {treatment.template_version}"
    template = templates.get((treatment.template_id, treatment.template_version))
    if template is None:
        versions = sorted(number for name, number in templates if name == treatment.template_id)
        numbers = ", ".join(str(number) for number in versions)
        names = ", ".join(sorted({name for name, _ in templates})) or "none"
        wanted = f"{treatment.template_id} version {numbers}" if versions else f"one of {names}"
        return f"wanted an approved template, {wanted}; found {asked}"
    if template.channel != treatment.channel:
        return f"wanted a template for {treatment.channel}, found {asked} for {template.channel}"
    given = variables_given(campaign, treatment)
    for variable in template.variables:
        if given.get(variable.name) != variable.kind:
            wanted = f"wanted the variable {variable.name} ({variable.kind}), which {asked} shows"
            return f"{wanted}, found {given.get(variable.name, 'none')}"
    return ""
