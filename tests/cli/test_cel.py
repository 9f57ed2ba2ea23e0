"""A rule's text is checked by Google's CEL, and refused where it stands (docs/rules.md)."""

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.cel import RuleTextError, check
from cli.cel_tree import checked
from lifecycle.rule_calls import FUNCTIONS
from lifecycle.rules import compiled
from schemas.codec import encode_json
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
    Rule,
)
from tests.lifecycle.rule_texts import NAMES


STAGE: Final = Name("stage")
FUNCTIONS_ONLY: Final = "wanted one of the functions contains, endsWith, size, startsWith"
SCALARS_ONLY: Final = "wanted a bool, an int or a string"


PAGE: Final = Path(__file__).parents[2] / "docs" / "rules.md"
OF_THE_PAGE: Final[dict[str, Kind]] = {
    "amount_30d_minor": "int",
    "autopay": "bool",
    "bill_due_hours": "int",
    "bill_open_minor": "int",
    "credit_limit_minor": "int",
    "recency_days": "int",
    "scene_share_ppm": "ints_by_name",
    "segments": "strings",
    "spend_count": "int",
    "staff": "bool",
    "stage": "string",
}


def tree(text: str, wanted: Kind = "bool") -> Node:
    """Return the tree of a text."""
    return check(text, NAMES, wanted).tree


def refusal(text: str, wanted: Kind = "bool") -> RuleTextError:
    """Return how a text is refused."""
    with pytest.raises(RuleTextError) as refused:
        check(text, NAMES, wanted)
    return refused.value


def test_rule_is_text_and_tree() -> None:
    """Operators nest by CEL's precedence; the text is kept as it was written."""
    text = 'recency_days > 30 && (spend_count >= 5 || stage == "bind")'
    wanted = Call(
        "_&&_",
        (
            Call("_>_", (Name("recency_days"), Const(30))),
            Call(
                "_||_",
                (
                    Call("_>=_", (Name("spend_count"), Const(5))),
                    Call("_==_", (STAGE, Const("bind"))),
                ),
            ),
        ),
    )

    assert Rule(text=text, tree=wanted) == check(text, NAMES, "bool")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("event.amount_minor == -9223372036854775808", Const(-(2**63))),
        ("event.amount_minor == 0x10", Const(16)),
        (".event.amount_minor == 1", Const(1)),
    ],
)
def test_dotted_name_is_one_name(text: str, wanted: Const) -> None:
    """However it is written; beside it, the integers of CEL."""
    assert Call("_==_", (Name("event.amount_minor"), wanted)) == tree(text)


def _field(number: int, content: bytes) -> bytes:
    """Return a message or text as protobuf writes it: number and wire type 2, length, content."""
    return bytes([number << 3 | 2, len(content)]) + content


def test_dotted_name_is_resolved_by_the_reference_map() -> None:
    """Google's C++ CEL joins the name itself; cel-spec's checked.proto allows a select as well."""
    event = b"\x10\x01" + _field(4, _field(1, b"event"))  # Expr: id 1, ident_expr
    is_new = b"\x10\x02" + _field(5, _field(1, event) + _field(2, b"is_new"))  # id 2, select_expr
    reference = b"\x08\x02" + _field(2, _field(1, b"event.is_new"))  # of the expression 2
    message = _field(2, reference) + _field(4, is_new)  # reference_map, expr
    serialised = _field(1, b"type.googleapis.com/cel.expr.CheckedExpr") + _field(2, message)

    assert Name("event.is_new") == checked(serialised).tree


def test_receiver_is_the_first_argument() -> None:
    """`stage.size()` and `size(stage)` are one rule."""
    assert Call("size", (STAGE,)) == tree("stage.size()", "int") == tree("size(stage)", "int")
    assert Call("contains", (STAGE, Const("😀"))) == tree(r'stage.contains("\U0001F600")')


