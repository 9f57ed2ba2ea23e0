"""
Fill approved texts: all of a text or nothing.

The files are those that a bank approves (`cli.template_file`): what is sent is what was signed.
`{amount}` is `amount_minor` in the major unit of `currency`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from cli.template_file import PLACE, TemplateFileError, read_templates_of
from schemas.decisions import Trigger
from schemas.template import Template
from streams.settings import SettingsError


NO_DIGITS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_DIGITS: Final = "BHD IQD JOD KWD LYD OMR TND"
MINOR_DIGITS: Final = dict.fromkeys(NO_DIGITS.split(), 0) | dict.fromkeys(THREE_DIGITS.split(), 3)
"""Digits after the point by currency (ISO 4217); of all others two."""

Problem = Literal["TEMPLATE_UNKNOWN", "TEMPLATE_CHANNEL", "VARIABLE_MISSING", "VARIABLE_UNFIT"]


class TemplateError(ValueError):
    """The text cannot be filled; `problem` says why, without the customer's data."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(f"wanted a text that can be filled, found {problem}")
        self.problem: Problem = problem


class Templates:
    """The approved texts, by id and version."""

    def __init__(self, templates: Mapping[tuple[str, int], Template]) -> None:
        """Keep the texts."""
        self._templates = templates

    def fill(self, trigger: Trigger) -> str:
        """
        Return the text of a trigger, complete.

        Raises:
            TemplateError: there is no such text, it is of another channel, or a variable is
                missing or unfit.

        """
        template = self._templates.get((trigger.template_id, trigger.template_version))
        if template is None:
            raise TemplateError("TEMPLATE_UNKNOWN")
        if template.channel != trigger.channel:
            raise TemplateError("TEMPLATE_CHANNEL")
        return PLACE.sub(lambda found: _shown(found[1], trigger.variables), template.text)


def read_templates(folder: Path) -> Templates:
    """
    Return the texts of every `*.yaml` in a folder.

    Raises:
        SettingsError: the folder or a file cannot be used, a text has a brace that is part of no
            variable, or two files are the same version of a template.

    """
    try:
        return Templates(read_templates_of(folder))
    except TemplateFileError as error:
        raise SettingsError(f"templates: {error}") from error


def _shown(name: str, variables: Mapping[str, str | int]) -> str:
    """Return what stands in the text for a variable."""
    if name == "amount" and name not in variables:
        return _amount(variables)
    if name not in variables:
        raise TemplateError("VARIABLE_MISSING")
    shown = str(variables[name])
    if not shown or not shown.isprintable():
        raise TemplateError("VARIABLE_UNFIT")
    return shown


def _amount(variables: Mapping[str, str | int]) -> str:
    """Return minor units as major ones, in whole numbers all the way: 120050 CNY is 1,200.50."""
    amount_minor, currency = variables.get("amount_minor"), variables.get("currency")
    if not isinstance(amount_minor, int) or not isinstance(currency, str):
        raise TemplateError("VARIABLE_MISSING")
    if amount_minor < 0:
        raise TemplateError("VARIABLE_UNFIT")
    digits = MINOR_DIGITS.get(currency, 2)
    major, minor = divmod(amount_minor, 10**digits)
    return f"{major:,}.{minor:0{digits}}" if digits else f"{major:,}"
