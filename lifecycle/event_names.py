"""
Say what a rule may read of the event at hand: its whole numbers, texts and truth values.

A name is `event.` and the field's; what the event leaves out is what its struct says it is then.
Dates, times and lists are not read.
"""

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec.inspect
from msgspec.inspect import BoolType, IntType, LiteralType, Metadata, StrType, Type, UnionType

from lifecycle.features.context import Context
from schemas.decisions import FeatureValue
from schemas.routing import ROUTE_BY_TYPE
from schemas.rules import Kind


PREFIX: Final = "event."


class Names(NamedTuple):
    """What rules may read of an event, by name: of what kind it is, and how it is read."""

    kinds: Mapping[str, Kind]
    readers: Mapping[str, Callable[[Context], FeatureValue]]


@cache
def names_of(event_type: str) -> Names:
    """Return the names of a type of event; none for what no customer can have."""
    kinds: dict[str, Kind] = {}
    for field in _fields(event_type):
        kind = _kind(field.type)
        if kind is not None:
            kinds[PREFIX + field.name] = kind
    return Names(kinds, {name: attrgetter(name) for name in kinds})


_KINDS: Final[Mapping[type[Type], Kind]] = {BoolType: "bool", IntType: "int", StrType: "string"}


def _fields(event_type: str) -> tuple[msgspec.inspect.Field, ...]:
    """Return the fields of an event that a customer can have, none of another."""
    route = ROUTE_BY_TYPE.get(event_type)
    if route is None or route.concerns != "customer":
        return ()
    shape = msgspec.inspect.type_info(route.shape)
    return shape.fields if isinstance(shape, msgspec.inspect.StructType) else ()


def _kind(shape: Type) -> Kind | None:
    """Return the kind of a field, None for one that rules cannot read."""
    if isinstance(shape, Metadata):
        return _kind(shape.type)
    if isinstance(shape, LiteralType):
        return "string" if all(isinstance(value, str) for value in shape.values) else None
    if isinstance(shape, UnionType):  # of literals: one list of words in several parts
        kinds = {_kind(member) for member in shape.types}
        return kinds.pop() if len(kinds) == 1 else None
    return _KINDS.get(type(shape))
