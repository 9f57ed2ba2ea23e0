"""More experiments than a row remembers: house and checker forget the same."""

from collections import Counter

from tests.world.both_folds import both_fold
from tests.world.many_experiments import ManyExperiments


def test_house_and_checker_forget_the_same_experiments(*, full: bool) -> None:
    """3.17: the same marks, first exposures, exposures to the holdout, and counts of no place."""
    counts: Counter[str] = Counter()
    for seed in range(200 if full else 12):
        both = both_fold(seed, 60, ManyExperiments)
        assert both.report.passed, f"seed {seed}\n{both.report}"
        counts += both.counts

    assert min(counts[name] for name in ("experiments_full|acme", "exposure|acme||assigned")) > 9
