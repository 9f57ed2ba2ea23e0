"""What a model takes of rows and records, in bytes; seconds are told by bench/LEARNING.md alone."""

import pytest

from bench.learning.costs import Figures, cost_figures


EXPOSURE_COUNT, SCORE_COUNT = 2_100, 1
"""Of 10,000 and 20,000: two cohorts of 1,000 are judged, bytes need no more."""


@pytest.fixture(scope="module")
def figures() -> Figures:
    """Return what `deploy/models/activation.yaml` costs."""
    return cost_figures(EXPOSURE_COUNT, SCORE_COUNT)


def test_cost_of_an_open_exposure_is_its_vector_and_a_short_row(figures: Figures) -> None:
    """Four bytes an input, 218 in all; a row has eight at most: less than 2 KiB with longer ids."""
    assert figures["cost_inputs"] > 0
    assert figures["cost_vector_bytes"] == 4 * figures["cost_inputs"]
    assert figures["cost_exposure_bytes"] <= 256


def test_cost_of_a_snapshot_does_not_grow_with_what_was_learnt(figures: Figures) -> None:
    """3,033 bytes, 3,031 after 300 exposures: only digits of counts grow, and of weights."""
    few = cost_figures(300, SCORE_COUNT)

    assert figures["cost_snapshot_bytes"] <= few["cost_snapshot_bytes"] + 64
    assert figures["cost_snapshot_bytes"] <= 4_096


def test_cost_of_a_models_row_is_a_few_kilobytes(figures: Figures) -> None:
    """7,192 bytes, 7,767 after 10,000: bins that became fractions, and at most eight reports."""
    assert figures["cost_model_row_bytes"] <= 10_240