def test_field_of_a_map_is_its_key() -> None:
    """CEL has two ways to write it; `event.sums` is a name, and what follows it a key."""
    wanted = Call("_>_", (Call("_[_]", (Name("event.sums"), Const("CNY"))), Const(0)))

    assert wanted == tree("event.sums.CNY > 0") == tree('event.sums["CNY"] > 0')


def test_list_holds_literals_and_names() -> None:
    """Without items, it is a list of whatever is wanted."""
    wanted = Call("@in", (STAGE, Items((Const("a"), Name("event.merchant")))))

    assert wanted == tree('stage in ["a", event.merchant]')
    assert Call("_==_", (Name("groups"), Items(()))) == tree("groups == []")


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("spend_count > 1.5", 13, "wanted two of int or of string for >, found int, double"),
        ("1.5 > 0.5", 1, f"{SCALARS_ONLY}, found a floating point number"),
        ("holds && 1u == 1u", 10, f"{SCALARS_ONLY}, found an unsigned integer"),
        ('b"a" == b"b"', 1, f"{SCALARS_ONLY}, found bytes"),
        ("null == null", 1, f"{SCALARS_ONLY}, found null"),
        ('timestamp("2030-01-01T00:00:00Z") > timestamp("x")', 10, "found timestamp"),
        ('duration("1s") > duration("2s")', 9, "found duration"),
        ("holds && has(sums.CNY)", 13, "wanted a rule without macros"),
        ("groups.exists(one, one == stage)", 14, "wanted a rule without macros"),
        ('stage.matches("b.*")', 14, f"{FUNCTIONS_ONLY}, found matches"),
        ("dyn(spend_count) == 1", 4, f"{FUNCTIONS_ONLY}, found dyn"),
        ('int("1") == spend_count', 4, f"{FUNCTIONS_ONLY}, found int"),
        ("string(spend_count) == stage", 7, f"{FUNCTIONS_ONLY}, found string"),
        ("type(stage) == string", 5, f"{FUNCTIONS_ONLY}, found type"),
        ('google.protobuf.StringValue{value: "a"} == "a"', 1, "found a message"),
        ('{"a": 1} == sums', 1, "found a map literal"),
        ("google.protobuf.NullValue.NULL_VALUE == 0", 26, "wanted a declared name"),
        ("holds < true", 7, "wanted two of int or of string for <, found bool, bool"),
        ("sums == sums", 6, "found ints_by_name, ints_by_name"),
        ('groups[0] == "a"', 7, "wanted a map and a string for [], found strings, int"),
        ("groups + groups == groups", 8, "found strings, strings"),
        ('[1, "a"] == []', 1, "wanted items of one kind, bool, int or string, found int, string"),
        ("size([groups]) == 1", 6, "found strings"),
        ("holds && nobody > 1", 10, "wanted a declared name or function, found nobody"),
        ("holds && event.no_one > 1", 15, "wanted a declared name or function, found event.no_one"),
        ('stage.lower() == "a"', 12, "wanted a declared name or function, found lower"),
        ("stage.contains(1)", 15, "wanted two of string for contains, found string, int"),
        ("holds && []", 7, "wanted two conditions for &&, found bool, list"),
        ("stage = 'a'", 7, "wanted a rule, found syntax error: token recognition error at: '= '"),
        ("spend_count >", 14, "wanted a rule, found syntax error: mismatched input the end"),
        ("", 1, "wanted a rule, found syntax error: mismatched input the end"),
        ("9223372036854775808 > 0", 1, "wanted a rule, found invalid int literal"),
        ("spend_count + 1", 13, "wanted a rule that gives bool, found int"),
        ("'😀' == stage && spend_count", 14, "wanted two conditions for &&, found bool, int"),
    ],
)
def test_refusal_says_where_and_why(text: str, column: int, message: str) -> None:
    """Columns count characters from 1; an operator stands where it is written."""
    error = refusal(text)

    assert (1, column) == (error.line, error.column)
    assert str(error).startswith(f"column {column}: ")
    assert message in str(error)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("holds &&\n1.5 > 0.5", 2, 1),  # refused by us
        ("holds &&\n\n  nobody", 3, 3),  # refused by CEL
        ("'😀' == stage &&\n'é' == stage\n && holds < holds", 3, 11),
    ],
)
def test_refusal_names_the_line(text: str, line: int, column: int) -> None:
    """Of a rule that goes over several."""
    error = refusal(text)

    assert (line, column) == (error.line, error.column)
    assert str(error).startswith(f"column {column} of line {line}: ")


