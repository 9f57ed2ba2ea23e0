"""
Print `docs/events.md`: a table for every event, from structs, docstrings and meanings.

Everything on that page is said somewhere else first, so it can be written anew at any time.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from msgspec import Struct, to_builtins

from schemas import forms
from schemas.examples import (
    CANCELLED,
    DECISION,
    EXPOSURE,
    GRANT,
    MOVED,
    OUTCOME,
    PROGRESS,
    SNAPSHOT,
    TICK,
    TOLD,
    TRIGGER,
)
from schemas.examples_insight import EFFECT_REPORT, FUNNEL_REPORT, GUARDRAIL_REPORT
from schemas.examples_learnt import CHOSEN, OBSERVED, SEGMENTS
from schemas.examples_outcomes import FOLLOWED, OBJECTED, SETTLED, TRIPPED
from schemas.jsonschema import (
    ALWAYS_REQUIRED,
    CURRENCY,
    Schema,
    attribute_schemas,
    definitions,
    own_schema,
)
from schemas.meanings import unit
from schemas.routing import (
    DECISIONS_TOPIC,
    INSIGHT_TOPIC,
    JOURNAL_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    PROGRESS_TOPIC,
    ROUTES,
    TRIGGER_TOPICS,
    Route,
)
from schemas.topic_meanings import TOPICS
from schemas.typetext import anchor, type_text


HEAD: Final = """\
# Events: what comes in and what goes out

Written by `make docs` from `schemas/`; a test holds it true. Edit the structs, not this page.
The same contract for machines: `docs/asyncapi.json` and `docs/schemas/`.

## Contents

{contents}

