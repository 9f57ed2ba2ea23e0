"""Say what is wrong with a value of a policy's file: at its line, what was wanted and found."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from cli.marked_yaml import MarkedYamlError, YamlPath


Lines: TypeAlias = Mapping[YamlPath, int]
"""The line of every value in a file, by its path, in the file's own names."""


def mistake(path: YamlPath, wanted: str, found: object, lines: Lines) -> MarkedYamlError:
    """Return the mistake at its line."""
    return MarkedYamlError(lines[path], path, f"wanted {wanted}, found {found}")


def check_one_of(name: str, known: Sequence[str], path: YamlPath, lines: Lines) -> None:
    """
    Refuse a name that cannot stand here; those that can are named.

    Raises:
        MarkedYamlError: it is none of them.

    """
    if name not in known:
        raise mistake(path, f"one of {', '.join(known)}", name, lines)


def check_once(names: Sequence[Any], path: YamlPath, field: str, lines: Lines) -> None:
    """
    Refuse a name that an earlier element of the list has.

    Raises:
        MarkedYamlError: at the second.

    """
    for index, name in enumerate(names):
        if name in names[:index]:
            here = (*path, index, field)
            raise MarkedYamlError(lines[here], here, f"wanted {name} once, found it twice")
