"""
Read YAML as plain values, and remember on which line each of them stands.

The strict half of YAML 1.2: no tags, no anchors, no repeated keys; `on`, `no` and `1:30` are
text, as everybody thinks they are. Scalars are text, integers, decimals, true or false.
"""

import re
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml


YamlPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the top of the document."""

FILE_BYTES_MAX: Final = 65_536
"""What is published is one record, and ingest takes none that is larger."""

_STANDARD: Final = "tag:yaml.org,2002:"
_PLAIN: Final = frozenset({"str", "int", "float", "bool", "null", "timestamp", "merge", "value"})
"""The tags that PyYAML gives to what has none; we read plain scalars by our own rules below."""

_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][-+]?[0-9]{1,3})?")


class MarkedYamlError(ValueError):
    """The text is not what we read; `line` counts from 1, `path` says where in the document."""

    def __init__(self, line: int, path: YamlPath, message: str) -> None:
        """Keep line and path beside the message."""
        super().__init__(message)
        self.line = line
        self.path = path


def read_marked_file(file: Path) -> tuple[Any, dict[YamlPath, int]]:
    """
    Return what `read_marked` makes of a file.

    Raises:
        MarkedYamlError: at line 1 where the file cannot be read or is too long, else as there.

    """
    try:
        content = file.read_bytes()
        text = content.decode()
    except OSError as error:
        raise MarkedYamlError(1, (), f"wanted a file, found {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MarkedYamlError(1, (), "wanted UTF-8 text, found other bytes") from error
    if len(content) > FILE_BYTES_MAX:
        raise MarkedYamlError(1, (), f"wanted {FILE_BYTES_MAX} bytes at most, found more")
    return read_marked(text)


def read_marked(text: str) -> tuple[Any, dict[YamlPath, int]]:
    """
    Return the document as plain values, and the line of every value by its path.

    Raises:
        MarkedYamlError: at the first thing that is not as described above.

    """
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise MarkedYamlError(
                    _line(event.start_mark), (), "wanted every value written out, found an alias"
                )
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = _line(error.problem_mark)
        raise MarkedYamlError(line, (), f"wanted YAML, found {error.problem}") from error
    if node is None:
        raise MarkedYamlError(1, (), "wanted a document, found nothing")
    lines: dict[YamlPath, int] = {}
    return _value(node, (), lines), lines


def is_number(text: str) -> bool:
    """Return whether a plain scalar is read as a number."""
    return bool(_INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text))


def _line(mark: object) -> int:
    """Return the line of a PyYAML mark, from 1; not every error has one."""
    line: int = getattr(mark, "line", 0)
    return line + 1


def _value(node: yaml.Node, path: YamlPath, lines: dict[YamlPath, int]) -> Any:  # noqa: ANN401 (any YAML)
    """Return what a node says; its line is that of its key where it has one."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(part, (*path, index), lines) for index, part in enumerate(node.value)]
    return _scalar(node, path)


def _mapping(node: yaml.MappingNode, path: YamlPath, lines: dict[YamlPath, int]) -> dict[str, Any]:
    """Return a mapping; keys are text as written."""
    found: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise MarkedYamlError(line, path, "wanted a name as key, found something else")
        if key.value in found:
            raise MarkedYamlError(line, (*path, key.value), "wanted it once, found it twice")
        lines[*path, key.value] = line
        found[key.value] = _value(value, (*path, key.value), lines)
    return found


def _scalar(node: yaml.Node, path: YamlPath) -> str | int | float | bool:
    """Return text, a number, true or false."""
    text: str = node.value
    line = node.start_mark.line + 1
    kind = node.tag.removeprefix(_STANDARD)
    if kind not in _PLAIN:
        raise MarkedYamlError(line, path, f"wanted a plain value, found the tag {node.tag}")
    if getattr(node, "style", None) is not None:
        return text  # quoted
    if text in {"", "~", "null"}:
        raise MarkedYamlError(line, path, "wanted a value, found nothing")
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
