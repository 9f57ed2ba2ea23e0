"""Guardrail: no bet can grow on average while the bound is kept."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.effect import guardrails
from lifecycle.effect.guardrail import Guardrail


OUTCOMES = st.lists(st.sampled_from([0, 1]), max_size=60)


def seen(bound_ppm: int, outcomes: list[int]) -> Guardrail:
    """Return the test after these customers, one after the other."""
    rail = Guardrail(bound_ppm)
    for outcome in outcomes:
        rail.update(outcome)
    return rail


def test_first_step_is_as_by_hand() -> None:
    """
    One complaint where one in ten is allowed: odds r times as high make it r / (0.9 + 0.1 r).

    Of r = 1.25, 1.5, 2, 3, 5, 10: 1.219512, 1.428571, 1.818182, 2.5, 3.571429, 5.263158; their
    mean is 2.633475. Where there is none: 1 / (0.9 + 0.1 r), their mean is 0.818502.
    """
    assert math.exp(seen(100_000, [1]).evidence.log_e) == pytest.approx(2.633475, abs=1e-6)
    assert math.exp(seen(100_000, [0]).evidence.log_e) == pytest.approx(0.818502, abs=1e-6)


@given(past=OUTCOMES, bound_ppm=st.integers(1, 999_999), kept=st.floats(0.0, 1.0))
def test_bet_never_grows_on_average_within_the_bound(
    past: list[int], bound_ppm: int, kept: float
) -> None:
    """After any past, at any rate up to the bound, the mean of the next factor is at most 1."""
    rate = kept * bound_ppm / 1_000_000
    before = seen(bound_ppm, past).evidence.log_e
    mean = sum(
        chance * math.exp(seen(bound_ppm, [*past, outcome]).evidence.log_e - before)
        for outcome, chance in ((1, rate), (0, 1 - rate))
    )

    assert mean <= 1.0 + 1e-9


@given(outcomes=OUTCOMES, data=st.data())
def test_order_within_a_look_changes_no_bit(outcomes: list[int], data: st.DataObject) -> None:
    """The e-value follows from two counts."""
    shuffled = data.draw(st.permutations(outcomes))
    at_once = Guardrail(20_000)
    at_once.look(len(outcomes), sum(outcomes))
    one_by_one = seen(20_000, outcomes).evidence.log_e

    assert one_by_one == seen(20_000, shuffled).evidence.log_e
    assert outcomes == [] or one_by_one == at_once.evidence.log_e


@given(past=OUTCOMES, future=OUTCOMES)
def test_restored_test_goes_on_bit_by_bit(past: list[int], future: list[int]) -> None:
    """L1: through JSON and back, then on: every number is the very same."""
    restored = Guardrail.restored(json.loads(json.dumps(seen(20_000, past).snapshot())))
    for outcome in future:
        restored.update(outcome)

    assert seen(20_000, [*past, *future]) == restored


def test_bound_that_was_broken_once_stays_broken() -> None:
    """Thirty complaints of a hundred where 2 % are allowed; then none of ten thousand."""
    rail = Guardrail(20_000)
    assert not rail.broken(50_000)
    rail.look(100, 30)
    assert rail.broken(1_000)
    rail.look(10_000, 0)
    assert rail.broken(1_000)


def test_broken_bounds_are_found_and_kept_ones_are_not() -> None:
    """100 runs of 40,000 looked at every 200, bound 1 %: alarms at 1 % are rare, 2 % is found."""
    told = guardrails(100)

    assert told["guardrail_false_alarm"] <= 0.05
    assert told["guardrail_power"] == 1.0
    assert told["guardrail_customers_median"] <= 4_000


def test_more_events_than_customers_are_refused() -> None:
    """A count that cannot be is a fault of whoever counts."""
    with pytest.raises(ValueError, match="wanted 0 to 10 events, found 11"):
        Guardrail(20_000).look(10, 11)
