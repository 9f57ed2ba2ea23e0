"""
Draw any event of the catalogue, from small pools, so that events meet each other's subjects.

Whoever draws says how to choose: a seeded generator's `choice`, or Hypothesis.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec.structs import fields

from schemas import events
from schemas.events import AnyEvent, EventData
from schemas.routing import ROUTES


Choose = Callable[[Sequence[Any]], Any]

CATALOGUE: Final = tuple(route.shape for route in ROUTES if route.concerns == "customer")
"""Every event about a customer."""

HARMLESS: Final = tuple(shape for shape in CATALOGUE if shape is not events.ErasureRequested)
"""Those after which there is still a customer."""

_T0: Final = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
_CHINA: Final = timezone(timedelta(hours=8))

POOLS: Final[Mapping[str, Sequence[Any]]] = {
    "card_token": ("k1", "k2", "k3"),
    "new_card_token": ("k1", "k2", "k3", "k4"),
    "statement_id": ("s1", "s2", "s3"),
    "currency": ("CNY", "CNY", "USD"),
    "channel": ("sms", "sms", "push", "data", "data", "data"),
    "purpose": ("offers", "offers", "p1"),
    "trigger_id": ("unknown",),
    "confirmed_by_customer": (True,),
    "segment_count": (0, 1),
    "due_date": (date(2023, 11, 20), date(2023, 12, 1), date(2024, 2, 29)),
    "cycle_start": (None,),
    "cycle_end": (None,),
    "posted_date": (None,),
    "activate_by": (None,),
    "channel_order": ((), ("sms", "push"), ("push",)),
    "quiet_hours": ("", "21:00-08:00"),
    "segment_codes": ((), ("a",), ("a", "b")),
    "attributes": (
        events.ProfileAttributes(),
        events.ProfileAttributes(city_code="310000", age_band="30-39"),
    ),
}
"""What a field of this name may say; others go by their type."""

INSTANTS: Final = (
    _T0 + timedelta(days=3, microseconds=1_999),
    (_T0 + timedelta(days=30)).astimezone(_CHINA),
    datetime(1969, 12, 31, tzinfo=UTC),
)
NUMBERS: Final = (0, 100, 5_000, 150_000)
TEXTS: Final = ("a", "b", "c")


def any_event(
    choose: Choose, shapes: Sequence[type[EventData]] = HARMLESS, **pools: Sequence[Any]
) -> AnyEvent:
    """Return one of the events; `pools` by field name go before the usual ones."""
    shape = choose(shapes)
    said = {
        field.name: choose(pools.get(field.name) or _pool(shape, field)) for field in fields(shape)
    }
    # what a constructor takes unseen, a decoder refuses
    return msgspec.convert(msgspec.to_builtins(shape(**said)), shape)


def _pool(shape: type[EventData], field: msgspec.structs.FieldInfo) -> Sequence[Any]:
    """Return what a field may say."""
    pool = POOLS.get(field.name) or _pool_of_type(field.type)
    if field.name == "channel" and shape is not events.ConsentChanged:
        pool = [channel for channel in pool if channel != "data"]
    return pool


def _pool_of_type(kind: Any) -> Sequence[Any]:  # noqa: ANN401 (any type)
    """Return a few values of a type, and none at all where that is allowed."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    if get_origin(kind) is Annotated:
        return _pool_of_type(get_args(kind)[0])
    if parts := get_args(kind):
        return [value for part in parts for value in _pool_of_type(part)]
    return {
        str: TEXTS,
        int: NUMBERS,
        bool: (False, True),
        datetime: INSTANTS,
        date: POOLS["due_date"],
        type(None): (None,),
    }[kind]
