"""Put what msgspec says about a policy's file into words: what was wanted where, what was found."""

import re
from typing import Any, Final

import msgspec.inspect
from msgspec.inspect import LiteralType, StructType, Type, UnionType, VarTupleType

from cli.marked_yaml import YamlPath
from cli.policy_words import shown


_PLACE: Final = re.compile(r" - at `\$(.*)`$")
_PART: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+)\]")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `(.*?)`")
_MISSING: Final = re.compile(r"^Object missing required field `(.*?)`")
_EXPECTED: Final = re.compile(r"^Expected (.*?)(?:, got .*)?$")
_SHOWN_LENGTH_MAX: Final = 80


def path_in(message: str) -> YamlPath:
    """Return the path that an error is about; an unknown field is part of it."""
    place = _PLACE.search(message)
    parts = _PART.findall(place[1]) if place else []
    path: YamlPath = tuple(name or int(index) for name, index in parts)
    unknown = _UNKNOWN.match(message)
    return (*path, unknown[1]) if unknown else path


def name_of(path: YamlPath) -> str:
    """Return a path as people write it: `steps[0].delay`."""
    if not path:
        return "campaign"
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def wanted_at(path: YamlPath, document: dict[str, Any], message: str, shape: type) -> str:
    """Return what may stand at the path."""
    said = _PLACE.sub("", message)
    if missing := _MISSING.match(said):
        return f"the field {missing[1]}"
    if _UNKNOWN.match(said):
        return f"one of {', '.join(_allowed(path[:-1], document, shape))}"
    if expected := _EXPECTED.match(said):
        return expected[1].replace("`", "").replace("array", "list").replace("object", "fields")
    return f"one of {', '.join(_allowed(path, document, shape))}"


def found_at(path: YamlPath, document: dict[str, Any], message: str) -> str:
    """Return what stands at the path, shortened."""
    if _MISSING.match(message):
        return "none"
    if _UNKNOWN.match(message):
        return str(path[-1])
    found: Any = document
    for part in path:
        found = found[part]
    if isinstance(found, list | dict):
        kind = "list" if isinstance(found, list) else "fields"
        return f"{kind} of length {len(found)}"
    return repr(found)[:_SHOWN_LENGTH_MAX]


def _allowed(path: YamlPath, document: dict[str, Any], shape: type) -> list[str]:
    """Return the values, tags or field names that the shape allows at the path, in its order."""
    kind: Type = msgspec.inspect.type_info(shape)
    found: Any = document
    for part in path:
        kind = _member(kind, found)
        if isinstance(kind, VarTupleType):
            kind = kind.item_type
        elif isinstance(kind, StructType):
            kind = next((field.type for field in kind.fields if field.encode_name == part), kind)
        found = found.get(part) if isinstance(found, dict) else found[part]
    return _named(_member(kind, found))


def _member(kind: Type, found: object) -> Type:
    """Return which struct of a union the value's tag chooses, the union where it chooses none."""
    if isinstance(kind, UnionType) and isinstance(found, dict):
        for member in kind.types:
            if isinstance(member, StructType) and found.get(member.tag_field) == member.tag:
                return member
    return kind


def _named(kind: Type) -> list[str]:
    """Return the names that a shape knows."""
    if isinstance(kind, LiteralType):
        return [str(value) for value in kind.values]
    if isinstance(kind, UnionType):
        return [str(member.tag) for member in kind.types if isinstance(member, StructType)]
    if isinstance(kind, StructType):
        names = [str(shown(field.encode_name)) for field in kind.fields]
        return [*([kind.tag_field] if kind.tag_field else []), *names]
    return []
