"""
Describe every message of the AsyncAPI document: headers, payload, Kafka key and examples.

A source event has three messages, one a form: plain, binary and structured CloudEvents 1.0.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from msgspec import Struct, to_builtins

from schemas import forms
from schemas.examples import (
    CAMPAIGN,
    CANCELLED,
    CUSTOMER,
    DECISION,
    EXPOSURE,
    GRANT,
    MOVED,
    OUTCOME,
    PROGRESS,
    TENANT,
    TOLD,
    TRIGGER,
)
from schemas.examples_insight import (
    EFFECT_REPORT,
    FUNNEL_REPORT,
    GUARDRAIL_REPORT,
    PARTITION,
)
from schemas.examples_learnt import OBSERVED
from schemas.examples_outcomes import FOLLOWED, OBJECTED, SETTLED
from schemas.jsonschema import (
    CUSTOMER_TOKEN,
    NAME,
    RECORDS,
    TIME,
    Schema,
    definitions,
    own_schema,
    plain_schema,
)
from schemas.rejects import (
    HEADER_EXCEPTION,
    HEADER_MESSAGE,
    HEADER_OFFSET,
    HEADER_ORIGINAL_BYTES,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_TENANT,
    HEADER_TOPIC,
    HEADER_VALUE_SHA256,
    RejectReason,
)
from schemas.routing import ROUTES, Route


BINDING_VERSION: Final = "0.5.0"
FORMS: Final = ("plain", "binary", "structured")

TEXT: Final = {"type": "string"}
CUT: Final = "Length of the original, decimal, where it was too long to be kept whole"
DIGEST: Final = "SHA-256 of the original value, hexadecimal, where it carried personal data"
SOURCE_KEY: Final = TEXT | {"description": "As the producer likes; we key anew what we read"}
CUSTOMER_KEY: Final = TEXT | {
    "description": "`tenant|customer_token`: one customer, one partition, in order",
    "examples": [f"{TENANT}|{CUSTOMER}"],
}
MODEL_KEY: Final = TEXT | {
    "description": "`tenant|model_id`, or `tenant|campaign_id` where no model scored: one order",
    "examples": [f"{TENANT}|activation"],
}
INSIGHT_KEY: Final = TEXT | {
    "description": "`tenant|campaign_id|partition|` and what it is: the newest of each counts",
    "examples": [f"{TENANT}|{CAMPAIGN.id}|{PARTITION}|effect", f"{TENANT}||{PARTITION}|funnel"],
}
BANK_KEY: Final = TEXT | {
    "description": "`tenant|`: all of a bank in one order",
    "examples": [f"{TENANT}|"],
}
TASK_KEY: Final = TEXT | {"description": "Number of the ingest task", "examples": ["0"]}


def component_schemas() -> dict[str, Schema]:
    """Return every schema of the document by name, in AsyncAPI's dialect."""
    shapes = definitions("#/components/schemas/{name}")
    schemas = dict(shapes)
    for route in ROUTES:
        own = own_schema(route, shapes)
        schemas[f"{route.event_type}.plain"] = plain_schema(route, shapes)
        schemas[f"{route.event_type}.binary"] = own
        schemas[f"{route.event_type}.structured"] = _cloudevent(route)
    return {name: _as_draft_07(schema) for name, schema in schemas.items()}


def component_messages() -> dict[str, dict[str, Any]]:
    """Return every message of the document by name."""
    of_events = {
        f"{route.event_type}.{form}": _event_message(route, form)
        for route in ROUTES
        for form in FORMS
    }
    return of_events | {
        "trigger.requested": _record_message("trigger", CUSTOMER_KEY, TRIGGER),
        "trigger.cancelled": _record_message("cancellation", CUSTOMER_KEY, CANCELLED),
        "offer.grant_requested": _record_message("grant", CUSTOMER_KEY, GRANT),
        "effect.reported": _record_message("effect", INSIGHT_KEY, EFFECT_REPORT),
        "funnel.reported": _record_message("funnel", INSIGHT_KEY, FUNNEL_REPORT),
        "guardrail.tripped": _record_message("guardrail", INSIGHT_KEY, GUARDRAIL_REPORT),
        "decision.recorded": _record_message("decision", CUSTOMER_KEY, DECISION),
        "exposure.opened": _record_message("exposure", MODEL_KEY, EXPOSURE),
        "outcome.recorded": _record_message("outcome", MODEL_KEY, OUTCOME),
        "exposure.settled": _record_message("settled", MODEL_KEY, SETTLED),
        "exposure.followed": _record_message("followed", MODEL_KEY, FOLLOWED),
        "exposure.objected": _record_message("objected", MODEL_KEY, OBJECTED),
        "model.told": _record_message("told", MODEL_KEY, TOLD),
        "card.moved": _record_message("moved", CUSTOMER_KEY, MOVED),
        "customer.observed": _record_message("observed", BANK_KEY, OBSERVED),
        "progress.recorded": _record_message("progress", TASK_KEY, PROGRESS),
        "journal.recorded": _record_message(
            "journal",
            CUSTOMER_KEY,
            forms.journaled("card.issued"),
            forms.journaled_tick(),
            forms.journaled_snapshot(),
            forms.journaled_tripped(),
            forms.journaled_choice(),
            forms.journaled_segments(),
        ),
        "record.rejected": _rejected_message(),
    }


