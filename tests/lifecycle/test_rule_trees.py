"""A rule's tree, from wherever, is a rule or refused: types, names, bounds, bytes."""

from random import Random
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.rule_calls import FUNCTIONS
from lifecycle.rules import RuleError, compiled, names_in
from schemas.codec import encode_json
from schemas.rules import Call, Const, Items, Name, Node, Rule
from tests.lifecycle.rule_texts import INTS, NAMES, TEXTS, RuleTexts
from tests.lifecycle.rule_trees import INT_MAX, INT_MIN, NO, READ, YES, call, items


SHAPES: Final = {
    "bool": bool,
    "int": int,
    "string": str,
    "strings": tuple,
    "ints_by_name": dict,
    "strings_by_name": dict,
}


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (call("_<_", YES, NO), "found bool, bool"),
        (call("_<_", 1, "a"), "found int, string"),
        (call("_==_", 1, YES), "found int, bool"),
        (call("_==_", Name("sums"), Name("sums")), "found ints_by_name, ints_by_name"),
        (call("_==_", items(1), items("a")), "found ints, strings"),
        (call("_&&_", YES), "found bool"),
        (call("_&&_", YES, YES, YES), "found bool, bool, bool"),
        (call("_?_:_", YES, 1, "a"), "found bool, int, string"),
        (call("_-_", "a", "b"), "found string, string"),
        (call("-_", YES), "found bool"),
        (call("_[_]", Name("groups"), 0), "found strings, int"),
        (call("_[_]", Name("sums"), 1), "found ints_by_name, int"),
        (call("@in", 1, Name("sums")), "found int, ints_by_name"),
        (call("@in", items(1), items()), "found ints, list without items"),
        (call("size", 1), "found int"),
        (call("contains", Name("groups"), "a"), "found strings, string"),
        (items(1, "a"), "found int, string"),
        (items(YES, 1), "found bool, int"),
        (items(items(1)), "found ints"),
        (items(1), "found ints"),
        (items(), "found list without items"),
        (call("matches", "a", "b"), "found matches"),
        (call("__class__", 1), "found class"),
        (Name("nobody"), "found nobody"),
        (Const(2**63), "found a greater one"),
        (Const(-(2**63) - 1), "found a greater one"),
        (Const("a" * 1_001), "found 1001"),
    ],
)
def test_tree_made_by_hand_is_typed_again(tree: Node, found: str) -> None:
    """What CEL would not have passed is refused by the fold as well, at the node."""
    with pytest.raises(RuleError, match=f"{found}$") as refusal:
        compiled(tree, NAMES, READ)

    assert refusal.value.node is tree


def test_name_needs_a_reader() -> None:
    """A kind alone is not enough: the fold must be able to read it."""
    with pytest.raises(RuleError, match=r"found stage$"):
        compiled(Name("stage"), NAMES, {})


def _levels(count: int) -> Node:
    """Return a condition with so many levels."""
    tree: Node = Name("holds")
    for _ in range(count - 1):
        tree = call("!_", tree)
    return tree


def _parts(count: int) -> Node:
    """Return a condition of so many nodes in 6 levels: 138 and the items of the last list."""
    first, second, last = (call("@in", 1, items(*[1] * size)) for size in (62, 62, count - 138))
    return call("_||_", call("_||_", first, second), call("!_", call("!_", call("!_", last))))


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (_levels(16), _levels(17)),
        (_levels(16), _levels(100_000)),
        (call("@in", 1, items(*range(64))), call("@in", 1, items(*range(65)))),
        (_parts(200), _parts(201)),
    ],
)
def test_bounds_are_reached_and_not_passed(within: Node, beyond: Node) -> None:
    """16 levels, 64 items, 200 nodes; a tree as deep as you like does not exhaust the stack."""
    assert "bool" == compiled(within, NAMES, READ)[0]
    with pytest.raises(RuleError, match="wanted at most"):
        compiled(beyond, NAMES, READ)


def test_names_in_are_all_that_a_rule_may_read() -> None:
    """In every branch, in lists, as a receiver, as a key."""
    tree = call(
        "_?_:_",
        Name("holds"),
        call("@in", Name("stage"), items(Name("event.merchant"), "a")),
        call("_==_", call("_[_]", Name("words"), "a"), "b"),
    )

    assert {"holds", "stage", "event.merchant", "words"} == names_in(tree)


SCALARS = st.one_of(st.booleans(), st.sampled_from(INTS), st.sampled_from(TEXTS))
LEAVES = st.one_of(
    st.builds(Const, SCALARS), st.builds(Name, st.sampled_from((*NAMES, "nobody", "")))
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            Call,
            st.sampled_from((*FUNCTIONS, "matches")),
            st.lists(inner, max_size=3).map(tuple),
        ),
        st.builds(Items, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@given(TREES, st.integers())
def test_any_tree_is_refused_or_gives_its_kind(tree: Node, seed: int) -> None:
    """Whatever is made by hand: a RuleError when compiled or computed, or a value of the kind."""
    try:
        kind, compute = compiled(tree, NAMES, READ)
        value = compute(RuleTexts(Random(seed)).values())  # noqa: S311
    except RuleError:
        return
    assert type(value) is SHAPES[kind]


@given(TREES)
def test_rule_reads_again_as_it_was_written(tree: Node) -> None:
    """Journal bytes to the same rule: true stays true, 1 stays 1, the edges of 64 bits stay."""
    rule = Rule(text="x", tree=tree)
    again = msgspec.json.decode(encode_json(rule), type=Rule)

    assert rule == again
    assert encode_json(rule) == encode_json(again)


@pytest.mark.parametrize("value", [True, False, 0, 1, INT_MIN, INT_MAX, "", "1", "true", "😀"])
def test_literal_keeps_its_type_in_bytes(value: bool | int | str) -> None:  # noqa: FBT001
    """True and 1 are equal to Python, and are not the same rule."""
    rule = Rule(text="x", tree=Const(value))
    again = msgspec.json.decode(encode_json(rule), type=Rule).tree

    assert isinstance(again, Const)
    assert (type(value), value) == (type(again.value), again.value)


@pytest.mark.parametrize(
    "spoilt",
    [
        b'{"text":"x","tree":{"node":"const","value":1.5}}',
        b'{"text":"x","tree":{"node":"const","value":null}}',
        b'{"text":"x","tree":{"node":"name","name":"a","more":1}}',
        b'{"text":"x","tree":{"node":"lambda","name":"a"}}',
        b'{"text":"x"}',
    ],
)
def test_bytes_of_another_shape_are_no_rule(spoilt: bytes) -> None:
    """Fractions, null, unknown nodes, missing and unknown fields."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(spoilt, type=Rule)
