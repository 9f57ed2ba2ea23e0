"""
Print `docs/events.md`: a table for every event, from structs, docstrings and meanings.

Everything on that page is said somewhere else first, so it can be written anew at any time.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from msgspec import Struct, to_builtins

from schemas import forms
from schemas.examples import DECISION, PROGRESS, TICK, TRIGGER
from schemas.jsonschema import (
    ALWAYS_REQUIRED,
    Schema,
    attribute_schemas,
    definitions,
    own_schema,
)
from schemas.meanings import unit
from schemas.routing import (
    DECISIONS_TOPIC,
    JOURNAL_TOPIC,
    PROGRESS_TOPIC,
    ROUTES,
    TRIGGER_TOPICS,
    Route,
)


HEAD: Final = """\
# Events: what comes in and what goes out

Written by `make docs` from `schemas/`; a test holds it true. Edit the structs, not this page.
The same contract for machines: `docs/asyncapi.json` and `docs/schemas/`.

## Writing an event

Three forms are accepted on every source topic, and they may be mixed. Unknown fields are ignored.

*Plain*: one flat JSON object, attributes and the event's own fields side by side. Its source is
the topic.

```json
{plain}
```

*Binary CloudEvents 1.0*: attributes in Kafka headers, the event's own fields as the value.

```text
{headers}
```

```json
{own}
```

*Structured CloudEvents 1.0*: one JSON object, `content-type: application/cloudevents+json`.

```json
{structured}
```

The Kafka key of a source topic is the producer's own affair: everything about one customer is
re-keyed to `tenant|customer_token` on its way into the journal. `tenant` is needed where the
settings bind the topic to no single tenant. What cannot be read goes to
`card.events.rejected.v1` with a reason and its original bytes.

## Attributes of every event

{attributes}

As a CloudEvent these are `id`, `type`, `time`, `subject` and `tenantid`, and `source` names who
gave the event its id. An event about a tenant or a partition needs no `customer_token`.
Numbers are JSON integers: `1.0` is refused where an integer is asked for.
"""

_EMPTY: Final = '""'
TABLE: Final = "| Field | Type | Unit | Meaning |\n|---|---|---|---|"

CUSTOMER_KEY: Final = "`tenant|customer_token`"
TRIGGERS: Final = ", ".join(f"`{topic}`" for topic in TRIGGER_TOPICS.values())


def events_page() -> str:
    """Return the whole page as Markdown."""
    shapes = definitions("{name}")
    parts = [_head(ROUTES[0]), "## Events that come in\n"]
    parts += [_event(route, own_schema(route, shapes)) for route in ROUTES]
    parts += ["## Records that go out\n"]
    parts += [_record(*each, shapes[each[0]]) for each in _outgoing()]
    return "\n".join(parts)


def _outgoing() -> tuple[tuple[str, str, str, Struct], ...]:
    """Return shape, topic, key and example of what we write, gateways' concern first."""
    return (
        ("Trigger", TRIGGERS, CUSTOMER_KEY, TRIGGER),
        ("Decision", f"`{DECISIONS_TOPIC}`", CUSTOMER_KEY, DECISION),
        ("JournalEnvelope", f"`{JOURNAL_TOPIC}`", CUSTOMER_KEY, forms.journaled("card.issued")),
        ("Tick", f"`record` of `{JOURNAL_TOPIC}`, in every partition", "`tenant|`", TICK),
        ("Progress", f"`{PROGRESS_TOPIC}`", "the task's number", PROGRESS),
    )


def _head(route: Route) -> str:
    """Return what all events have in common, shown by one of them."""
    name = route.event_type
    attributes = attribute_schemas(route)
    any_type = {"type": "string", "description": attributes["type"]["description"]}
    attributes_table = _table(
        attributes | {"type": any_type}, required=[*ALWAYS_REQUIRED, "customer_token"]
    )
    return HEAD.format(
        plain=_json(forms.plain(name)),
        headers="\n".join(f"{key}: {value}" for key, value in forms.binary_headers(name).items()),
        own=_json(forms.own_fields(name)),
        structured=_json(forms.structured(name)),
        attributes=attributes_table,
    )