def _event_message(route: Route, form: str) -> dict[str, Any]:
    """Return the message of an event in one of `FORMS`."""
    name = route.event_type
    example: dict[str, Any] = {"name": f"{name}.{form}"}
    if form == "plain":
        example |= {"payload": forms.plain(name)}
    elif form == "binary":
        example |= {"headers": forms.binary_headers(name), "payload": forms.own_fields(name)}
    else:
        example |= {"payload": forms.structured(name)}
    message = {
        "title": f"{name}, {form}",
        "summary": (route.shape.__doc__ or "").strip().partition("\n")[0],
        "contentType": f"application/{'cloudevents+json' if form == 'structured' else 'json'}",
        "payload": {"$ref": f"#/components/schemas/{name}.{form}"},
        "examples": [example],
    }
    headers = {"headers": _binary_headers(route)} if form == "binary" else {}
    return _keyed(message | headers, SOURCE_KEY)


def _attributes(route: Route) -> dict[str, tuple[Schema, str]]:
    """Return the CloudEvents attributes we read, each with its schema and its meaning."""
    event_type = route.event_type
    whose = TEXT if route.concerns != "customer" else CUSTOMER_TOKEN
    return {
        "specversion": ({"enum": ["1.0"]}, "Version of CloudEvents"),
        "id": (NAME, "The event's own id"),
        "source": (NAME, "Who gave the event its id"),
        "type": ({"enum": [event_type, f"{event_type}.v1"]}, "What happened"),
        "time": (TIME, "When it happened"),
        "subject": (whose, "The customer token"),
        "tenantid": (TEXT, "The bank; needed where the topic is bound to no tenant"),
    }


def _attribute_schema(route: Route, prefix: str) -> Schema:
    """Return an object schema of the CloudEvents attributes, their names prefixed."""
    attributes = _attributes(route)
    optional = {"tenantid"} if route.concerns == "customer" else {"tenantid", "subject"}
    return {
        "type": "object",
        "properties": {
            prefix + name: schema | {"description": meaning}
            for name, (schema, meaning) in attributes.items()
        },
        "required": [prefix + name for name in attributes if name not in optional],
    }


def _binary_headers(route: Route) -> Schema:
    """Return the schema of a binary CloudEvent's Kafka headers."""
    schema = _attribute_schema(route, "ce_")
    schema["properties"]["content-type"] = TEXT | {"description": "application/json"}
    return schema


def _cloudevent(route: Route) -> Schema:
    """Return the schema of a structured CloudEvent."""
    schema = _attribute_schema(route, "")
    schema["properties"]["data"] = {"$ref": f"#/components/schemas/{route.event_type}.binary"}
    schema["required"].append("data")
    return schema | {"title": f"{route.event_type} as a CloudEvent"}


def _record_message(name: str, key: Schema, *examples: Struct) -> dict[str, Any]:
    """Return the message of a record that we write ourselves."""
    shape = RECORDS[name]
    message = {
        "title": name,
        "summary": (shape.__doc__ or "").strip().partition("\n")[0],
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{shape.__name__}"},
        "examples": [{"payload": to_builtins(example)} for example in examples],
    }
    return _keyed(message, key)


def _rejected_message() -> dict[str, Any]:
    """Return the message of a source record that we cannot read."""
    described: Mapping[str, tuple[Schema, str]] = {
        HEADER_EXCEPTION: (TEXT, "Always `RejectedError`"),
        HEADER_MESSAGE: (TEXT, "What was wanted and what was found; no customer data"),
        HEADER_TOPIC: (TEXT, "Topic of the original"),
        HEADER_PARTITION: (TEXT, "Partition of the original, decimal"),
        HEADER_OFFSET: (TEXT, "Offset of the original, decimal"),
        HEADER_REASON: ({"enum": list(get_args(RejectReason))}, "Why it was rejected"),
        HEADER_TENANT: (TEXT, "The bank; empty where it is not known"),
    }
    headers = {
        "type": "object",
        "properties": {
            name: schema | {"description": meaning} for name, (schema, meaning) in described.items()
        }
        | {
            HEADER_ORIGINAL_BYTES: TEXT | {"description": CUT},
            HEADER_VALUE_SHA256: TEXT | {"description": DIGEST},
        },
        "required": list(described),
    }
    example = {
        HEADER_EXCEPTION: "RejectedError",
        HEADER_MESSAGE: "event: wanted JSON, found something else",
        HEADER_TOPIC: "card.spend.v1",
        HEADER_PARTITION: "3",
        HEADER_OFFSET: "42",
        HEADER_REASON: "NOT_JSON",
        HEADER_TENANT: TENANT,
    }
    message = {
        "title": "record.rejected",
        "summary": "A source record with its original key, value and headers, and why.",
        "contentType": "application/octet-stream",
        "headers": headers,
        "payload": {"description": "The original bytes; none where they carried personal data"},
        "examples": [{"headers": example, "payload": "not JSON"}],
    }
    return _keyed(message, SOURCE_KEY | {"description": "The original key"})


def _keyed(message: dict[str, Any], key: Schema) -> dict[str, Any]:
    """Return a message with its Kafka binding."""
    return message | {"bindings": {"kafka": {"key": key, "bindingVersion": BINDING_VERSION}}}


def _as_draft_07(node: Any) -> Any:  # noqa: ANN401 (any part of a JSON Schema)
    """Return a 2020-12 schema in draft-07, where a tuple is a list under `items`."""
    if isinstance(node, dict):
        renamed = {"items" if key == "prefixItems" else key: each for key, each in node.items()}
        return {key: _as_draft_07(each) for key, each in renamed.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_as_draft_07(each) for each in node]
    return node
