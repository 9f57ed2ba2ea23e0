"""Every kind of model learns, is asked, written down and read back alike (docs/learning.md 2)."""

from math import exp, inf, log, nan, sqrt
from typing import Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.models.logistic import LogisticModel, untaught
from schemas.codec import decode_row, encode_row
from schemas.learning import Head
from schemas.model import Model, NumberInput, Optimizer
from schemas.rules import Const, Rule
from tests.learning.outcome_log import model


Kind = Literal["sgd", "adagrad"]
KINDS: tuple[Kind, ...] = ("sgd", "adagrad")

WEIGHT_COUNT = 4
"""Of the model of the tests: a number, any other text, two values."""

numbers = st.floats(-4, 4, width=32)
examples = st.lists(
    st.tuples(
        st.builds(
            lambda number, place: ({0: number} if number else {}) | {1 + place: 1.0},
            numbers,
            st.integers(0, 2),
        ),
        st.sampled_from((0, 1)),
        st.floats(0.01, 2.0),
    ),
    max_size=30,
)
Examples = list[tuple[dict[int, float], Literal[0, 1], float]]


def asked(kind: Kind, rate_ppm: int = 100_000) -> Model:
    """Return a model with this optimizer."""
    return model(optimizer=Optimizer(kind=kind, learning_rate_ppm=rate_ppm))


def begun(kind: Kind) -> LogisticModel:
    """Return a head that nobody has taught: it says one half."""
    return LogisticModel(asked(kind), untaught(asked(kind)))


def teach(head: LogisticModel, steps: Examples) -> None:
    """Take the steps one by one."""
    for x, label, weight in steps:
        assert head.learn(x, label, weight)


@pytest.mark.parametrize("kind", KINDS)
def test_model_untaught_says_base_rate(kind: Kind) -> None:
    """Begin: 2 % is a logit of ln(0.02 / 0.98) = -3.891820, whatever is looked at."""
    wanted = msgspec.structs.replace(asked(kind), base_rate_ppm=20_000)
    head = LogisticModel(wanted, untaught(wanted))
    assert head.snapshot().intercept == pytest.approx(-3.891820, abs=1e-6)
    assert head.proba({0: 4.0, 3: 1.0}) == pytest.approx(0.02, abs=1e-12)


def test_model_sgd_two_steps_are_those_on_paper() -> None:
    """
    Learning: rate 0.1, x = (2, other text), weights 0.75 and then 1.443986.

    g = 0.75 * 0.5 = 0.375; z = -0.0375 - 0.15 - 0.0375, p = 0.44398611, g = p^2 - 1 = -0.80287634.
    """
    head = begun("sgd")
    teach(head, [({0: 2.0, 1: 1.0}, 0, 0.75)])
    first = head.snapshot()
    assert (first.intercept, *first.weights) == pytest.approx((-0.0375, -0.075, -0.0375, 0, 0))
    proba = head.proba({0: 2.0, 1: 1.0})
    assert proba == pytest.approx(0.44398611, abs=1e-8)
    teach(head, [({0: 2.0, 1: 1.0}, 1, 1 + proba)])
    second = head.snapshot()
    expected = (0.04278763, 0.08557527, 0.04278763, 0, 0)
    assert (second.intercept, *second.weights) == pytest.approx(expected, abs=1e-8)
    assert (second.exposure_count, second.conversion_count, second.squares) == (1, 1, ())


def test_model_adagrad_two_steps_are_those_on_paper() -> None:
    """
    Learning: the first step is the rate whatever x is; squares 0.140625 and 0.5625 for x = 2.

    z = -0.4, p = 0.40131234, g = p^2 - 1 = -0.83894841, squares 0.84445943, step 0.09129476.
    """
    head = begun("adagrad")
    teach(head, [({0: 2.0, 1: 1.0}, 0, 0.75)])
    first = head.snapshot()
    assert (first.intercept, *first.weights) == pytest.approx((-0.1, -0.1, -0.1, 0, 0), abs=1e-7)
    assert first.squares == (0.5625, 0.140625, 0.0, 0.0, 0.140625)
    teach(head, [({0: 2.0, 1: 1.0}, 1, 1 + head.proba({0: 2.0, 1: 1.0}))])
    second = head.snapshot()
    moved = (-0.00870524, -0.00870524, -0.00870524, 0, 0)
    assert (second.intercept, *second.weights) == pytest.approx(moved, abs=1e-7)
    assert second.squares[-1] == pytest.approx(0.84445943, abs=1e-7)