def _event(route: Route, schema: Schema) -> str:
    """Return the section of one event: its own fields, then the whole of it in plain form."""
    topics = forms.carried_by(route.event_type)
    topic = f"`{topics[0]}`" if len(topics) == 1 else "every source topic"
    facts = f"Topic: {topic}. Key: any. Concerns: one {route.concerns}."
    return _section(route.event_type, facts, schema, _json(forms.plain(route.event_type)))


def _record(name: str, topic: str, key: str, example: Struct, schema: Schema) -> str:
    """Return the section of one record that we write, which always has all its fields."""
    written = schema | {"required": list(schema["properties"])}
    return _section(name, f"Topic: {topic}. Key: {key}.", written, _json(to_builtins(example)))


def _section(title: str, facts: str, schema: Schema, example: str) -> str:
    """Return a section: what it means, where it travels, its fields, an example."""
    fields = schema["properties"]
    table = _table(fields, schema["required"]) if fields else "No fields of its own."
    return (
        f"### {title}\n\n{schema['description']}\n\n{facts}\n\n{table}\n\n```json\n{example}\n```\n"
    )


def _table(fields: Mapping[str, Schema], required: Sequence[str]) -> str:
    """Return a table with a row for every field, in the order in which it is declared."""
    rows = [TABLE]
    for name, field in fields.items():
        need = "" if name in required else _optional(field)
        cells = (f"`{name}`", type_text(field) + need, unit(name), field["description"])
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _optional(field: Schema) -> str:
    """Return that a field may be left out, and what it then is."""
    default = field.get("default", "")
    return f"; optional, else `{_json(default)}`" if default != "" else "; optional"


def type_text(schema: Schema) -> str:
    """
    Return a JSON Schema as a reader's words.

    >>> type_text({"type": "integer", "minimum": 0, "maximum": 100})
    'integer, 0 to 100'
    >>> type_text({"type": "array", "items": {"type": "string", "maxLength": 3, "minLength": 3}})
    'list of: text of 3'
    """
    if "$ref" in schema:
        return f"`{schema['$ref']}`"
    if "anyOf" in schema:
        return _choices([type_text(each) for each in schema["anyOf"]])
    if "enum" in schema:
        return _choices([f"`{value or _EMPTY}`" for value in schema["enum"]])
    by_type = {
        "string": _text_type,
        "integer": _integer_type,
        "array": _array_type,
        "object": _map_type,
    }
    described = by_type.get(schema["type"])
    return described(schema) if described else str(schema["type"])


def _choices(texts: list[str]) -> str:
    """Return alternatives as an enumeration."""
    return ", ".join(texts[:-1]) + f" or {texts[-1]}" if texts[1:] else texts[0]


def _text_type(schema: Schema) -> str:
    """Return a string with its length in characters."""
    if "format" in schema:
        return "text"
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" in schema:
        least, most = 1, 128
    if most is None:
        return "text, not empty" if least else "text"
    return f"text of {most}" if least == most else f"text of {least} to {most}"


def _integer_type(schema: Schema) -> str:
    """Return an integer with its bounds, both inclusive."""
    if "maximum" in schema:
        return f"integer, {schema['minimum']} to {schema['maximum']}"
    return "integer"


def _array_type(schema: Schema) -> str:
    """Return a list with what is in it."""
    return f"list of: {type_text(schema['items'])}"


def _map_type(schema: Schema) -> str:
    """Return an object whose names are values themselves."""
    return f"object of: {type_text(schema['additionalProperties'])}"


def _json(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Return JSON on one line, in the order of declaration."""
    return orjson.dumps(value).decode()
