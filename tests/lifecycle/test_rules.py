"""A rule is computed as CEL says (docs/rules.md)."""

from collections import Counter
from random import Random
from typing import Any, Final

import pytest
from cel_expr_python import cel

from cli.cel import check, declared
from lifecycle.rules import RuleError, compiled
from schemas.decisions import FeatureValue
from schemas.rules import Kind, Name, Node
from tests.lifecycle.rule_texts import NAMES, RuleTexts
from tests.lifecycle.rule_trees import INT_MAX, INT_MIN, NO, READ, YES, call, items


FAILED: Final = "failed"
KINDS: Final[tuple[Kind, ...]] = ("bool", "bool", "bool", "int", "string", "strings")


def result(tree: Node, **values: FeatureValue) -> FeatureValue:
    """Return what a tree gives for the values of its names."""
    _, compute = compiled(tree, NAMES, READ)
    return compute(values)


def ours(tree: Node, values: dict[str, FeatureValue]) -> tuple[type, FeatureValue]:
    """Return a tree's value and its type, or that it failed."""
    _, compute = compiled(tree, NAMES, READ)
    try:
        value = compute(values)
    except RuleError:
        value = FAILED
    return type(value), value


def theirs(expression: Any, values: dict[str, FeatureValue]) -> tuple[type, FeatureValue]:  # noqa: ANN401 (Google's classes have no types)
    """Return the same from Google's evaluator."""
    given_values = {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    }
    found = expression.eval(data=given_values)
    value = FAILED if found.type() == cel.Type.ERROR else found.value()
    if isinstance(value, list):
        value = tuple(one.value() for one in value)
    return type(value), value


