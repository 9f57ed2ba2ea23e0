"""
Derive JSON Schemas (2020-12) from the structs: what a producer may send and a consumer will get.

The schema of an event is that of its plain form, the flat JSON object. Unknown fields are allowed
everywhere but inside a campaign, so that producers may add before we read.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

import msgspec

from schemas.campaign import Campaign
from schemas.decisions import Decision, OfferGrantRequested, Trigger, TriggerCancelled
from schemas.events import Currency
from schemas.examples import (
    CANCELLED,
    DECISION,
    EXPOSURE,
    GRANT,
    MOVED,
    OUTCOME,
    PROGRESS,
    TOLD,
    TRIGGER,
)
from schemas.examples_insight import EFFECT_REPORT, FUNNEL_REPORT, GUARDRAIL_REPORT
from schemas.examples_learnt import OBSERVED
from schemas.examples_outcomes import FOLLOWED, OBJECTED, SETTLED
from schemas.forms import (
    journaled,
    journaled_choice,
    journaled_segments,
    journaled_snapshot,
    journaled_tick,
    journaled_tripped,
    plain,
)
from schemas.insight import EffectReported, FunnelReported, GuardrailReported
from schemas.journal import JournalEnvelope, Progress
from schemas.meanings import meaning
from schemas.outcomes import (
    CardMoved,
    ExposureFollowed,
    ExposureObjected,
    ExposureOpened,
    ExposureSettled,
    ModelTold,
    OutcomeRecorded,
)
from schemas.routing import ROUTES, Route
from schemas.segments import CustomerObserved


DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]
"""A JSON Schema as plain dicts, lists and scalars."""

CUSTOMER_TOKEN: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 128,
    "pattern": "^[ -{}~]+$",
}
"""Printable ASCII without the bar, which separates tenant and customer in keys."""

NAME: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 256}
"""An event's id or source; both are kept in rows."""

TIME: Final[Schema] = {
    "type": "string",
    "format": "date-time",
    "pattern": "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2}|2200)-.*([Zz]|[+-][0-9]{2}:[0-9]{2})$",
}
"""RFC 3339; the pattern says so to validators that take `format` for a remark."""

CURRENCY: Final = "CurrencyCode"
"""Name of the one definition that every `currency` refers to."""

PATTERNS: Final = {
    "date": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    "date-time": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?"
    "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
}
"""Format to a pattern that says the same, for the same validators."""

ALWAYS_REQUIRED: Final = ("id", "type", "occurred_at")
"""Attributes without which no event is readable; a customer's also needs `customer_token`."""

RECORDS: Final = {
    "journal": JournalEnvelope,
    "progress": Progress,
    "trigger": Trigger,
    "decision": Decision,
    "cancellation": TriggerCancelled,
    "exposure": ExposureOpened,
    "outcome": OutcomeRecorded,
    "grant": OfferGrantRequested,
    "effect": EffectReported,
    "funnel": FunnelReported,
    "guardrail": GuardrailReported,
    "told": ModelTold,
    "settled": ExposureSettled,
    "followed": ExposureFollowed,
    "objected": ExposureObjected,
    "moved": CardMoved,
    "observed": CustomerObserved,
}
"""Name of what we write ourselves to its shape."""


def definitions(template: str = "#/$defs/{name}") -> dict[str, Schema]:
    """Return every shape that is ever JSON by its name; references follow `template`."""
    shapes = [route.shape for route in ROUTES] + list(RECORDS.values()) + [Campaign]
    _, found = msgspec.json.schema_components(shapes, ref_template=template)
    for name, schema in found.items():
        _describe(name, schema)
    said = {name: _said_plainly(schema, template) for name, schema in found.items()}
    said[CURRENCY] = {
        "title": CURRENCY,
        "description": "A currency in which cards are billed: ISO 4217, alphabetic.",
        "enum": sorted(get_args(Currency)),
    }
    return dict(sorted(said.items()))


def own_schema(route: Route, shapes: Mapping[str, Schema]) -> Schema:
    """Return the schema of an event's own fields: the data of a CloudEvent."""
    schema = dict(shapes[route.shape.__name__])
    properties = dict(schema.get("properties", {}))
    del properties["event_type"]
    required = [name for name in schema["required"] if name != "event_type"]
    return schema | {"title": route.event_type, "properties": properties, "required": required}


