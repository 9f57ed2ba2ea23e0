"""
Say what a rule can call: for what kinds, what that gives, and how it is computed.

The meaning is CEL's (github.com/google/cel-spec): integers have 64 bits and overflow is an error,
`/` rounds toward zero, `%` has the sign of the dividend, texts are ordered by code point, and
`&&` and `||` forgive an error on either side where the other side decides.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

from schemas.rules import Node


Compute: TypeAlias = Callable[[Any], Any]
"""From a context to a value; the kinds have been inferred, so that no type is asked any more."""

Kinds: TypeAlias = Mapping[tuple[str, ...], str]
"""The kind that a function gives for kinds of arguments; of others there is no such function."""

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1

LIST_OF: Final = {"bool": "bools", "int": "ints", "string": "strings"}
EMPTY: Final = "list without items"
"""The kind of `[]`, which is equal in kind to any list; `bools` and `ints` are literals' only."""


class RuleError(ValueError):
    """A rule that cannot be compiled, at `node`, or cannot be computed."""

    def __init__(self, message: str, node: Node | None = None) -> None:
        """Say what was wanted and what was found, and where, if a rule is being compiled."""
        super().__init__(message)
        self.node = node


class Part(NamedTuple):
    """A compiled expression."""

    kind: str
    compute: Compute
    is_constant: bool = False


class Function(NamedTuple):
    """A function: what it wants in words, what it gives for what, and its closure."""

    wanted: str
    kinds: Kinds
    build: Callable[[Sequence[Part]], Compute]


def _and(parts: Sequence[Part]) -> Compute:
    """Return a closure for `left && right`; only what decides nothing may not fail."""
    left, right = parts[0].compute, parts[1].compute

    def both(context: object) -> bool:
        try:
            met = left(context)
        except RuleError:
            if right(context):
                raise
            return False
        return right(context) if met else False

    return both


def _or(parts: Sequence[Part]) -> Compute:
    """Return a closure for `left || right`."""
    left, right = parts[0].compute, parts[1].compute

    def either(context: object) -> bool:
        try:
            met = left(context)
        except RuleError:
            if not right(context):
                raise
            return True
        return True if met else right(context)

    return either


def _not(parts: Sequence[Part]) -> Compute:
    """Return a closure for `!condition`."""
    condition = parts[0].compute
    return lambda context: not condition(context)


def _choice(parts: Sequence[Part]) -> Compute:
    """Return a closure for `condition ? yes : no`; the other branch is not computed."""
    condition, yes, no = (part.compute for part in parts)
    return lambda context: yes(context) if condition(context) else no(context)


class _Comparison(NamedTuple):
    """A comparison, what it is called with its sides changed, and its closure for a constant."""

    compare: Callable[[Any, Any], Any]
    mirrored: str
    to_constant: Callable[[Compute, Any], Compute]


# A closure for each operator: by `operator.lt` and its like a rule takes a sixth longer.
_COMPARISONS: Final = {
    "_==_": _Comparison(operator.eq, "_==_", lambda of, k: lambda context: of(context) == k),
    "_!=_": _Comparison(operator.ne, "_!=_", lambda of, k: lambda context: of(context) != k),
    "_<_": _Comparison(operator.lt, "_>_", lambda of, k: lambda context: of(context) < k),
    "_<=_": _Comparison(operator.le, "_>=_", lambda of, k: lambda context: of(context) <= k),
    "_>_": _Comparison(operator.gt, "_<_", lambda of, k: lambda context: of(context) > k),
    "_>=_": _Comparison(operator.ge, "_<=_", lambda of, k: lambda context: of(context) >= k),
}


def _comparison(name: str, parts: Sequence[Part]) -> Compute:
    """Return a closure for a comparison."""
    left, right = parts
    if left.is_constant:
        left, right, name = right, left, _COMPARISONS[name].mirrored
    if right.is_constant:
        return _COMPARISONS[name].to_constant(left.compute, right.compute(None))
    return _of_two(_COMPARISONS[name].compare, parts)


def _of_two(operation: Callable[[Any, Any], Any], parts: Sequence[Part]) -> Compute:
    """Return a closure for an operation that cannot fail."""
    left, right = parts[0].compute, parts[1].compute
    return lambda context: operation(left(context), right(context))


def _exact(operation: Callable[[Any, Any], Any], parts: Sequence[Part]) -> Compute:
    """Return a closure for an operation whose result may not fit into 64 bits."""
    left, right = parts[0].compute, parts[1].compute

    def fitting(context: object) -> int:
        result: int = operation(left(context), right(context))
        if INT_MIN <= result <= INT_MAX:
            return result
        raise RuleError("wanted an integer of 64 bits, found a greater one")

    return fitting


def _negative(parts: Sequence[Part]) -> Compute:
    """Return a closure for `-number`: there is one number more below 0 than above."""
    return _exact(operator.sub, (Part("int", lambda _: 0), *parts))


def _sum(parts: Sequence[Part]) -> Compute:
    """Return a closure for `left + right`: of integers, or one text behind the other."""
    join = _exact if parts[0].kind == "int" else _of_two
    return join(operator.add, parts)


