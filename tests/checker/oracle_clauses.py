"""Judge the clauses of a policy by Google's CEL from their text: core.md §3.11."""

import re
from collections.abc import Iterator
from functools import cache

from cel_expr_python import cel

from tests.checker.identity import Facts
from tests.checker.oracle_features import FEATURES, OF_BEHAVIOUR


STAGES = ("eligibility", "applicability", "suitability")
NODE_COUNT_MAX = 200
DEPTH_MAX = 16
ITEM_COUNT_MAX = 64
FUNCTIONS = {
    *("_&&_", "_||_", "!_", "_?_:_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_[_]"),
    *("_+_", "_-_", "_*_", "_/_", "_%_", "-_", "size", "contains", "startsWith", "endsWith"),
}
TYPES = {
    "bool": cel.Type.BOOL,
    "int": cel.Type.INT,
    "string": cel.Type.STRING,
    "strings": cel.Type.List(cel.Type.STRING),
    "ints_by_name": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
    "strings_by_name": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
}
_ASIDE = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_DOT = re.compile(r"\s*\.\s*")


def names_read(policy: Facts) -> frozenset[str]:
    """Return the features that a policy's clauses and all its treatments' variables read."""
    asked = (_names(clause["if"]["text"]) for clause in _clauses(policy))
    return frozenset().union(_shown(policy), *asked)


def is_behavioural(policy: Facts) -> bool:
    """Return whether a clause reads, or a message shows, what the customer did."""
    return not names_read(policy).isdisjoint(OF_BEHAVIOUR)


def can_be_run(policy: Facts) -> bool:
    """Return whether clauses are conditions, within the bounds, and all features are known."""
    return all(map(_can_be_shown, _shown(policy))) and all(
        _is_bounded(clause["if"]["tree"]) and _program(clause["if"]["text"]) is not None
        for clause in _clauses(policy)
    )


def failing_clause(policy: Facts, stage: str, features: Facts) -> tuple[str, bool]:
    """Return the id of a stage's first clause that is not true, and whether it has no value."""
    for clause in policy.get(stage, ()):
        text = clause["if"]["text"]
        program = _program(text)
        assert program is not None, "a policy with such a clause was refused"
        known = {name: features[name] for name in _names(text)}
        value = program.eval(data=known).value()
        if value is not True:
            return clause["id"], value is not False
    return "", False


def _clauses(policy: Facts) -> Iterator[Facts]:
    for stage in STAGES:
        yield from policy.get(stage, ())


def _shown(policy: Facts) -> set[str]:
    """Return the features that messages show."""
    return {name for one in _treatments(policy) for name in one.get("variables", {}).values()}


def _can_be_shown(name: str) -> bool:
    return name in FEATURES and FEATURES[name][0] in ("int", "string")


def _treatments(policy: Facts) -> Iterator[Facts]:
    arms = (policy.get("experiment") or {}).get("arms", ())
    for one in (policy, *arms):
        yield one["treatment"]
        yield from one.get("fallbacks", ())


@cache
def _names(text: str) -> frozenset[str]:
    """Return the identifiers of a text that are features, but for those behind a dot."""
    plain = _DOT.sub(".", _ASIDE.sub('""', text))
    return frozenset(_NAME.findall(plain)) & FEATURES.keys()


@cache
def _environment() -> cel.Env:
    return cel.NewEnv(variables={name: TYPES[kind] for name, (kind, _) in FEATURES.items()})


@cache
def _program(text: str) -> cel.Expression | None:
    """Return a text compiled, None where it is no condition."""
    try:
        program = _environment().compile(text)
    except RuntimeError:
        return None
    return program if program.return_type() == cel.Type.BOOL else None


def _is_bounded(tree: Facts) -> bool:
    """Return whether a published tree has known parts only, and not too many of them."""
    parts = list(_parts(tree, 1))
    return len(parts) <= NODE_COUNT_MAX and all(
        depth <= DEPTH_MAX
        and len(part.get("items", ())) <= ITEM_COUNT_MAX
        and part.get("name", "staff") in FEATURES
        and part.get("function", "size") in FUNCTIONS
        for part, depth in parts
    )


def _parts(tree: Facts, depth: int) -> Iterator[tuple[Facts, int]]:
    yield tree, depth
    for part in (*tree.get("arguments", ()), *tree.get("items", ())):
        yield from _parts(part, depth + 1)
