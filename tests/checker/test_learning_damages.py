"""Every kind of damage to what learning read or wrote is found under its name."""

from collections.abc import Callable

import pytest

from tests.checker import learning_state
from tests.checker.changelog import last_rows
from tests.checker.check import check_learning
from tests.checker.damages_learning import (
    JOURNAL,
    LEARNING_DAMAGES,
    LEARNING_FIELDS,
    OUTCOMES,
    ROWS,
    Topics,
    topics,
)
from tests.checker.identity import Facts
from tests.checker.learning import LearningOracle, Place
from tests.checker.learning_by_hand import AT, came, defined, exposed
from tests.checker.report import Report


def judged(found: Topics) -> Report:
    """Return the report on a run of learning."""
    report = Report()
    check_learning(found[OUTCOMES], found[JOURNAL], last_rows(found[ROWS], report), report)
    return report


def test_check_of_a_right_run_of_learning_finds_nothing() -> None:
    """L1: and every snapshot of both journal partitions was looked at."""
    report = judged(topics())

    assert report.passed, str(report)
    assert report.seen["snapshots"] == 2 * len(topics()[JOURNAL][0]) > 12


@pytest.mark.parametrize(
    ("damage", "kinds"), LEARNING_DAMAGES, ids=lambda one: getattr(one, "__name__", "")[1:]
)
def test_check_names_damage_to_learning(damage: Callable[[Topics], None], kinds: set[str]) -> None:
    """L1, L2: a weight, a sequence, a time, a doubled example, whatever is lost or invented."""
    found = topics()
    damage(found)

    report = judged(found)

    assert set(report.counts) == kinds, str(report)


@pytest.mark.parametrize(("what", "damage"), LEARNING_FIELDS)
def test_check_names_every_field_of_a_learners_row(
    what: str, damage: Callable[[Topics], None]
) -> None:
    """I4: each part of a model's row is compared."""
    found = topics()
    damage(found)

    assert set(judged(found).counts) == {"STATE_DIFF"}, what


class Hasty(LearningOracle):
    """Judges the oldest cohort as it is where 64 are open and one more begins."""

    def _judge(self, tenant: str, state: Facts, place: Place) -> None:
        while len(state["cohorts"]) > 64:
            cohort = state["cohorts"].pop(0)
            state["judged_until"] = state["cohorts"][0]["from_ms"]
            if cohort["outcomes"]:
                self._weigh(tenant, state, cohort, place)
        super()._judge(tenant, state, place)


def test_check_names_a_cohort_that_was_judged_by_its_early_conversions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Section 3: while 64 cohorts are open the newest grows, and none is judged before its time."""
    said = [defined(), exposed(), came(1), *(exposed(AT + n) for n in range(1, 65 * 20))]
    right = topics(said)
    monkeypatch.setattr(learning_state, "COHORTS_MAX", 1_000)
    hasty = topics(said, Hasty())
    monkeypatch.undo()

    assert judged(right).passed
    assert set(judged(hasty).counts) == {"STATE_DIFF"}
