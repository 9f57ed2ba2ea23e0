"""
Look at JSON once more that is about to be refused: is it JSON at all, and what is in it.

The decoders of shapes stop at the first fault, and at a repeated key as soon as one of its values
is ill-typed. Here nothing is typed: of a repeated key the last counts, and a number may be of any
size. Bounded by `schemas.legible`: nesting is known to be shallow.
"""

import re
from typing import Any, Final

import msgspec
from msgspec import DecodeError, Raw, ValidationError

from schemas.rejects import RejectedError


ENDLESS: Final = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"|(?<![0-9.eE+-])-?[0-9]{4000,}(?![0-9.eE])', re.DOTALL
)
"""A string, or a whole number with more digits than the interpreter turns into one (4,300)."""

_STAND_IN: Final = b"1e999"
"""For an endless number: infinite, so it is in no field's bounds, and no whole number either."""

_QUOTE: Final = b'"'
_decode: Final = msgspec.json.Decoder(float_hook=float).decode
_decode_members: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_check: Final = msgspec.json.Decoder(Raw).decode
_print: Final = msgspec.json.Encoder().encode


def last_members(value: bytes) -> bytes:
    """
    Return the same JSON object without what repeated keys of its own said before.

    Raises:
        RejectedError: NOT_JSON.
        ValidationError: JSON, but no object.

    """
    _require_json(value)
    return _print(_decode_members(value))


def parsed(value: bytes | Raw) -> Any:  # noqa: ANN401 (any JSON)
    """
    Return any JSON as plain data: whole numbers as they are, others as floats, maybe infinite.

    Raises:
        RejectedError: NOT_JSON.

    """
    _require_json(value)
    try:
        return _decode(value)
    except ValidationError:
        return _decode(ENDLESS.sub(_without_end, bytes(value)))


def _without_end(found: re.Match[bytes]) -> bytes:
    """Return a string as it is, and what stands for an endless number."""
    return found[0] if found[0].startswith(_QUOTE) else _STAND_IN


def _require_json(value: bytes | Raw) -> None:
    try:
        _check(value)
    except DecodeError:
        raise RejectedError("NOT_JSON", "wanted JSON, found other bytes") from None
