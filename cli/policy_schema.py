"""
Derive the JSON Schema of a campaign file, so that an editor completes and checks it.

The structs in the words of the file: durations, times and rules are texts, events are listed by
name. What only `cardcue policy check` knows (types in a rule, what cannot work) is not in it.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import orjson

from cli.policy_sense import BEGINNINGS, CARD_EVENTS, UNUSABLE
from cli.policy_treatments import SHOWN_FEATURES
from cli.policy_words import CLOCK_PATTERN, WRITTEN, read_minute, read_moment, shown
from schemas.campaign import Campaign
from schemas.durations import UNITS_MS, shown_duration
from schemas.jsonschema import DIALECT, PATTERNS, Schema
from schemas.rules import TEXT_LENGTH_MAX


CONDITION: Final = "EventCondition"
SHOWN: Final = "ShownFeature"
RULE_PARTS: Final = frozenset({"Rule", "Call", "Const", "Items", "Name"})
"""What a file has as text."""


def campaign_schema() -> bytes:
    """Return the schema as it stands in docs/campaign.schema.json."""
    (_,), shapes = msgspec.json.schema_components([Campaign], ref_template="#/$defs/{name}")
    written = {name: in_words(shape) for name, shape in shapes.items() if name not in RULE_PARTS}
    written["Rule"] = text("A condition in CEL (docs/rules.md).", maxLength=TEXT_LENGTH_MAX)
    _name_events(written)
    written[SHOWN] = _one_of([*SHOWN_FEATURES])
    for name in ("Treatment", "Fallback"):
        shows = written[name]["properties"]["variables"]
        shows["additionalProperties"] = {"$ref": f"#/$defs/{SHOWN}"}
    whole = written.pop(Campaign.__name__)
    whole["required"].remove("tenant")  # it may be told beside the file
    return printed("campaign", whole, written)


def printed(what: str, whole: Schema, parts: Schema) -> bytes:
    """Return the document that describes a file of `what`, made of `parts`."""
    head = {"$schema": DIALECT, "$id": f"urn:cardcue:schema:{what}-file:v1"}
    document = {**head, **whole, "title": f"{what.capitalize()} file", "$defs": parts}
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options)


def in_words(node: Any) -> Any:  # noqa: ANN401 (any part of a JSON Schema)
    """Return a schema with the names and texts that a file has in place of the struct's."""
    if isinstance(node, list):
        return [in_words(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {key: in_words(part) for key, part in node.items() if key != "discriminator"}
    if isinstance(properties := node.get("properties"), dict):
        found["properties"] = {
            str(shown(name)): _property(name, part) for name, part in properties.items()
        }
        found["required"] = [str(shown(name)) for name in node.get("required", [])]
    if isinstance(found.get("description"), str):
        found["description"] = _said(found["description"])
    return found


def _said(description: str) -> str:
    """Return a docstring in one line, with the file's names of fields."""
    for name, written in WRITTEN.items():
        description = description.replace(f"`{written.field}`", f"`{name}`")
    return " ".join(description.split())


def _property(name: str, schema: Schema) -> Schema:
    """Return the schema of a field: of a text where the struct has a number of the file's own."""
    written = WRITTEN.get(str(shown(name)))
    if written is None:
        plain: Schema = in_words(schema)
        if "default" in plain and plain["default"] is None:
            del plain["default"]
            (kept,) = [one for one in plain.pop("anyOf") if one != {"type": "null"}]
            plain |= kept
        return plain
    if written.read is read_minute:
        return text("By the customer's clock, such as 10:00.", pattern=f"^{CLOCK_PATTERN}$")
    if written.read is read_moment:
        return text("RFC 3339, with an offset.", pattern=PATTERNS["date-time"])
    units = "|".join(UNITS_MS)
    found = text("A duration such as 72h, 7d or 1w.", pattern=f"^[0-9]{{1,12}}({units})$")
    return found | ({"default": shown_duration(schema["default"])} if "default" in schema else {})


def _name_events(shapes: dict[str, Schema]) -> None:
    """List the events that a field may name, in place of any text."""
    absence = shapes["AbsenceEntry"]["properties"]
    absence["after"] = _one_of([one for one in CARD_EVENTS if one not in UNUSABLE])
    absence["without"] = _one_of(CARD_EVENTS)
    for name in (CONDITION, "CountEntry"):
        shapes[name]["properties"]["on"] = _one_of(BEGINNINGS)
    exits = shapes[Campaign.__name__]["properties"]["exit_on"]
    exits["items"] = {"anyOf": [_one_of(BEGINNINGS), {"$ref": f"#/$defs/{CONDITION}"}]}


def _one_of(names: Sequence[str]) -> Schema:
    """Return the schema of one of these names."""
    return {"enum": sorted(names)}


def text(description: str, **more: str | int) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": description, **more}
