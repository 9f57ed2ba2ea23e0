"""What a model looks at and what it gives, to the last bit (docs/core.md 3.16 Vector, Score)."""

import struct
from array import array
from decimal import Decimal, localcontext
from math import exp, floor, log1p

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.features.context import Context
from lifecycle.scoring import active, score_ppm, scored
from schemas.learning import Head
from schemas.model import CategoryInput, Input, NumberInput
from schemas.state import CardState, CustomerRow, PreferenceState
from tests.lifecycle.builders import T0
from tests.lifecycle.snapshots import category, head, number, published, truth


SPEND = number("spend_count", offset=1, divisor=4)
TONGUE = category("language", "en", "zh")
CARDS = number("card_count")


def context(spend_count: int = 0, language: str = "", cards: int = 1) -> Context:
    """Return a customer who has bought so often, speaks so, and has so many cards."""
    row = CustomerRow(
        spend_count=spend_count,
        cards=[CardState(f"k{place}") for place in range(cards)],
        preference=PreferenceState(T0, False, (), "", language),  # noqa: FBT003 (a row's field)
    )
    return Context(row, T0, "UTC", "k0", None, None)


def vector_of(one: Input, asked: Context) -> float:
    """Return what one input comes to."""
    weights = (0.0,) * (1 + (len(one.values) if isinstance(one, CategoryInput) else 0))
    vector = scored(active(published(head(0.0, *weights), one)), asked).vector
    (found,) = struct.unpack("<f", vector)
    return float(found)


