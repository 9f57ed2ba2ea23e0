"""Make the trees of rules by hand."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Final

from schemas.rules import Call, Const, Items, Node
from tests.lifecycle.rule_texts import NAMES


READ: Final = {name: itemgetter(name) for name in NAMES}
"""Reads a name from a dict."""

YES: Final = Const(value=True)
NO: Final = Const(value=False)
INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1


def call(function: str, *arguments: Node | bool | int | str) -> Call:
    """Return a call; what is no node becomes a literal."""
    return Call(function, nodes(arguments))


def items(*found: Node | bool | int | str) -> Items:
    """Return a list literal."""
    return Items(nodes(found))


def nodes(values: Iterable[Node | bool | int | str]) -> tuple[Node, ...]:
    """Return nodes as they are, values as literals."""
    return tuple(Const(value) if isinstance(value, bool | int | str) else value for value in values)
