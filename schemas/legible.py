"""
See to it that a value can be read at bounded cost, and that its texts can be shown.

Nesting is counted before anything is parsed, so that the bound is ours and not the interpreter's
stack. Texts are looked at only where they can have a fault: JSON has control characters behind a
backslash only, all others but DEL lie outside ASCII.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any, Final

from schemas.codec import to_builtins
from schemas.personal import DIGITS_MIN
from schemas.rejects import RejectedError


ASCII_MAX: Final = 127

DEPTH_MAX: Final = 64
"""How deep arrays and objects may nest; our own shapes need five."""

CLASSES: Final = bytes(
    ord("0")
    if byte in b"0123456789 -"
    else ord("[")
    if byte in b"[{"
    else ord("?")
    if byte in b"\\\x7f" or byte > ASCII_MAX
    else ord(".")
    for byte in range(256)
)
"""What each byte of a value can be part of, by which one translation answers three questions."""

MANY_DIGITS: Final = b"0" * DIGITS_MIN
"""Of classes: digits, blanks and hyphens enough for the number of a card or a person."""

OPENING: Final = b"["
"""Of classes: an array or an object begins, or a string has such a character."""

ODD: Final = ord("?")
"""Of classes: a backslash, DEL, or part of a character beyond ASCII, any of which may hide."""

_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""From one quote to the next that no backslash precedes, or to the end."""

_BRACKETS: Final = b"[]{}"
_OTHERS: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_STEPS: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def require_utf8(value: bytes) -> None:
    """
    Refuse bytes that are no text: a decoder does not look into fields that it skips.

    Raises:
        RejectedError: NOT_JSON.

    """
    try:
        value.decode()
    except UnicodeDecodeError:
        raise RejectedError("NOT_JSON", "wanted JSON in UTF-8, found other bytes") from None


def require_shallow(value: bytes) -> None:
    """
    Refuse what nests deeper than `DEPTH_MAX`, outside of strings, whether it is JSON or not.

    Raises:
        RejectedError: TOO_DEEP.

    """
    brackets = _STRING.sub(b"", value).translate(None, _OTHERS)
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > DEPTH_MAX:
        wanted = f"wanted JSON nested up to {DEPTH_MAX} deep, found deeper nesting"
        raise RejectedError("TOO_DEEP", wanted)


def require_printable(attributes: Iterable[str | None]) -> None:
    """
    Refuse an attribute with a control, format or other unprintable character; None is none.

    Raises:
        RejectedError: SCHEMA.

    """
    if not all(text is None or text.isprintable() for text in attributes):
        raise RejectedError("SCHEMA", "wanted printable attributes, found another character")


def require_printable_fields(record: Any) -> None:  # noqa: ANN401 (any struct)
    """
    Refuse an event with such a character in a text of its own.

    Raises:
        RejectedError: SCHEMA, naming the field.

    """
    for name, field in to_builtins(record).items():
        if not all(text.isprintable() for text in _texts(field)):
            raise RejectedError("SCHEMA", f"wanted printable text at $.{name}, found another")


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 (any JSON)
    """Yield every text in plain data; names of members are declared."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