def attribute_schemas(route: Route) -> dict[str, Schema]:
    """Return the attributes that an event has in its plain form, each with its schema."""
    attributes: dict[str, Schema] = {
        "id": NAME,
        "type": {"enum": [route.event_type, f"{route.event_type}.v1"]},
        "occurred_at": TIME,
        "customer_token": CUSTOMER_TOKEN if route.concerns == "customer" else {"type": "string"},
        "tenant": {"type": "string"},
    }
    return {
        name: schema | {"description": meaning("Event", name)}
        for name, schema in attributes.items()
    }


def plain_schema(route: Route, shapes: Mapping[str, Schema]) -> Schema:
    """Return the schema of the plain form: attributes and own fields side by side."""
    own = own_schema(route, shapes)
    whose = ("customer_token",) if route.concerns == "customer" else ()
    return own | {
        "properties": attribute_schemas(route) | own["properties"],
        "required": [*ALWAYS_REQUIRED, *whose, *own["required"]],
        "additionalProperties": True,
    }


def event_document(route: Route, shapes: Mapping[str, Schema]) -> Schema:
    """Return the JSON Schema document of an event's plain form, complete in itself."""
    name = route.event_type
    return _document(name, plain_schema(route, shapes), shapes, plain(name))


def record_document(name: str, shapes: Mapping[str, Schema]) -> Schema:
    """Return the JSON Schema document of one of `RECORDS`, complete in itself."""
    examples: dict[str, list[msgspec.Struct]] = {
        "journal": [
            journaled("card.issued"),
            journaled_tick(),
            journaled_snapshot(),
            journaled_tripped(),
            journaled_choice(),
            journaled_segments(),
        ],
        "progress": [PROGRESS],
        "trigger": [TRIGGER],
        "decision": [DECISION],
        "cancellation": [CANCELLED],
        "exposure": [EXPOSURE],
        "outcome": [OUTCOME],
        "grant": [GRANT],
        "effect": [EFFECT_REPORT],
        "funnel": [FUNNEL_REPORT],
        "guardrail": [GUARDRAIL_REPORT],
        "told": [TOLD],
        "settled": [SETTLED],
        "followed": [FOLLOWED],
        "objected": [OBJECTED],
        "moved": [MOVED],
        "observed": [OBSERVED],
    }
    shown = [msgspec.to_builtins(example) for example in examples[name]]
    return _document(name, shapes[RECORDS[name].__name__], shapes, *shown)


def _document(name: str, schema: Schema, shapes: Mapping[str, Schema], *examples: Any) -> Schema:  # noqa: ANN401 (any JSON value)
    """Return `schema` with a dialect, an identity, examples, and the definitions it refers to."""
    head = {"$schema": DIALECT, "$id": f"urn:cardcue:schema:{name}:v1", "examples": list(examples)}
    needed = {each: shapes[each] for each in sorted(_reachable(schema, shapes))}
    return head | schema | ({"$defs": needed} if needed else {})


def _reachable(schema: Any, shapes: Mapping[str, Schema]) -> set[str]:  # noqa: ANN401
    """Return the names of the definitions that a schema refers to, directly or not."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        new = set(_references(waiting.pop())) - found
        found |= new
        waiting += [shapes[name] for name in new]
    return found


def _references(node: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield the name in every `$ref` below a node."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _references(each)


def _describe(name: str, schema: Schema) -> None:
    """Give each field of a shape its meaning; a campaign's shapes explain themselves in prose."""
    if "description" in schema:
        schema["description"] = schema["description"].replace("\n\n", "\f")
        schema["description"] = schema["description"].replace("\n", " ").replace("\f", "\n\n")
    for field, kept in schema.get("properties", {}).items():
        if schema.get("additionalProperties") is not False:
            kept["description"] = meaning(name, field)


def _said_plainly(node: Any, template: str) -> Any:  # noqa: ANN401 (any part of a JSON Schema)
    """
    Return a schema that people and older validators read as well.

    Without OpenAPI's keyword `discriminator`, which neither dialect of ours knows; formats said
    as patterns too; choices among words in one list; the currencies listed once, elsewhere.
    """
    if isinstance(node, list):
        return [_said_plainly(each, template) for each in node]
    if not isinstance(node, dict):
        return node
    said = {k: _said_plainly(v, template) for k, v in node.items() if k != "discriminator"}
    choices = said.get("anyOf")
    if choices and all(set(choice) == {"enum"} for choice in choices):
        said["enum"] = sorted(word for choice in said.pop("anyOf") for word in choice["enum"])
    if said.get("enum") == sorted(get_args(Currency)):
        del said["enum"]
        said["$ref"] = template.format(name=CURRENCY)
    if said.get("format") in PATTERNS:
        said["pattern"] = PATTERNS[said["format"]]
    return said