def test_vector_and_scores_are_those_worked_out_by_hand() -> None:
    """
    One card 1.0, three purchases (3 - 1) / 4 = 0.5, `zh` the second of its values.

    contact: -3 + 0.5 * 1 + 2 * 0.5 + 0.25 = -1.25, 1 / (1 + e^1.25) = 0.2227001; control: 0.
    """
    contact = head(-3.0, 0.5, 2.0, 7.0, 8.0, 0.25)
    control = head(-1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    found = scored(
        active(published(contact, CARDS, SPEND, TONGUE, control=control)), context(3, "zh")
    )

    assert bytes.fromhex("0000803f 0000003f 00000040") == found.vector
    assert (222_700, 500_000) == (found.score_ppm, found.control_score_ppm)
    assert [("spend_count", 1_000_000), ("card_count", 500_000), ("language", 250_000)] == [
        *found.contributions.items()
    ]


def test_vector_is_rounded_before_it_is_weighed() -> None:
    """A third is no float32: the score is of 0.3333333432674408, as learning has it."""
    third = number("card_count", divisor=3)
    found = scored(active(published(head(0.0, 3e6), third)), context())

    assert {"card_count": 1_000_000_029_802} == found.contributions


def test_contributions_are_the_five_that_move_most() -> None:
    """Greatest first whatever the sign, of equals the earlier; what moves nothing is not told."""
    names = ("a", "b", "c", "d", "e", "f", "g")
    weights = (0.25, -1.0, 0.0, 1.0, -0.75, 0.5, 0.125)
    inputs = [number("card_count", name) for name in names]
    found = scored(active(published(head(0.0, *weights), *inputs)), context())
    least = scored(active(published(head(0.0, 1e-7, 0.0), *inputs[:2])), context())

    assert [
        ("b", -1_000_000),
        ("d", 1_000_000),
        ("e", -750_000),
        ("f", 500_000),
        ("a", 250_000),
    ] == [*found.contributions.items()]
    assert {"a": 0} == least.contributions


def test_contribution_is_floored() -> None:
    """-1/3 of log-odds is -333,334 millionths."""
    found = scored(active(published(head(0.0, -1 / 3), CARDS)), context())

    assert {"card_count": -333_334} == found.contributions


@pytest.mark.parametrize(
    ("one", "spend_count", "wanted"),
    [
        (number("spend_count"), 3, 3.0),
        (number("spend_count"), 5, 4.0),
        (number("spend_count", offset=9), 1, -4.0),
        (number("spend_count", divisor=2), 3, 1.5),
        (number("spend_count", scale="log", offset=1, divisor=2), 3, 1.0),
        (number("spend_count", scale="log", offset=3), 1, 0.0),
        (number("spend_count", scale="log"), 2**40, 4.0),
        (truth("spend_count > 2", "busy"), 3, 1.0),
        (truth("spend_count > 2", "busy"), 2, 0.0),
        (number("spend_count - 9223372036854775807 - 9"), 1, 0.0),
        (number("7 / spend_count"), 0, 0.0),
        (number("score_ppm['bank']"), 0, 0.0),
    ],
)
def test_number_is_brought_to_the_order_of_one(
    one: NumberInput, spend_count: int, wanted: float
) -> None:
    """Linear or log1p, within 4 of 0; overflow, a divisor 0 and a missing key are 0."""
    assert wanted == vector_of(one, context(spend_count))


@pytest.mark.parametrize(("language", "wanted"), [("en", 1.0), ("zh", 2.0), ("fr", 0.0), ("", 0.0)])
def test_category_is_the_place_of_its_value(language: str, wanted: float) -> None:
    """From 1; any other text, and none, is 0."""
    assert wanted == vector_of(TONGUE, context(language=language))


def test_score_stays_within_what_a_probability_may_be() -> None:
    """However great the weights: 1 to 999,999 ppm, and no contribution beyond 2^53."""
    far = scored(active(published(head(0.0, 1e300), CARDS, control=head(0.0, -1e300))), context())

    assert (999_999, 1) == (far.score_ppm, far.control_score_ppm)
    assert {"card_count": 2**53} == far.contributions


TERMS = st.lists(st.floats(-60, 60), max_size=9)


@given(st.floats(-60, 60), TERMS)
def test_score_is_the_logistic_of_the_sum(intercept: float, terms: list[float]) -> None:
    """In 50 digits, floored or at most one millionth beside where a float's last bit decides."""
    with localcontext() as digits:
        digits.prec = 50
        total = sum(map(Decimal, terms), Decimal(intercept))
        held = max(Decimal(-35), min(Decimal(35), total))
        wanted = max(1, min(999_999, floor(10**6 / (1 + (-held).exp()))))

    assert abs(wanted - score_ppm(intercept, terms)) <= 1


NUMBERS = st.builds(
    number,
    st.sampled_from(("spend_count", "card_count", "7 / spend_count", "spend_count * 1000")),
    st.sampled_from("abcdefgh"),
    scale=st.sampled_from(("linear", "log")),
    offset=st.integers(-5, 5),
    divisor=st.integers(1, 9),
)
CATEGORIES = st.builds(
    lambda name, values: category("language", *values, name=name),
    st.sampled_from("ijkl"),
    st.lists(st.sampled_from(("en", "zh", "fr", "de")), min_size=1, unique=True),
)
INPUTS = st.lists(NUMBERS | CATEGORIES, min_size=1, max_size=6, unique_by=lambda one: one.id)


def plainly(one: Input, weights: list[float], asked: tuple[int, str, int]) -> tuple[float, float]:
    """Return x as float32 and the term, by the page's words; `weights` loses those used."""
    spend_count, language, cards = asked
    if isinstance(one, CategoryInput):
        own = [weights.pop(0) for _ in range(1 + len(one.values))]
        place = one.values.index(language) + 1 if language in one.values else 0
        return float(place), own[place]
    n = {
        "spend_count": spend_count,
        "card_count": cards,
        "7 / spend_count": 7 // spend_count if spend_count else None,
        "spend_count * 1000": spend_count * 1000,
    }[one.rule.text]
    x = 0.0
    if n is not None and one.scale == "linear":
        x = (n - one.offset) / one.divisor
    elif n is not None:
        x = log1p(max(0, n - one.offset)) / log1p(one.divisor)
    x = array("f", [min(4.0, max(-4.0, x))])[0]
    return x, weights.pop(0) * x


@given(INPUTS, st.data())
def test_score_agrees_with_the_page_word_by_word(inputs: list[Input], data: st.DataObject) -> None:
    """Any inputs, weights and customer: vector and score are those that 3.16 says, in its order."""
    count = sum(1 + len(one.values) if isinstance(one, CategoryInput) else 1 for one in inputs)
    floats = st.floats(-9, 9)
    weights = data.draw(st.lists(floats, min_size=count, max_size=count))
    intercept = data.draw(floats)
    asked = data.draw(st.tuples(st.integers(0, 20), st.sampled_from(("en", "de", "")), st.just(2)))
    left, xs, z = list(weights), array("f"), intercept
    for one in inputs:
        x, term = plainly(one, left, asked)
        xs.append(x)
        z = z + term
    p = 1 / (1 + exp(-min(35.0, max(-35.0, z))))
    contact = Head(intercept=intercept, weights=tuple(weights))
    found = scored(active(published(contact, *inputs)), context(*asked))

    assert xs.tobytes() == found.vector
    assert min(999_999, max(1, floor(p * 10**6))) == found.score_ppm
