"""
Make a struct of a YAML file, or say exactly what is wrong with it: file, line, path.

Durations, times of day and moments are text in a file, without the unit in the name.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from cli.marked_yaml import MarkedYamlError, YamlPath, read_marked_file
from cli.policy_wants import found_at, name_of, path_in, wanted_at
from cli.policy_words import WRITTEN, shown


Shape = TypeVar("Shape")

VARIABLE: Final = re.compile("[a-z][a-z0-9_]{0,63}")
"""The name of a variable, as `schemas.template.VariableName`."""


class MarkedFileError(ValueError):
    """A file cannot be used; the text is `file:line: path: wanted ..., found ...`."""


@contextmanager
def telling(file: Path, what: str, error: type[MarkedFileError]) -> Iterator[None]:
    """Tell a mistake in a file as `error`, with its line and path; of the whole of it, `what`."""
    try:
        yield
    except MarkedYamlError as mistake:
        where = name_of(mistake.path) if mistake.path else what
        raise error(f"{file}:{mistake.line}: {where}: {mistake}") from mistake


def files_of(folder: Path, what: str, error: type[MarkedFileError]) -> list[Path]:
    """Return the `*.yaml` of a folder of such files, by name; raise `error` where it is none."""
    if not folder.is_dir():
        raise error(f"{folder}: wanted a folder of {what}, found none")
    return sorted(folder.glob("*.yaml"))


def read_each(files: Sequence[Path], read: Callable[[Path], Shape]) -> list[Shape]:
    """Return what the files say, or end with the first mistake of each on a line of its own."""
    found, mistakes = [], []
    for file in files:
        try:
            found.append(read(file))
        except MarkedFileError as error:
            mistakes.append(str(error))
    if mistakes:
        raise click.ClickException("\n".join(mistakes))
    return found


def read_fields(file: Path, what: str) -> tuple[dict[str, Any], dict[YamlPath, int]]:
    """
    Return the fields in a file and the line of every value; `what` they make up, as "an offer".

    Raises:
        MarkedYamlError: the file cannot be read, or has no fields.

    """
    written, lines = read_marked_file(file)
    if not isinstance(written, dict):
        raise MarkedYamlError(1, (), f"wanted the fields of {what}, found something else")
    return written, lines


def in_numbers(value: Any, path: YamlPath, lines: dict[YamlPath, int]) -> Any:  # noqa: ANN401
    """Return the document with durations and times as integers, under the struct's names."""
    if isinstance(value, list):
        return [in_numbers(part, (*path, i), lines) for i, part in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for name, part in value.items():
        here = (*path, name)
        if name == "variables":
            found[name] = _variables(part, here, lines)
        elif (written := WRITTEN.get(name)) is not None:
            found[written.field] = _number(part, here, lines)
        elif (said := shown(name)) != name:
            unit = name.rpartition("_")[2]
            wanted = f"wanted it without _{unit}, as {WRITTEN[str(said)].example}; found in {unit}"
            raise MarkedYamlError(lines[here], here, wanted)
        else:
            found[name] = in_numbers(part, here, lines)
    return found


def _variables(part: Any, path: YamlPath, lines: dict[YamlPath, int]) -> Any:  # noqa: ANN401
    """Return a wording's names as they are: none of them is a field, whatever it is called."""
    for name, feature in part.items() if isinstance(part, dict) else ():
        if VARIABLE.fullmatch(name) is None:
            wanted = "wanted a name of small letters, digits and _"
            raise MarkedYamlError(lines[*path, name], (*path, name), f"{wanted}, found {name!r}")
        if not isinstance(feature, str):
            wanted = "wanted the name of a feature"
            raise MarkedYamlError(lines[*path, name], (*path, name), f"{wanted}, found {feature!r}")
    return part


def _number(part: object, path: YamlPath, lines: dict[YamlPath, int]) -> int:
    """Return what a text stands for."""
    try:
        return WRITTEN[str(path[-1])].read(str(part))
    except ValueError as error:
        raise MarkedYamlError(lines[path], path, str(error)) from error


def convert(document: dict[str, Any], lines: dict[YamlPath, int], shape: type[Shape]) -> Shape:
    """
    Return the document as a struct; a mistake is told in the names of the file.

    Raises:
        MarkedYamlError: at the first mistake.

    """
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        message, path = str(error), path_in(str(error))
        place = tuple(shown(part) for part in path)
        line = next(lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in lines)
        said = message.partition(" - at `")[0]
        if not said.startswith("wanted "):  # the struct's own words
            wanted = wanted_at(path, document, message, shape)
            said = f"wanted {wanted}, found {found_at(path, document, message)}"
        raise MarkedYamlError(line, place, said) from error
