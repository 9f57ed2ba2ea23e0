"""The learning fold and its second opinion, written by two hands, teach models the same."""

from collections import Counter
from typing import get_args

import pytest

from lifecycle.learning import cohorts
from schemas.learning import PublishReason
from tests.checker import learning_state
from tests.world.both_learn import both_learn, printed
from tests.world.chaos_outcomes import Outcomes


def test_house_and_checker_learn_the_same(*, full: bool) -> None:
    """L1, L2: same snapshots, rates, rows and counts of logs that no bank would write."""
    reasons: Counter[str] = Counter()
    withheld_count = choice_count = 0
    for seed in range(200 if full else 12):
        report, snapshots = both_learn(printed(Outcomes(seed).records(2_500)), slice_count=7)
        assert report.passed, f"seed {seed}\n{report}"
        models = [one for one in snapshots if one["event_type"] == "model.published"]
        reasons += Counter(one["reason"] for one in models)
        withheld_count += sum(one["withheld"] for one in models)
        choice_count += len(snapshots) - len(models)

    assert set(reasons) == set(get_args(PublishReason))
    assert choice_count > 100
    assert withheld_count > 0


def test_house_and_checker_learn_the_same_where_cohorts_have_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Section 3: with room for two the newest grows again and again, in both alike."""
    for module in (cohorts, learning_state):
        monkeypatch.setattr(module, "COHORTS_MAX", 2)
    for seed in range(20, 24):
        report, _ = both_learn(printed(Outcomes(seed).records(2_500)), slice_count=7)
        assert report.passed, f"seed {seed}\n{report}"