def _quotient(dividend: int, divisor: int) -> int:
    """Return the quotient rounded toward zero."""
    if divisor == 0:
        raise RuleError("wanted a divisor other than 0, found 0")
    whole = abs(dividend) // abs(divisor)
    return whole if (dividend < 0) == (divisor < 0) else -whole


def _remainder(dividend: int, divisor: int) -> int:
    """Return the remainder, which has the sign of the dividend."""
    quotient = _quotient(dividend, divisor)
    if quotient > INT_MAX:
        raise RuleError("wanted a quotient of 64 bits, found a greater one")
    return dividend - divisor * quotient


def _member(parts: Sequence[Part]) -> Compute:
    """Return a closure for `item in items`, or for `key in map`."""
    item, items = parts
    of = item.compute
    if items.is_constant:
        known = frozenset(items.compute(None))
        return lambda context: of(context) in known
    return _of_two(operator.contains, (items, item))


def _value(parts: Sequence[Part]) -> Compute:
    """Return a closure for `map[key]`."""
    of, name = parts[0].compute, parts[1].compute

    def value(context: object) -> object:
        found: object = of(context).get(name(context))
        if found is None:
            raise RuleError("wanted a key that the map has, found another")
        return found

    return value


def _size(parts: Sequence[Part]) -> Compute:
    """Return a closure for how many code points, items or keys there are."""
    of = parts[0].compute
    return lambda context: len(of(context))


_LISTS: Final = tuple(LIST_OF.values())
_MAPS: Final = {"ints_by_name": "int", "strings_by_name": "string"}

_OF_INTS: Final[Kinds] = {("int", "int"): "int"}
_ADDED: Final[Kinds] = {("int", "int"): "int", ("string", "string"): "string"}
_OF_TEXTS: Final[Kinds] = {("string", "string"): "bool"}
_OF_CONDITIONS: Final[Kinds] = {("bool", "bool"): "bool"}
_IN_ORDER: Final[Kinds] = {("int", "int"): "bool", ("string", "string"): "bool"}
_EQUAL: Final[Kinds] = {
    **{(kind, kind): "bool" for kind in (*LIST_OF, *_LISTS, EMPTY)},
    **{(kind, EMPTY): "bool" for kind in _LISTS},
    **{(EMPTY, kind): "bool" for kind in _LISTS},
}
_MEMBER: Final[Kinds] = {
    **dict.fromkeys(LIST_OF.items(), "bool"),
    **{(kind, EMPTY): "bool" for kind in LIST_OF},
    **{("string", kind): "bool" for kind in _MAPS},
}
_CHOICE: Final[Kinds] = {
    **{("bool", kind, kind): kind for kind in (*LIST_OF, *_LISTS, *_MAPS, EMPTY)},
    **{("bool", kind, EMPTY): kind for kind in _LISTS},
    **{("bool", EMPTY, kind): kind for kind in _LISTS},
}
_VALUE: Final[Kinds] = {(kind, "string"): found for kind, found in _MAPS.items()}
_SIZE: Final[Kinds] = {(kind,): "int" for kind in ("string", *_LISTS, *_MAPS, EMPTY)}

_ORDERED: Final = "two of int or of string"
_SAME: Final = "two alike of bool, int, string or list"

FUNCTIONS: Final[Mapping[str, Function]] = {
    "_&&_": Function("two conditions", _OF_CONDITIONS, _and),
    "_||_": Function("two conditions", _OF_CONDITIONS, _or),
    "!_": Function("a condition", {("bool",): "bool"}, _not),
    "_?_:_": Function("a condition and two alike", _CHOICE, _choice),
    "_==_": Function(_SAME, _EQUAL, partial(_comparison, "_==_")),
    "_!=_": Function(_SAME, _EQUAL, partial(_comparison, "_!=_")),
    "_<_": Function(_ORDERED, _IN_ORDER, partial(_comparison, "_<_")),
    "_<=_": Function(_ORDERED, _IN_ORDER, partial(_comparison, "_<=_")),
    "_>_": Function(_ORDERED, _IN_ORDER, partial(_comparison, "_>_")),
    "_>=_": Function(_ORDERED, _IN_ORDER, partial(_comparison, "_>=_")),
    "_+_": Function(_ORDERED, _ADDED, _sum),
    "_-_": Function("two of int", _OF_INTS, partial(_exact, operator.sub)),
    "_*_": Function("two of int", _OF_INTS, partial(_exact, operator.mul)),
    "_/_": Function("two of int", _OF_INTS, partial(_exact, _quotient)),
    "_%_": Function("two of int", _OF_INTS, partial(_exact, _remainder)),
    "-_": Function("an int", {("int",): "int"}, _negative),
    "@in": Function("an item and a list of such, or a string and a map", _MEMBER, _member),
    "_[_]": Function("a map and a string", _VALUE, _value),
    "size": Function("a string, a list or a map", _SIZE, _size),
    "contains": Function("two of string", _OF_TEXTS, partial(_of_two, operator.contains)),
    "startsWith": Function("two of string", _OF_TEXTS, partial(_of_two, str.startswith)),
    "endsWith": Function("two of string", _OF_TEXTS, partial(_of_two, str.endswith)),
}
"""Every function and operator by CEL's name for it."""


def shown(function: str) -> str:
    """Return a function as a rule's author writes it: `_&&_` is `&&`, `@in` is `in`."""
    return function.replace("_", "").replace("@", "")
