"""Say a JSON Schema in a reader's words, for the tables of `docs/events.md`."""

from collections.abc import Sequence
from typing import Any, Final

from schemas.routing import ROUTES


Schema = dict[str, Any]

EVENT_SHAPES: Final = frozenset(route.shape.__name__ for route in ROUTES)
"""Shapes that have a section under their event's type, not under their own name."""

_EMPTY: Final = '""'


def anchor(heading: str) -> str:
    """
    Return where a heading of a page is found, as GitHub names the places of its pages.

    >>> anchor("points.level_changed"), anchor("Records that go out")
    ('pointslevel_changed', 'records-that-go-out')
    """
    kept = (letter for letter in heading.lower() if letter.isalnum() or letter in " -_")
    return "".join(kept).replace(" ", "-")


def type_text(schema: Schema) -> str:
    """
    Return a JSON Schema as a reader's words.

    >>> type_text({"type": "integer", "minimum": 0, "maximum": 100})
    'integer, 0 to 100'
    >>> type_text({"type": "array", "items": {"type": "string", "maxLength": 3, "minLength": 3}})
    'list of: text of 3'
    >>> type_text({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]})
    'date or null'
    """
    if "$ref" in schema:
        return f"[`{schema['$ref']}`](#{anchor(schema['$ref'])})"
    if "anyOf" in schema:
        return _choices(_any_of(schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return _choices([_value(each) for each in schema.get("enum", [schema.get("const")])])
    by_type = {
        "string": _text_type,
        "integer": _integer_type,
        "array": _array_type,
        "object": _map_type,
    }
    described = by_type.get(schema["type"])
    return described(schema) if described else str(schema["type"])


def _any_of(alternatives: Sequence[Schema]) -> list[str]:
    """Return each alternative; all events together are one, or nobody would read on."""
    others = [each for each in alternatives if each.get("$ref") not in EVENT_SHAPES]
    events = ["any event"] if len(alternatives) - len(others) == len(EVENT_SHAPES) else []
    return events + [type_text(each) for each in (others if events else alternatives)]


def _choices(texts: list[str]) -> str:
    """Return alternatives as an enumeration."""
    return ", ".join(texts[:-1]) + f" or {texts[-1]}" if texts[1:] else texts[0]


def _value(value: Any) -> str:  # noqa: ANN401 (any JSON scalar)
    """Return a word or a truth value as it is written in JSON, words without their quotes."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value or _EMPTY}`"


def _text_type(schema: Schema) -> str:
    """Return a string with its length in characters, or what it is a text of."""
    if "format" in schema:
        return {"date": "date", "date-time": "time"}[schema["format"]]
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if most is None:
        return "text, not empty" if least else "text"
    if least == most:
        return f"text of {most}"
    return f"text of {least} to {most}" if least else f"text of up to {most}"


def _integer_type(schema: Schema) -> str:
    """Return an integer with its bounds, both inclusive."""
    if "maximum" in schema:
        return f"integer, {schema['minimum']} to {schema['maximum']}"
    return "integer"


def _array_type(schema: Schema) -> str:
    """Return a list with what is in it, and how many at most."""
    most = f" of up to {schema['maxItems']}" if "maxItems" in schema else " of"
    return f"list{most}: {type_text(schema['items'])}"


def _map_type(schema: Schema) -> str:
    """Return an object whose names are values themselves."""
    return f"object of: {type_text(schema['additionalProperties'])}"
