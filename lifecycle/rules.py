"""
Compile a rule's checked tree to a closure, or refuse it.

A tree has been checked when its policy was read, but a record may be made by hand: what is
ill-typed, unknown or beyond the bounds of `schemas.rules` is refused here as well. A closure is
made once for a policy and asked at every occasion, so whatever can be settled is settled here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar, cast, get_args

from lifecycle.rule_calls import (
    EMPTY,
    FUNCTIONS,
    INT_MAX,
    INT_MIN,
    LIST_OF,
    Part,
    RuleError,
    shown,
)
from schemas.decisions import FeatureValue
from schemas.rules import (
    DEPTH_MAX,
    ITEM_COUNT_MAX,
    NODE_COUNT_MAX,
    TEXT_LENGTH_MAX,
    Call,
    Const,
    Items,
    Kind,
    Name,
    Node,
)


__all__ = ["RuleError", "compiled", "names_in"]

C = TypeVar("C")

_NAMED_KINDS: Final[frozenset[str]] = frozenset(get_args(Kind))


def compiled(
    tree: Node, kinds: Mapping[str, Kind], read: Mapping[str, Callable[[C], FeatureValue]]
) -> tuple[Kind, Callable[[C], FeatureValue]]:
    """
    Return the kind of a tree's value and the closure that computes it.

    Args:
        tree: a rule's tree, from wherever.
        kinds: what may be read.
        read: how it is read; what a reader returns is of its kind (integers of 64 bits, lists as
            tuples), and it never fails.

    Raises:
        RuleError: the tree is ill-typed, calls or reads what is not there, or is too large. The
            closure raises the same, and nothing else: overflow, a divisor 0, a missing key.

    """
    _check_size(tree)
    part = _part(tree, kinds, read)
    if part.kind not in _NAMED_KINDS:
        raise RuleError(f"wanted a value of {', '.join(get_args(Kind))}, found {part.kind}", tree)
    return cast("Kind", part.kind), part.compute


def names_in(tree: Node) -> frozenset[str]:
    """Return the names that a tree reads, whatever is decided."""
    return frozenset(node.name for node, _ in _nodes(tree) if isinstance(node, Name))


def _nodes(tree: Node) -> Iterator[tuple[Node, int]]:
    """Yield every node and its depth, the root's 1; without recursion, as nothing is known yet."""
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        if isinstance(node, Call):
            waiting += [(child, depth + 1) for child in node.arguments]
        elif isinstance(node, Items):
            waiting += [(child, depth + 1) for child in node.items]


def _check_size(tree: Node) -> None:
    """Refuse a tree beyond the bounds."""
    for count, (node, depth) in enumerate(_nodes(tree), start=1):
        if count > NODE_COUNT_MAX:
            raise RuleError(f"wanted at most {NODE_COUNT_MAX} parts, found more", node)
        if depth > DEPTH_MAX:
            raise RuleError(f"wanted at most {DEPTH_MAX} levels of nesting, found more", node)
        if isinstance(node, Items) and len(node.items) > ITEM_COUNT_MAX:
            found = len(node.items)
            raise RuleError(f"wanted at most {ITEM_COUNT_MAX} items, found {found}", node)


def _part(
    node: Node, kinds: Mapping[str, Kind], read: Mapping[str, Callable[[C], FeatureValue]]
) -> Part:
    """Return a node compiled, with what it is made of."""
    if isinstance(node, Const):
        return _constant(node)
    if isinstance(node, Name):
        if node.name not in kinds or node.name not in read:
            raise RuleError(f"wanted a declared name, found {node.name}", node)
        return Part(kinds[node.name], read[node.name])
    if isinstance(node, Items):
        return _items(node, [_part(item, kinds, read) for item in node.items])
    return _call(node, [_part(argument, kinds, read) for argument in node.arguments])


def _constant(node: Const) -> Part:
    """Return a literal."""
    value = node.value
    if isinstance(value, bool):
        return Part("bool", lambda _: value, is_constant=True)
    if isinstance(value, int):
        if not INT_MIN <= value <= INT_MAX:
            raise RuleError("wanted an integer of 64 bits, found a greater one", node)
        return Part("int", lambda _: value, is_constant=True)
    if len(value) > TEXT_LENGTH_MAX:
        found = len(value)
        raise RuleError(f"wanted at most {TEXT_LENGTH_MAX} characters, found {found}", node)
    return Part("string", lambda _: value, is_constant=True)


def _items(node: Items, parts: list[Part]) -> Part:
    """Return a list literal; one of constants is made once."""
    found = {part.kind for part in parts}
    kind = LIST_OF.get(parts[0].kind) if len(found) == 1 else None
    if parts and kind is None:
        raise RuleError(
            f"wanted items of one kind, bool, int or string, found {', '.join(sorted(found))}", node
        )
    computes = tuple(part.compute for part in parts)
    if all(part.is_constant for part in parts):
        values = tuple(compute(None) for compute in computes)
        return Part(kind or EMPTY, lambda _: values, is_constant=True)
    return Part(kind or EMPTY, lambda context: tuple([compute(context) for compute in computes]))


def _call(node: Call, parts: list[Part]) -> Part:
    """Return a call."""
    function = FUNCTIONS.get(node.function)
    if function is None:
        known = sorted(filter(str.isalpha, FUNCTIONS))
        raise RuleError(
            f"wanted one of the functions {', '.join(known)}, found {shown(node.function)}", node
        )
    found = tuple(part.kind for part in parts)
    kind = function.kinds.get(found)
    if kind is None:
        raise RuleError(
            f"wanted {function.wanted} for {shown(node.function)}, found {', '.join(found)}", node
        )
    return Part(kind, function.build(parts))