@pytest.mark.parametrize("kind", KINDS)
@given(steps=examples)
@settings(deadline=None, max_examples=50)
def test_model_equals_formulas_of_the_page(kind: Kind, steps: Examples) -> None:
    """Learning: River's steps are those of docs/learning.md 2, to 10^-12 after thirty of them."""
    head = begun(kind)
    weights, squares = [0.0] * (WEIGHT_COUNT + 1), [0.0] * (WEIGHT_COUNT + 1)
    for x, label, weight in steps:
        head.learn(x, label, weight)
        full = {**x, WEIGHT_COUNT: 1.0}
        z = sum(weights[place] * said for place, said in full.items())
        g = weight * (1 / (1 + exp(-z)) - label)
        for place, said in full.items():
            squares[place] += (g * said) ** 2
            slowed = sqrt(squares[place] + 1e-8) if kind == "adagrad" else 1.0
            weights[place] -= 0.1 * g * said / slowed
    learnt = head.snapshot()
    assert (*learnt.weights, learnt.intercept) == pytest.approx(weights, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@given(before=examples, after=examples)
@settings(deadline=None, max_examples=50)
def test_model_restored_goes_on_as_if_never_stopped(
    kind: Kind, before: Examples, after: Examples
) -> None:
    """L1: written down, read back and taught further, the head is the same to the last bit."""
    whole = begun(kind)
    teach(whole, before)
    stored = encode_row(whole.snapshot())
    successor = LogisticModel(asked(kind), decode_row(stored, Head))
    assert encode_row(successor.snapshot()) == stored
    teach(whole, after)
    teach(successor, after)
    assert encode_row(successor.snapshot()) == encode_row(whole.snapshot())


@pytest.mark.parametrize("kind", KINDS)
@given(steps=examples, number=numbers, place=st.integers(1, 3))
@settings(deadline=None, max_examples=30)
def test_model_asked_changes_nothing(
    kind: Kind, steps: Examples, number: float, place: int
) -> None:
    """The contract: who asks for a probability leaves every byte as it was."""
    head = begun(kind)
    teach(head, steps)
    before = encode_row(head.snapshot())
    head.proba({0: number, place: 1.0})
    assert encode_row(head.snapshot()) == before


@pytest.mark.parametrize("kind", KINDS)
def test_model_that_goes_back_forgets_the_rest(kind: Kind) -> None:
    """The contract: restore leaves nothing of what was learnt since, squares neither."""
    head = begun(kind)
    teach(head, [({0: 1.0, 1: 1.0}, 1, 1.5)])
    kept = head.snapshot()
    teach(head, [({0: -3.0, 2: 1.0}, 0, 0.5), ({3: 1.0}, 1, 2.0)])
    assert head.snapshot() != kept
    head.restore(kept)
    assert head.snapshot() == kept


@pytest.mark.parametrize("kind", KINDS)
def test_model_refuses_a_step_that_leads_to_no_number(kind: Kind) -> None:
    """L3: two terms beyond all bounds meet: not learnt, not counted, no byte moves."""
    rule = Rule(text="1", tree=Const(1))
    wide = msgspec.structs.replace(
        asked(kind), inputs=(NumberInput(id="a", rule=rule), NumberInput(id="b", rule=rule))
    )
    head = LogisticModel(wide, Head(intercept=0.0, weights=(1.7e308, 1.7e308)))
    before = head.snapshot()
    assert not head.learn({0: 4.0, 1: -4.0}, 0, 0.75)
    assert head.snapshot() == before
    assert head.learn({0: 4.0, 1: 4.0}, 0, 0.75)  # infinite, but a sum: certainty


GOOD = Head(intercept=0.0, weights=(0.0,) * WEIGHT_COUNT)


@pytest.mark.parametrize(
    "bad",
    [
        msgspec.structs.replace(GOOD, weights=(0.0,) * 3),
        msgspec.structs.replace(GOOD, weights=(0.0, 0.0, nan, 0.0)),
        msgspec.structs.replace(GOOD, intercept=inf),
        msgspec.structs.replace(GOOD, squares=(0.0,) * WEIGHT_COUNT),
        msgspec.structs.replace(GOOD, squares=(0.0, 0.0, 0.0, 0.0, -1.0)),
        msgspec.structs.replace(GOOD, exposure_count=-1),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_model_begins_with_no_head_of_another(kind: Kind, bad: Head) -> None:
    """Fits: too few weights or squares, one that is not finite, a count or a square below 0."""
    with pytest.raises(ValueError, match="wanted a head of 4 finite weights"):
        LogisticModel(asked(kind), bad)


def test_model_sgd_has_no_squares() -> None:
    """Fits: what AdaGrad has summed up is no head of another optimizer."""
    with pytest.raises(ValueError, match="wanted a head"):
        LogisticModel(asked("sgd"), msgspec.structs.replace(GOOD, squares=(0.0,) * 5))


@pytest.mark.parametrize("rate", [0.01, 0.3])
def test_model_logit_is_held_within_35(rate: float) -> None:
    """Score: who is certain is held at 1 / (1 + e^-35), so that no weight becomes 0 or below."""
    wanted = asked("sgd", int(rate * 1_000_000))
    head = LogisticModel(wanted, msgspec.structs.replace(GOOD, intercept=50.0))
    assert head.proba({}) == 1 / (1 + exp(-35))
    assert log(head.proba({})) < 0
