"""
Say what is wrong with the fields of an event, by the catalogue: docs/core.md §1 (1).

A fault is named by every reason that the page allows for it: where a field has two faults at
once, which of them is met first is nobody's promise.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.checker.catalogue import CURRENCIES, Field, forms
from tests.checker.signed import is_base64


Reasons = frozenset[str]

FINE: Reasons = frozenset()
SCHEMA: Reasons = frozenset({"SCHEMA"})
BAD_NUMBER: Reasons = frozenset({"BAD_NUMBER"})
BAD_AMOUNT: Reasons = frozenset({"BAD_AMOUNT"})
CURRENCY: Reasons = frozenset({"CURRENCY"})

WHOLE = {
    "amount": 10**15,
    "count": 10**9,
    "million": 10**6,
    "thousand": 10**3,
    "tenthousand": 10**4,
    "clock": 2**53,
    "trillion": 10**12,
}
"""The greatest that a whole number may be; none may be negative."""

TEXTS = {
    "token": (1, 128),
    "label": (0, 128),
    "text": (0, 2**31),
    "text32": (0, 32),
    "some32": (1, 32),
    "text35": (0, 35),
    "text64": (0, 64),
}
"""The least and the greatest number of characters."""

WHOLE_MAX = 2**63
ATTRIBUTES = ("city_code", "wealth_band", "age_band", "occupation_band")
CHANNELS = frozenset(("sms", "push", "email", "voice", "wechat", "in_app"))
LIST_LENGTHS = {"channels": 6, "segments": 16}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
CODE = re.compile(r"([A-Z]{3})?", re.ASCII)
QUIET = re.compile(r"(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?", re.ASCII)


def field_faults(event_type: str, data: Any) -> Reasons:  # noqa: ANN401 (any JSON)
    """Return why the fields of an event cannot be read, nothing where they can."""
    if not isinstance(data, dict):
        return SCHEMA
    found: set[str] = set()
    for field in forms()[event_type].fields if event_type in forms() else ():
        if field.name in data:
            found |= _faults(field, data[field.name])
        elif not field.may_be_missing:
            found |= SCHEMA
    return frozenset(found)


def is_printable(text: str) -> bool:
    """Return whether a text has no control, format or other unprintable character."""
    return text.isprintable()


def _faults(field: Field, value: Any) -> Reasons:  # noqa: ANN401 (any JSON)
    if value is None:
        return FINE if field.may_be_null else SCHEMA
    if field.kind in WHOLE:
        return _number_faults(field, value)
    if field.kind == "currency":
        return _currency_faults(value)
    if field.kind in LIST_LENGTHS:
        return _list_faults(field.kind, value)
    if field.kind in OTHERS:
        return FINE if OTHERS[field.kind](value) else SCHEMA
    return FINE if _is_text(value, field.kind) else SCHEMA


def _number_faults(field: Field, value: Any) -> Reasons:  # noqa: ANN401 (any JSON)
    """Return what is wrong with a whole number; a reader may have made a float of a long one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return SCHEMA
    is_money = field.name.endswith("_minor")
    out_of_bounds = BAD_AMOUNT if is_money else SCHEMA
    if isinstance(value, float) and abs(value) < WHOLE_MAX:
        # that 1.0 is a whole number, or is none, the page leaves open
        return BAD_NUMBER | SCHEMA if value.is_integer() else BAD_NUMBER
    if not -WHOLE_MAX <= value < WHOLE_MAX:
        return BAD_NUMBER | out_of_bounds
    return FINE if 0 <= value <= WHOLE[field.kind] else out_of_bounds


def _currency_faults(value: Any) -> Reasons:  # noqa: ANN401 (any JSON)
    if not isinstance(value, str):
        return CURRENCY | SCHEMA
    if value in CURRENCIES:
        return FINE
    return CURRENCY if is_printable(value) else CURRENCY | SCHEMA


def _list_faults(kind: str, value: Any) -> Reasons:  # noqa: ANN401 (any JSON)
    if not isinstance(value, list) or len(value) > LIST_LENGTHS[kind]:
        return SCHEMA
    if kind == "channels":
        return FINE if all(isinstance(one, str) and one in CHANNELS for one in value) else SCHEMA
    return FINE if all(_is_text(one, "some32") for one in value) else SCHEMA


def _is_text(value: Any, kind: str) -> bool:  # noqa: ANN401 (any JSON)
    """Return whether a value is a text of this kind, or one of the words that the kind lists."""
    if not isinstance(value, str) or not is_printable(value):
        return False
    if kind not in TEXTS:
        return value in kind.split("/")
    least, most = TEXTS[kind]
    return least <= len(value) <= most


def _is_instant(value: Any) -> bool:  # noqa: ANN401 (any JSON)
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_day(value: Any) -> bool:  # noqa: ANN401 (any JSON)
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_key(value: Any) -> bool:  # noqa: ANN401 (any JSON)
    return (
        isinstance(value, dict)
        and all(_is_text(value.get(name), "token") for name in ("key_id", "person"))
        and is_base64(value.get("public_key"), 32)
    )


def _is_signature(value: Any) -> bool:  # noqa: ANN401 (any JSON)
    return (
        isinstance(value, dict)
        and _is_text(value.get("key_id"), "token")
        and _is_text(value.get("role"), "author/approver")
        and is_base64(value.get("signature"), 64)
    )


def _all(most: int, is_one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return whether a value is a list of up to `most` such things."""
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(is_one, value))


def _is_attributes(value: Any) -> bool:  # noqa: ANN401 (any JSON)
    """Return whether the profile's attributes can be read; others than those listed are not."""
    return isinstance(value, dict) and all(
        _is_text(value.get(name, ""), "text32") for name in ATTRIBUTES
    )


OTHERS: dict[str, Callable[[Any], bool]] = {
    "bool": lambda value: isinstance(value, bool),
    "confirmed": lambda value: value is True,
    "instant": _is_instant,
    "date": _is_day,
    "code": lambda value: isinstance(value, str) and bool(CODE.fullmatch(value)),
    "quiet_hours": lambda value: isinstance(value, str) and bool(QUIET.fullmatch(value)),
    "attributes": _is_attributes,
    "keys": _all(16, _is_key),
    "object": lambda value: isinstance(value, dict),
    "signatures": _all(8, _is_signature),
}
