"""
Read a wording's YAML file into the struct that is approved and that gateways fill.

Fields are those of `schemas.template.Template`. In its text `{name}` stands for a variable that it
lists; `{amount}` is `amount_minor` in the major unit of `currency`, so it needs both.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cli.marked_struct import MarkedFileError, convert, files_of, read_fields, telling
from cli.policy_mistakes import Lines, check_once, mistake
from schemas.template import Template


PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""Where a text shows a variable."""

AMOUNT: Final = "amount"
AMOUNT_NEEDS: Final = {"amount_minor": "int", "currency": "string"}
"""What `{amount}` is made of, where no variable is called so itself."""


class TemplateFileError(MarkedFileError):
    """A file cannot be used; the text is `file:line: path: wanted ..., found ...`."""


def read_template(file: Path) -> Template:
    """
    Return the wording in a file.

    Raises:
        TemplateFileError: the first mistake in the file.

    """
    with telling(file, "template", TemplateFileError):
        return _read(file)


def read_templates_of(folder: Path) -> dict[tuple[str, int], Template]:
    """
    Return the wording of every `*.yaml` in a folder, by id and version.

    Raises:
        TemplateFileError: no folder, a file cannot be used, or two are one version of a template.

    """
    found: dict[tuple[str, int], Template] = {}
    for file in files_of(folder, "templates", TemplateFileError):
        template = read_template(file)
        if (template.id, template.version) in found:
            what = f"{template.id} version {template.version}"
            raise TemplateFileError(f"{file}:1: template: wanted {what} once, found it twice")
        found[template.id, template.version] = template
    return found


def _read(file: Path) -> Template:
    """Return the wording, or raise a mistake with its line."""
    written, lines = read_fields(file, "a template")
    template = convert(written, lines, Template)
    check_once([one.name for one in template.variables], ("variables",), "name", lines)
    _check_text(template, lines)
    return template


def _check_text(template: Template, lines: Lines) -> None:
    """Refuse a text that would not be shown as it is meant."""
    text = template.text
    if not text.strip():
        raise mistake(("text",), "a text", "none", lines)
    if not text.isprintable():  # as ingest does
        wanted = "printable text on one line"
        raise mistake(("text",), wanted, "another character", lines)
    left = PLACE.sub("", text)
    if "{" in left or "}" in left:
        raise mistake(("text",), "{variables} and no other brace", "another", lines)
    kinds = {one.name: one.kind for one in template.variables}
    for name, kind in _needed(template):
        if kinds.get(name) is None or kind not in {"", kinds[name]}:
            wanted = (
                f"{name}{' of kind ' * bool(kind)}{kind} among the variables, as the text shows it"
            )
            raise mistake(("text",), wanted, kinds.get(name, "none"), lines)


def _needed(template: Template) -> Iterator[tuple[str, str]]:
    """Yield the variables that a text shows, each with the kind that it must have, "" for any."""
    names = {one.name for one in template.variables}
    for name in PLACE.findall(template.text):
        if name == AMOUNT and name not in names:
            yield from AMOUNT_NEEDS.items()
        else:
            yield name, ""
