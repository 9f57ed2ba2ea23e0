"""Off-policy: weights from what was logged, matured examples only, exact propensities."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.effect.off_policy import Logged, judged, propensities


EXAMPLES = st.lists(
    st.builds(
        Logged,
        reward=st.integers(0, 10_000),
        propensity_ppm=st.integers(1, 1_000_000),
        target_ppm=st.integers(1, 1_000_000),
        matured=st.booleans(),
    ),
    max_size=30,
).filter(lambda examples: sum(one.matured for one in examples) >= 2)

HALF, QUARTER, ALL = 500_000, 250_000, 1_000_000


def test_estimates_are_as_by_hand() -> None:
    """
    Weights 2, 4 and 0 with rewards 1, 0 and 1; a fourth example is not matured.

    IPS (2 + 0 + 0) / 3; its squares (4/3)^2 + 2 (2/3)^2 = 8/3, the error sqrt(8/3 / 2 / 3) = 2/3.
    SNIPS 2/6; its error sqrt((2 * 2/3)^2 + (4 / 3)^2) / 6 = sqrt(32)/18. 36 / 20 effective.
    """
    told = judged(
        [
            Logged(1, HALF, ALL, matured=True),
            Logged(0, QUARTER, ALL, matured=True),
            Logged(1, HALF, 0, matured=True),
            Logged(1, HALF, ALL, matured=False),
        ],
        weight_max=10,
    )

    assert (2 / 3, 2 / 3, 1 / 3, math.sqrt(32) / 18) == pytest.approx(told[:4])
    assert (2.0, 1.8) == pytest.approx((told.weight_mean, told.effective_count))
    assert (3, 0, 1) == (told.example_count, told.clipped_count, told.immature_count)


def test_weight_is_held_to_what_was_declared() -> None:
    """Weights of 2 and 4, at most 3: IPS (2 + 3) / 2 of rewards 1, and one is told as clipped."""
    examples = [Logged(1, HALF, ALL, matured=True), Logged(1, QUARTER, ALL, matured=True)]
    told = judged(examples, weight_max=3)

    assert (2.5, 1) == (told.ips, told.clipped_count)


@given(examples=EXAMPLES, data=st.data())
def test_order_of_examples_changes_no_bit(examples: list[Logged], data: st.DataObject) -> None:
    """Sums are rounded once, whatever order the log was read in."""
    assert judged(examples, 20) == judged(data.draw(st.permutations(examples)), 20)


@given(examples=EXAMPLES)
def test_unmatured_examples_change_nothing(examples: list[Logged]) -> None:
    """L2: matured cohorts only."""
    matured = [one for one in examples if one.matured]

    assert judged(examples, 20)._replace(immature_count=0) == judged(matured, 20)


@given(
    rewards=st.lists(st.integers(0, 100), min_size=3, max_size=3),
    scores=st.lists(st.integers(0, 9), min_size=3, max_size=3),
    epsilon_ppm=st.integers(3, 1_000_000),
    target=st.integers(0, 2),
)
def test_ips_is_unbiased_for_any_policy(
    rewards: list[int], scores: list[int], epsilon_ppm: int, target: int
) -> None:
    """Weighed over all that the log could hold, IPS is what the target's arm brings."""
    logged = propensities(scores, epsilon_ppm)
    mean = 0.0
    for arm, propensity_ppm in enumerate(logged):
        example = Logged(rewards[arm], propensity_ppm, ALL if arm == target else 0, matured=True)
        filler = Logged(0, ALL, 1, matured=True)  # an estimate needs two, and some weight
        ips = judged([example, filler], weight_max=1_000_000).ips * 2
        mean += propensity_ppm / 1_000_000 * ips

    assert mean == pytest.approx(rewards[target])


def test_truth_is_within_two_standard_errors_as_often_as_that_says() -> None:
    """400 logs of 2,000 decisions, epsilon 30 % over three arms; the target is the second best."""
    rates, logged = np.array([0.02, 0.10, 0.06]), propensities([0, 2, 1], 300_000)
    random = np.random.default_rng(14)
    within = np.zeros(2)
    for _ in range(400):
        arms = random.choice(3, 2_000, p=np.array(logged) / ALL)
        rewards = random.random(2_000) < rates[arms]
        told = judged(
            (
                Logged(int(reward), logged[arm], ALL if arm == 2 else 0, matured=True)
                for arm, reward in zip(arms.tolist(), rewards.tolist(), strict=True)
            ),
            weight_max=20,
        )
        apart = np.abs([told.ips - 0.06, told.snips - 0.06])
        within += apart <= 2 * np.array([told.ips_se, told.snips_se])

    assert np.all(within >= 0.92 * 400)
    assert np.all(within <= 0.99 * 400)


@given(scores=st.lists(st.integers(-9, 9), min_size=1, max_size=9), data=st.data())
def test_propensities_are_a_whole_with_a_floor(scores: list[int], data: st.DataObject) -> None:
    """10^6 together; everyone has their part of epsilon, the first of the best all the rest."""
    epsilon_ppm = data.draw(st.sampled_from([0]) | st.integers(len(scores), 1_000_000))
    told = propensities(scores, epsilon_ppm)
    best = scores.index(max(scores))

    assert 1_000_000 == sum(told)
    assert [epsilon_ppm // len(scores)] * (len(scores) - 1) == [*told[:best], *told[best + 1 :]]


@pytest.mark.parametrize(
    ("scores", "epsilon_ppm", "wanted"),
    [
        pytest.param([], 0, "wanted the score of an arm", id="no arm"),
        pytest.param([1, 2], 1, "wanted an epsilon_ppm of 0, or 2 to 1,000,000", id="no part"),
        pytest.param([1], 1_000_001, "wanted an epsilon_ppm", id="more than all"),
    ],
)
def test_epsilon_that_leaves_an_arm_nothing_is_refused(
    scores: list[int], epsilon_ppm: int, wanted: str
) -> None:
    """An arm that looks explored and never is would have no weight."""
    with pytest.raises(ValueError, match=wanted):
        propensities(scores, epsilon_ppm)


@pytest.mark.parametrize(
    ("examples", "weight_max", "wanted"),
    [
        ([Logged(1, HALF, ALL, matured=True)], 20, "wanted two matured examples"),
        ([Logged(1, HALF, 0, matured=True)] * 2, 20, "with some weight"),
        ([Logged(1, 0, ALL, matured=True)] * 2, 20, "wanted a propensity of 1 to"),
        ([Logged(1, HALF, ALL + 1, matured=True)] * 2, 20, "found 500,000 and 1,000,001"),
        ([Logged(1, HALF, ALL, matured=True)] * 2, 0, "wanted a weight_max of 1 or more"),
    ],
)
def test_log_that_cannot_be_judged_is_refused(
    examples: list[Logged], weight_max: int, wanted: str
) -> None:
    """Nothing is estimated from too little, or from a propensity that cannot have been."""
    with pytest.raises(ValueError, match=wanted):
        judged(examples, weight_max)