def test_another_kind_is_refused() -> None:
    """What is wanted is said by the caller."""
    assert STAGE == tree("stage", "string")
    assert "wanted a rule that gives int, found string" in str(refusal("stage", "int"))


@pytest.mark.parametrize(
    ("within", "beyond", "message"),
    [
        ("holds" + " " * 995, "holds" + " " * 996, "wanted at most 1000 characters, found 1001"),
        ("!(" * 15 + "holds" + ")" * 15, "!(" * 16 + "holds" + ")" * 16, "16 levels"),
        ("!" * 2 + "holds", "!(" * 40 + "holds" + ")" * 40, "16 levels"),
        ("1 == 1", "1" + "+1" * 25 + " == 1", "16 levels"),
        (f"1 in {[*range(64)]}", f"1 in {[*range(65)]}", "wanted at most 64 items, found 65"),
        ("!" + "||".join(["holds"] * 100), "||".join(["holds"] * 101), "wanted at most 200 parts"),
        ("stage == '\\U0001F600'", "stage == '\ud83d\ude00'", "found a surrogate"),
    ],
)
def test_bounds_are_reached_and_not_passed(within: str, beyond: str, message: str) -> None:
    """Of the text and of its tree; CEL's own limits lie beyond and say the same."""
    assert isinstance(tree(within), Call | Name)
    assert message in str(refusal(beyond))


def test_rule_reads_again_from_json() -> None:
    """As it lies in the policy's record."""
    rule = check('holds == true && spend_count == 1 && stage in ["1", "true"]', NAMES, "bool")

    assert rule == msgspec.json.decode(encode_json(rule), type=Rule)


@pytest.mark.parametrize("text", re.findall(r"```cel\n(.*?)\n```", PAGE.read_text("utf-8")))
def test_page_shows_rules_that_can_be_published(text: str) -> None:
    """Its examples are conditions."""
    assert text == check(text, OF_THE_PAGE, "bool").text


def test_page_names_every_function_and_bound() -> None:
    """What the fold can call by a name, and how large a rule may be."""
    page = PAGE.read_text("utf-8")
    bounds = (TEXT_LENGTH_MAX, NODE_COUNT_MAX, DEPTH_MAX, ITEM_COUNT_MAX)

    assert [] == [name for name in FUNCTIONS if name.isalpha() and f"{name}(" not in page]
    assert [] == [bound for bound in bounds if f"{bound:,} " not in page]


WORDS = ("holds", "spend_count", "stage", "sums", "groups", "nobody", "1", "-1", "1.5", "'a'", "[")
SIGNS = (
    "]",
    "(",
    ")",
    ".",
    ",",
    "?",
    ":",
    "!",
    "&&",
    "||",
    "<",
    "==",
    "in",
    "size",
    "[]",
    "%",
    "{",
)


@given(st.lists(st.one_of(st.sampled_from((*WORDS, *SIGNS)), st.text(max_size=2))).map(" ".join))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    """Nothing but RuleTextError leaves; what is accepted, a worker accepts."""
    try:
        rule = check(text, NAMES, "bool")
    except RuleTextError:
        return
    assert "bool" == compiled(rule.tree, NAMES, dict.fromkeys(NAMES, lambda _: 0))[0]
