"""
Decode what comes from outside into declared shapes, and refuse without quoting it.

Every shape has a decoder made once; attributes and own fields of a flat event are two decodes of
the same bytes, which is quicker than one into a dict. A refusal names the place and the declared
type, never a value: an error text may end in a log, and payloads are customers' affairs.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import DecodeError, Raw, Struct, ValidationError

from schemas.events import AnyEvent, EventData
from schemas.rawjson import last_members, parsed
from schemas.rejects import RejectedError
from schemas.routing import ROUTES


Shape = TypeVar("Shape")
Decode = Callable[[bytes | Raw], Shape]

TAG: Final = "event_type"
"""Names a shape in the journal; from outside it is a field as any other, and not declared."""

BITS_64: Final = range(-(2**63), 2**64)
"""What a row can hold: msgpack has signed and unsigned numbers of 64 bits."""

_PATH: Final = re.compile(r" - at `(\$[^`]*)`$")
_EXPECTED: Final = re.compile(r"Expected `([^`]+)`(?:, got `([a-z]+)`)?")
_STEP: Final = re.compile(r"\.(\w+)|\[([0-9]+)\]")
_WHOLE: Final = "int"
_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")
_NOT_IN_LIST: Final = "Invalid enum value"
_OUR_WORDS: Final = "wanted "
"""How the message of a shape's own check begins; msgspec's never do."""


class EventKind(Struct, frozen=True):
    """An event type with its route (`schemas.routing.Route`) and the decoder of its own fields."""

    event_type: str
    topic: str
    concerns: Literal["customer", "tenant", "partition"]
    shape: type[EventData]
    decode: Decode[AnyEvent]


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


def read_attributes(decode: Decode[Shape], value: bytes) -> Shape:
    """
    Return the attributes of an event, in the shape that `decode` gives them.

    Raises:
        RejectedError: NOT_JSON or SCHEMA.

    """
    try:
        return decode(value)
    except DecodeError:
        pass
    try:
        return decode(last_members(value))
    except ValidationError as error:
        raise RejectedError("SCHEMA", _wanted(str(error))) from None


def own_fields(kind: EventKind, value: bytes | Raw) -> AnyEvent:
    """
    Return the event's own fields, typed; fields that are not declared are skipped.

    Raises:
        RejectedError: NOT_JSON, SCHEMA, BAD_NUMBER, BAD_AMOUNT or CURRENCY.

    """
    try:
        return kind.decode(value)
    except DecodeError:
        plain = parsed(value)
    if isinstance(plain, dict):
        plain.pop(TAG, None)
    try:
        return msgspec.convert(plain, kind.shape)  # type: ignore[return-value]  # one of AnyEvent
    except ValidationError as error:
        raise _refusal(str(error), plain) from None


def _refusal(found: str, plain: Any) -> RejectedError:  # noqa: ANN401 (any JSON)
    """Return what is wrong with own fields, by what the decoder found first."""
    path = _path(found)
    expected = _EXPECTED.match(found)
    if expected and _WHOLE in expected[1].split(" | "):
        out_of_bounds = expected[2] is None
        if expected[2] == "float" or (out_of_bounds and _at(plain, path) not in BITS_64):
            wanted = f"wanted a whole number of 64 bits at {path}, found another"
            return RejectedError("BAD_NUMBER", wanted)
        if out_of_bounds and path.endswith("_minor"):
            return RejectedError("BAD_AMOUNT", _wanted(found))
    if path.endswith(".currency") and found.startswith(_NOT_IN_LIST):
        return RejectedError("CURRENCY", f"wanted a code of ISO 4217 at {path}, found another")
    return RejectedError("SCHEMA", _wanted(found))


def _at(plain: Any, path: str) -> Any:  # noqa: ANN401 (any JSON)
    """Return what stands at a path of declared names and of places in lists."""
    for name, place in _STEP.findall(path):
        plain = plain[name] if name else plain[int(place)]
    return plain


def _path(found: str) -> str:
    found_at = _PATH.search(found)
    return found_at[1] if found_at else "$"


def _wanted(found: str) -> str:
    """Return place and declared type of what the decoder found, and nothing of the record."""
    if found.startswith(_OUR_WORDS):
        return found
    path = _path(found)
    if missing := _MISSING.match(found):
        return f"wanted {path}.{missing[1]}, found none"
    if expected := _EXPECTED.match(found):
        return f"wanted {expected[1]} at {path}, found {expected[2] or 'one out of bounds'}"
    return f"wanted a declared value at {path}, found another"
