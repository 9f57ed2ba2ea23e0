"""Figures from bins are what they are without bins (docs/learning.md 3)."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.learning import quality
from schemas.learning_rows import CohortState, Tally


outcomes = st.lists(
    st.tuples(st.integers(1, 999_999), st.sampled_from((0, 1))), min_size=1, max_size=60
)
Outcomes = Sequence[tuple[int, int]]


def tallied(found: Outcomes) -> Tally:
    """Return the outcomes added up."""
    tally = Tally()
    for score_ppm, label in found:
        quality.count(tally, score_ppm, label)
    return tally


def bin_of(score_ppm: int) -> int:
    """Return the bin by the page's formula."""
    logit = log(score_ppm / (1_000_000 - score_ppm))
    return min(199, max(0, floor((logit + 8) * 12.5)))


@pytest.mark.parametrize(
    ("score_ppm", "expected"),
    [(1, 0), (335, 0), (500_000, 100), (20_000, 51), (999_999, 199), (269_000, 87)],
)
def test_quality_bin_is_of_the_logit(score_ppm: int, expected: int) -> None:
    """ln(0.02 / 0.98) = -3.8918: floor(4.1082 * 12.5) = 51; ln(0.269 / 0.731) = -0.9997: 87."""
    assert quality.score_bin(score_ppm) == expected


@given(found=outcomes)
@settings(deadline=None)
def test_quality_auc_is_share_of_pairs(found: Outcomes) -> None:
    """Of every pair of a conversion and none: scored above counts 1, in one bin a half."""
    wins = [
        Fraction(1)
        if bin_of(one) > bin_of(other)
        else Fraction(int(bin_of(one) == bin_of(other)), 2)
        for one, positive in found
        for other, negative in found
        if positive and not negative
    ]
    tally = tallied(found)
    expected = float(sum(wins) / len(wins)) if wins else None
    assert quality.auc(tally.negatives, tally.positives) == pytest.approx(expected)


@given(found=outcomes)
@settings(deadline=None)
def test_quality_top_half_is_counted_out(found: Outcomes) -> None:
    """One by one from the best bin, each outcome as the bin's mean, up to half of them."""
    converted = sum(label for _, label in found)
    left, taken = Fraction(len(found), 2), Fraction(0)
    for place in range(199, -1, -1):
        labels = [label for score_ppm, label in found if bin_of(score_ppm) == place]
        if labels:
            share = min(Fraction(1), left / len(labels))
            taken += share * sum(labels)
            left -= share * len(labels)
    expected = floor(1_000_000 * taken / converted) if converted else None
    tally = tallied(found)
    assert quality.top_ppm(tally.negatives, tally.positives) == expected


@given(found=outcomes)
@settings(deadline=None)
def test_quality_calibration_error_is_mean_gap(found: Outcomes) -> None:
    """ECE by exact fractions over 20 bins of equal width."""
    gaps = [Fraction(0)] * 20
    for score_ppm, label in found:
        proba = Fraction(score_ppm, 1_000_000)
        gaps[floor(20 * proba)] += proba - label
    expected = float(sum(map(abs, gaps)) / len(found))
    assert quality.calibration_error(tallied(found)) == pytest.approx(expected, abs=1e-12)


@given(now=outcomes, before=outcomes)
@settings(deadline=None)
def test_quality_shift_is_population_stability(now: Outcomes, before: Outcomes) -> None:
    """PSI over the 20 bins of ten, half an outcome more in each."""
    shares = [
        [
            (sum(bin_of(score) // 10 == place for score, _ in found) + 0.5) / (len(found) + 10)
            for place in range(20)
        ]
        for found in (now, before)
    ]
    expected = sum((a - b) * log(a / b) for a, b in zip(*shares, strict=True))
    assert quality.shift(tallied(now), tallied(before)) == pytest.approx(expected, abs=1e-12)


def test_quality_nothing_has_shifted_at_first() -> None:
    """Shift: 0 for the first cohort, however its scores lie."""
    assert quality.shift(tallied([(10, 0), (999_000, 1)]), Tally()) == 0


def test_quality_figures_of_three_outcomes_are_those_on_paper() -> None:
    """
    Scores 0.9 (converted), 0.5 (converted), 0.9 (not), by an average of 0.25.

    loss (0.105361 + 0.693147 + 2.302585) / 3; average (2 * 1.386294 + 0.287682) / 3; auc: one pair
    is a tie, one lost: 0.25; ECE (|1.8 - 1| + |0.5 - 1|) / 3.
    """
    cohort = CohortState(0, 0.25, 1, tally=tallied([(900_000, 1), (500_000, 1), (900_000, 0)]))
    cohort.tally.average_loss_sum = quality.average_loss_sum(cohort)
    cohort.tally.delay_sum_ms = 7
    found = quality.figures(cohort.tally)
    assert found.loss == pytest.approx(1.033698, abs=1e-6)
    assert found.average_loss == pytest.approx(1.020090, abs=1e-6)
    assert found.auc == 0.25
    assert found.top_ppm == 375_000  # 1.5 of the 2 in the best bin: 0.75 of its one conversion
    assert found.calibration_error == pytest.approx(1.3 / 3)
    assert (found.previous_loss, found.delay_ms) == (None, 3)


@given(st.integers(1, 999_999), st.lists(st.sampled_from((0, 1)), min_size=1, max_size=300))
def test_quality_of_scores_that_are_the_average_is_not_worse(
    base_ppm: int, labels: list[int]
) -> None:
    """A first cohort's scores are the base rate: as good as the average, but for rounding."""
    tally = tallied([(base_ppm, label) for label in labels])
    cohort = CohortState(0, base_ppm / 1_000_000, 1, tally=tally)
    tally.average_loss_sum = quality.average_loss_sum(cohort)

    assert not quality.is_worse(quality.figures(tally))


def test_quality_of_scores_that_lose_a_little_more_is_worse() -> None:
    """Three converted at .5, by an average of .500001: two millionths of loss are enough."""
    tally = tallied([(500_000, 1)] * 3)
    tally.average_loss_sum = quality.average_loss_sum(CohortState(0, 0.500001, 1, tally=tally))

    assert quality.is_worse(quality.figures(tally))


def test_quality_pooled_fades_by_a_thirty_second() -> None:
    """Pooled: what was there keeps 31/32, sums and bins alike."""
    pooled = Tally()
    quality.pool(pooled, tallied([(500_000, 1)] * 32))
    quality.pool(pooled, tallied([(500_000, 0)]))
    assert (pooled.outcome_count, pooled.conversion_count) == (32, 31)
    assert (pooled.positives[100], pooled.negatives[100]) == (31, 1)
    assert pooled.loss_sum == pytest.approx(32 * log(2))