DIVISION = call("_==_", call("_/_", 1, Name("spend_count")), 1)
"""Fails where nothing has been spent."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_closures_agree_with_google(seed: int) -> None:
    """1,000 random rules for each seed: the same value of the same type, or both fail."""
    texts, environment = RuleTexts(Random(seed)), cel.NewEnv(variables=declared(NAMES))  # noqa: S311
    tally: Counter[str] = Counter()
    for number in range(1_000):
        kind = KINDS[number % len(KINDS)]
        text = texts.rule(kind)
        tree, expression = check(text, NAMES, kind).tree, environment.compile(text)
        for _ in range(2):
            values = texts.values()
            found = ours(tree, values)
            assert theirs(expression, values) == found, (text, values)
            tally[FAILED if found[1] == FAILED else kind] += 1

    assert min(tally[kind] for kind in (FAILED, "bool", "int", "string", "strings")) > 100


@pytest.mark.parametrize(
    ("function", "left", "right", "wanted"),
    [
        ("_/_", 7, 2, 3),
        ("_/_", -7, 2, -3),
        ("_/_", 7, -2, -3),
        ("_/_", -7, -2, 3),
        ("_%_", 7, -2, 1),
        ("_%_", -7, 2, -1),
        ("_%_", INT_MIN, INT_MAX, -1),
        ("_+_", INT_MAX, INT_MIN, -1),
        ("_-_", INT_MIN, -1, -INT_MAX),
        ("_*_", 2**31, 2**32 - 1, 2**63 - 2**31),
        ("_+_", "a", "😀", "a😀"),
    ],
)
def test_arithmetic_is_that_of_64_bits(
    function: str, left: int | str, right: int | str, wanted: int | str
) -> None:
    """`/` rounds toward zero, `%` has the sign of the dividend, the edges are reached."""
    assert wanted == result(call(function, left, right))


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (call("_+_", INT_MAX, 1), "found a greater one"),
        (call("_-_", INT_MIN, 1), "found a greater one"),
        (call("_*_", 2**32, 2**31), "found a greater one"),
        (call("_/_", INT_MIN, -1), "found a greater one"),
        (call("_%_", INT_MIN, -1), "found a greater one"),
        (call("-_", INT_MIN), "found a greater one"),
        (call("_/_", 1, 0), "found 0"),
        (call("_%_", 1, 0), "found 0"),
        (call("_[_]", Name("sums"), "CNY"), "found another"),
        (call("@in", call("_/_", 1, 0), items()), "found 0"),
        (call("@in", 1, items(1, call("_/_", 1, 0))), "found 0"),
        (call("_?_:_", DIVISION, 1, 2), "found 0"),
        (call("!_", DIVISION), "found 0"),
    ],
)
def test_rule_that_cannot_be_computed_raises(tree: Node, found: str) -> None:
    """Compiled, it is a rule; computed, it is a RuleError."""
    _, compute = compiled(tree, NAMES, READ)

    with pytest.raises(RuleError, match=found):
        compute({"sums": {"USD": 1}, "spend_count": 0})


@pytest.mark.parametrize(("function", "decides"), [("_&&_", False), ("_||_", True)])
def test_error_is_forgiven_where_the_other_side_decides(function: str, *, decides: bool) -> None:
    """On both sides alike; else the whole fails."""
    for decided in (call(function, DIVISION, decides), call(function, decides, DIVISION)):
        assert result(decided, spend_count=0) is decides
    for open_still in (
        call(function, DIVISION, not decides),
        call(function, not decides, DIVISION),
    ):
        with pytest.raises(RuleError):
            result(open_still, spend_count=0)
    with pytest.raises(RuleError):
        result(call(function, DIVISION, DIVISION), spend_count=0)


def test_choice_computes_one_branch() -> None:
    """The other may fail."""
    assert 1 == result(call("_?_:_", YES, 1, call("_/_", 1, 0)))
    assert 2 == result(call("_?_:_", NO, call("_/_", 1, 0), 2))


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        ("_<_", [True, False, False]),
        ("_<=_", [True, True, False]),
        ("_>_", [False, False, True]),
        ("_>=_", [False, True, True]),
        ("_==_", [False, True, False]),
        ("_!=_", [True, False, True]),
    ],
)
def test_comparison_has_three_forms_of_one_meaning(function: str, wanted: list[bool]) -> None:
    """Against a constant on the right, on the left, and between names: 29, 30, 31 to 30."""
    name, other = Name("recency_days"), Name("spend_count")
    found = [
        [
            result(call(function, name, 30), recency_days=days),
            result(call(function, days, other), spend_count=30),
            result(call(function, name, other), recency_days=days, spend_count=30),
        ]
        for days in (29, 30, 31)
    ]

    assert [[one] * 3 for one in wanted] == found


def test_texts_are_ordered_and_counted_by_code_point() -> None:
    """U+FFFF stands before U+1F600, which UTF-16 would turn round, and counts as one."""
    assert result(call("_<_", "\uffff", "😀")) is True
    assert 3 == result(call("size", "a😀b"))


def test_membership_is_of_lists_and_of_keys() -> None:
    """In literals of constants and of names, in lists that are read, in the keys of maps."""
    stage = Name("stage")

    assert result(call("@in", stage, items("bind", "spend")), stage="bind") is True
    assert result(call("@in", "bind", items(stage, "spend")), stage="bind") is True
    assert result(call("@in", "bind", Name("groups")), groups=("a",)) is False
    assert result(call("@in", "CNY", Name("sums")), sums={"CNY": 0}) is True
    assert result(call("@in", 1, items())) is False


def test_map_gives_what_stands_under_a_key() -> None:
    """0 and "" as well, which are no missing keys."""
    assert 0 == result(call("_[_]", Name("sums"), "CNY"), sums={"CNY": 0})
    assert "" == result(call("_[_]", Name("words"), Name("stage")), stage="a", words={"a": ""})


@pytest.mark.parametrize(
    ("function", "text", "part", "wanted"),
    [
        ("contains", "repaid", "pai", True),
        ("contains", "repaid", "pad", False),
        ("startsWith", "repaid", "re", True),
        ("startsWith", "repaid", "pa", False),
        ("endsWith", "repaid", "aid", True),
        ("endsWith", "repaid", "re", False),
    ],
)
def test_text_is_searched_as_it_stands(
    function: str, text: str, part: str, *, wanted: bool
) -> None:
    """The receiver is the first argument."""
    assert result(call(function, text, part)) is wanted
