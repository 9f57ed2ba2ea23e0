"""
Collect every document that is derived from the structs: path in the repository -> its bytes.

The bytes never vary, so a file that differs was edited by hand or is out of date.
"""

from typing import Any

import orjson

from schemas.asyncapi import asyncapi_document
from schemas.eventpage import events_page
from schemas.jsonschema import RECORDS, definitions, event_document, record_document
from schemas.routing import ROUTES


def documents() -> dict[str, bytes]:
    """Return every derived document by its path relative to the repository's root."""
    shapes = definitions()
    schemas = {route.event_type: event_document(route, shapes) for route in ROUTES}
    schemas |= {name: record_document(name, shapes) for name in RECORDS}
    return {
        "docs/asyncapi.json": _printed(asyncapi_document()),
        "docs/events.md": events_page().encode(),
        **{f"docs/schemas/{name}.json": _printed(schema) for name, schema in schemas.items()},
    }


def _printed(document: dict[str, Any]) -> bytes:
    """Return JSON for people and for `git diff`: indented, names sorted, a newline at the end."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options)
