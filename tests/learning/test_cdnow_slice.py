"""Real purchases through the production folds: a tenth of the customers of bench/LEARNING.md."""

import pytest

from bench.learning.measured import Figures, cdnow_figures


pytestmark = pytest.mark.slow

CUSTOMER_COUNT = 600


@pytest.fixture(scope="module")
def figures() -> Figures:
    """Return what is reached for 600 customers, spread over the file evenly."""
    return cdnow_figures(CUSTOMER_COUNT)


def test_cdnow_model_ranks_who_buys_again(figures: Figures) -> None:
    """
    AUC .818 over the second half of the askings, whose bound is .81 for 6,000 customers.

    Seven times other 600 customers give .800 to .824, each above recency alone, by .002 to .014.
    """
    assert figures["cdnow_auc"] >= 0.79
    assert figures["cdnow_auc"] >= figures["cdnow_recency_auc"]
    assert figures["cdnow_auc"] >= figures["cdnow_alive_auc"] + 0.3


def test_cdnow_model_ranks_from_the_first_asking_on(figures: Figures) -> None:
    """
    AUC .746 over all askings, .754 for 6,000 customers: in the first half nobody has a history.

    The page's .81 is missed by all. With 600 customers learning takes much of the time, so recency
    alone is ahead, at .767; seven times other 600 give .701 to .732.
    """
    assert figures["cdnow_whole_auc"] >= 0.69


def test_cdnow_scores_can_be_believed(figures: Figures) -> None:
    """ECE .033, where 6,000 customers come to .014; seven times other 600 have .023 to .032."""
    assert figures["cdnow_ece"] <= 0.04
