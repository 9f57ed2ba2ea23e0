"""Customers who begin to buy something else: house and checker agree on when that is told."""

from collections import Counter

import pytest

from lifecycle.features import recent, segments
from tests.world.both_folds import both_fold
from tests.world.changing_habits import ChangingHabits


SEEN = {"sent", "suppressed NOT_APPLICABLE", "suppressed PERSONALISATION_OFF"}
"""Told, not told, and not asked for: what must be there, or the journals show too little."""


def test_house_and_checker_agree_on_changes_of_life(*, full: bool) -> None:
    """L1, T6: the same rows, and the same purchases told, late ones among them."""
    outcomes: Counter[str] = Counter()
    for seed in range(200 if full else 8):
        both = both_fold(seed, 600, ChangingHabits)
        assert both.report.passed, f"seed {seed}\n{both.report}"
        outcomes += both.outcomes
    assert set(outcomes) >= SEEN


def test_checker_notices_half_against_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """A house that looks at the newest sixteen only decides otherwise."""

    def changed_scene(_known: bytes, recent_spend: bytes) -> str:
        scenes = recent.scenes(recent_spend)
        newer = Counter(scenes[8:]) - Counter(scenes[:8])
        return newer.most_common(1)[0][0] if newer.total() > 3 else ""

    monkeypatch.setattr(segments, "changed_scene", changed_scene)
    report = both_fold(0, 600, ChangingHabits).report

    assert "DIFFERENT" in report.counts, str(report)
