"""
Decode what comes from outside into declared shapes, and refuse without quoting it.

Every shape has a decoder made once; attributes and own fields of a flat event are two decodes of
the same bytes, which is quicker than one into a dict. A refusal names the place and the declared
type, never a value: an error text may end in a log, and payloads are customers' affairs.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Literal

import msgspec
from msgspec import DecodeError, Raw, Struct, ValidationError

from schemas.events import AnyEvent, EventData
from schemas.rejects import RejectedError
from schemas.routing import ROUTES


UNREADABLE: Final = (DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder may raise on bytes from outside; nesting without end is a RecursionError."""

_PATH: Final = re.compile(r" - at `(\$[^`]*)`$")
_EXPECTED: Final = re.compile(r"Expected `([^`]+)`(?:, got `([a-z]+)`)?")
_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")


class EventKind(Struct, frozen=True):
    """An event type with its route (`schemas.routing.Route`) and the decoder of its own fields."""

    event_type: str
    topic: str
    concerns: Literal["customer", "tenant", "partition"]
    shape: type[EventData]
    decode: Callable[[bytes | Raw], AnyEvent]


@cache
def event_kinds() -> Mapping[str, EventKind]:
    """Return every event type under both its names, `card.issued` and `card.issued.v1`."""
    kinds: dict[str, EventKind] = {}
    for route in ROUTES:
        decode = msgspec.json.Decoder(route.shape).decode
        # each shape of the table is one of AnyEvent
        kind = EventKind(route.event_type, route.topic, route.concerns, route.shape, decode)  # type: ignore[arg-type]
        kinds[route.event_type] = kinds[f"{route.event_type}.v1"] = kind
    return kinds


def unreadable(value: bytes, error: Exception) -> RejectedError:
    """
    Return the refusal of a value that a decoder stopped at.

    Raises:
        RejectedError: NOT_JSON, where it is no JSON at all, wherever the decoder stopped.

    """
    _parsed(value)
    return _schema(error)


def own_fields(kind: EventKind, value: bytes | Raw) -> AnyEvent:
    """
    Return the event's own fields, typed; fields that are not declared are skipped.

    Raises:
        RejectedError: NOT_JSON or SCHEMA.

    """
    try:
        return kind.decode(value)
    except UNREADABLE as error:
        return _second_look(kind, value, error)


def _second_look(kind: EventKind, value: bytes | Raw, error: Exception) -> AnyEvent:
    """
    Tell no JSON from the wrong JSON, and let a field named as our tag be a field as any other.

    Raises:
        RejectedError: NOT_JSON or SCHEMA.

    """
    parsed = _parsed(value)
    if isinstance(parsed, dict) and "event_type" in parsed:
        del parsed["event_type"]
        try:
            return msgspec.convert(parsed, kind.shape)  # type: ignore[return-value]
        except ValidationError as still:
            error = still
    raise _schema(error)


def _parsed(value: bytes | Raw) -> Any:  # noqa: ANN401 (any JSON)
    """Return plain JSON, or refuse it as NOT_JSON."""
    try:
        return msgspec.json.decode(value)
    except RecursionError:
        raise RejectedError("NOT_JSON", "wanted JSON, found endless nesting") from None
    except UNREADABLE:
        raise RejectedError("NOT_JSON", "wanted JSON, found other bytes") from None


def _schema(error: Exception) -> RejectedError:
    """Return the refusal that names place and declared type, and nothing that was in the record."""
    text = str(error)
    found_at = _PATH.search(text)
    path = found_at[1] if found_at else "$"
    if missing := _MISSING.match(text):
        return RejectedError("SCHEMA", f"wanted {path}.{missing[1]}, found none")
    if expected := _EXPECTED.match(text):
        found = expected[2] or "one out of bounds"
        return RejectedError("SCHEMA", f"wanted {expected[1]} at {path}, found {found}")
    return RejectedError("SCHEMA", f"wanted a declared value at {path}, found another")