Beside these: [how an event is written](#writing-an-event), the
[attributes of every event](#attributes-of-every-event), the
[records that go out](#records-that-go-out), and [shapes within shapes](#shapes-within-shapes).
The examples tell one customer's story, from the application for a card to the last request.

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
`card.events.rejected.v1` with a reason and its original bytes; of what carried a card number or
an identity number, only a digest goes there.

## Attributes of every event

{attributes}

As a CloudEvent these are `id`, `type`, `time`, `subject` and `tenantid`, and `source` names who
gave the event its id. An event about a tenant or a partition needs no `customer_token`.
Numbers are JSON integers: `1.0` is refused where an integer is asked for. Texts are printable: a
control character is refused. An optional field may be left out; `null` is refused where the
table does not name it.
"""

TABLE: Final = "| Field | Type | Unit | Meaning |\n|---|---|---|---|"

CUSTOMER_KEY: Final = "`tenant|customer_token`"
MODEL_KEY: Final = "`tenant|model_id`, without a model `tenant|campaign_id`"
REPORTS: Final = f"`{INSIGHT_TOPIC}`"
IN_JOURNAL: Final = f"`record` of `{JOURNAL_TOPIC}`, in every partition"
TRIGGERS: Final = ", ".join(f"`{topic}`" for topic in TRIGGER_TOPICS.values())


ANYWHERE: Final = "Every source topic"
"""Heading of what no single topic carries."""

PARTS: Final = (
    "ProfileAttributes",
    "SigningKey",
    "Signature",
    "Campaign",
    "Calendar",
    "ContactPolicy",
    "Template",
    "Offer",
    "Model",
    "Head",
    "Guardrails",
    "SourceCoordinates",
    "Cause",
    "Considered",
    "GateReading",
    "CapReading",
    "VersionReport",
    "ArmReport",
    "SeriesReport",
    CURRENCY,
)
"""Shapes that only stand in others, in the order of the page."""


WHOLE: Final = {
    "Campaign": "policy.published",
    "Calendar": "calendar.published",
    "ContactPolicy": "contact_policy.published",
    "Template": "template.approved",
    "Offer": "offer.defined",
    "Model": "model.defined",
    "Guardrails": "policy.published",
}
"""Shapes that explain themselves in prose, and the event whose schema has all of each."""


def events_page() -> str:
    """Return the whole page as Markdown."""
    shapes = definitions("{name}")
    parts = [_head(ROUTES[0])]
    for topic, routes in _by_topic().items():
        parts += [f"## {topic}\n\n{TOPICS.get(topic, 'What any of them may carry')}.\n"]
        parts += [_event(route, own_schema(route, shapes)) for route in routes]
    parts += ["## Records that go out\n"]
    parts += [_record(*each, shapes[each[0]]) for each in _outgoing()]
    parts += ["## Shapes within shapes\n"]
    parts += [_part(name, shapes[name]) for name in PARTS]
    return "\n".join(parts)


def _by_topic() -> dict[str, list[Route]]:
    """Return the routes under their topics, both in the order of the route table."""
    found: dict[str, list[Route]] = {}
    for route in ROUTES:
        found.setdefault(ANYWHERE if route.topic == "*" else route.topic, []).append(route)
    return found


def _contents() -> Iterator[str]:
    """Yield a table of topics, each with its events."""
    yield "| Topic | Carries | Events |\n|---|---|---|"
    for topic, routes in _by_topic().items():
        links = ", ".join(_link(route.event_type) for route in routes)
        yield f"| {_link(topic)} | {TOPICS.get(topic, 'The end of a history')} | {links} |"


def _link(heading: str) -> str:
    """Return a link to a heading of the page."""
    return f"[{heading}](#{anchor(heading)})"


def _outgoing() -> tuple[tuple[str, str, str, Struct], ...]:
    """Return shape, topic, key and example of what we write, gateways' concern first."""
    return (
        ("Trigger", TRIGGERS, CUSTOMER_KEY, TRIGGER),
        ("TriggerCancelled", TRIGGERS, CUSTOMER_KEY, CANCELLED),
        ("OfferGrantRequested", f"`{OFFERS_TOPIC}`", CUSTOMER_KEY, GRANT),
        ("Decision", f"`{DECISIONS_TOPIC}`", CUSTOMER_KEY, DECISION),
        ("ExposureOpened", f"`{OUTCOMES_TOPIC}`", MODEL_KEY, EXPOSURE),
        ("OutcomeRecorded", f"`{OUTCOMES_TOPIC}`", MODEL_KEY, OUTCOME),
        ("ExposureSettled", f"`{OUTCOMES_TOPIC}`", MODEL_KEY, SETTLED),
        ("ExposureFollowed", f"`{OUTCOMES_TOPIC}`", MODEL_KEY, FOLLOWED),
        ("ExposureObjected", f"`{OUTCOMES_TOPIC}`", MODEL_KEY, OBJECTED),
        ("ModelTold", f"`{OUTCOMES_TOPIC}`", "`tenant|model_id`", TOLD),
        ("CardMoved", f"`{OUTCOMES_TOPIC}`", CUSTOMER_KEY, MOVED),
        ("CustomerObserved", f"`{OUTCOMES_TOPIC}`", "`tenant|`", OBSERVED),
        ("EffectReported", REPORTS, "`tenant|campaign_id|p|effect`", EFFECT_REPORT),
        ("FunnelReported", REPORTS, "`tenant||p|funnel`", FUNNEL_REPORT),
        ("GuardrailReported", REPORTS, "`tenant|campaign_id|p|version|kind`", GUARDRAIL_REPORT),
        ("JournalEnvelope", f"`{JOURNAL_TOPIC}`", CUSTOMER_KEY, forms.journaled("card.issued")),
        ("Tick", IN_JOURNAL, "`tenant|`", TICK),
        ("ModelPublished", IN_JOURNAL, "`tenant|`", SNAPSHOT),
        ("GuardrailTripped", IN_JOURNAL, "`tenant|`", TRIPPED),
        ("ChoicePublished", IN_JOURNAL, "`tenant|`", CHOSEN),
        ("SegmentsPublished", IN_JOURNAL, "`tenant|`", SEGMENTS),
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
        contents="\n".join(_contents()),
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


def _part(name: str, schema: Schema) -> str:
    """Return the section of a shape that only stands in others."""
    if "enum" in schema:
        shown = ", ".join(f"`{word}`" for word in schema["enum"])
    elif "prefixItems" in schema:
        shown = ", ".join(type_text(each) for each in schema["prefixItems"])
        shown = f"A list: {shown}."
    elif schema.get("additionalProperties") is False:
        whole = f"schemas/{WHOLE[name]}.json"
        shown = f"All of it: [{whole}]({whole})."
    else:
        shown = _table(schema["properties"], schema["required"])
    return f"### {name}\n\n{schema['description']}\n\n{shown}\n"


def _table(fields: Mapping[str, Schema], required: Sequence[str]) -> str:
    """Return a table with a row for every field, in the order in which it is declared."""
    rows = [TABLE]
    for name, field in fields.items():
        need = "" if name in required else _optional(field)
        cells = (f"`{name}`", type_text(field) + need, unit(name), field["description"])
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _optional(field: Schema) -> str:
    """Return that a field may be left out, and what it then is where that is not nothing."""
    default = field.get("default")
    shown = isinstance(default, bool) or (default and not isinstance(default, dict))
    return f"; optional, else `{_json(default)}`" if shown else "; optional"


def _json(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    """Return JSON on one line, in the order of declaration."""
    return orjson.dumps(value).decode()
