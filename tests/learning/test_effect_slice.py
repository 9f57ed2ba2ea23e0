"""What tests of effects promise, over fewer runs than in bench/LEARNING.md."""

import pytest

from bench.learning.effects import Figures, effect_figures


pytestmark = pytest.mark.slow

RUN_COUNT = 10
"""Of 200: one run more or less is .1."""


@pytest.fixture(scope="module")
def figures() -> Figures:
    """Return shares of ten runs."""
    return effect_figures(RUN_COUNT)


def test_effect_of_nothing_raises_no_alarm(figures: Figures) -> None:
    """
    A/A with a control of a fifth and of a tenth: 0 and 1 of 10, where a z-test cries in 5.

    Two are allowed: where .05 is true three or more of ten come once in 87 times.
    """
    assert figures["aa_runs"] == RUN_COUNT
    assert figures["aa_false_alarm"] <= 2 / RUN_COUNT
    assert figures["aa_tenth_false_alarm"] <= 2 / RUN_COUNT
    assert figures["aa_z_test_false_alarm"] >= 0.3


def test_effect_that_is_there_is_found_and_covered(figures: Figures) -> None:
    """.05 against .065: found in all runs, half of them by the 14,000th customer of 40,000."""
    assert figures["effect_power"] >= 0.95
    assert figures["effect_power_customers_median"] <= 20_000
    assert figures["effect_coverage"] >= 0.9


def test_effect_of_small_banks_is_found_together_and_hardly_alone(figures: Figures) -> None:
    """Twenty banks of 2,000: all runs together, .035 of the banks alone; both cover it."""
    assert figures["pool_power"] >= 0.9
    assert figures["pool_alone_power"] <= 0.2
    assert figures["pool_coverage"] >= 0.9
    assert figures["pool_alone_coverage"] >= 0.95
