"""Every kind of damage to what is told of customers, and to segments, is found under its name."""

from collections.abc import Callable

import pytest

from tests.checker.check import check_learning, last_rows
from tests.checker.damages_learning import JOURNAL, OUTCOMES, ROWS, Topics
from tests.checker.damages_segments import (
    LEARNT_DAMAGES,
    TOLD_DAMAGES,
    Told,
    judged_told,
    learnt,
    told,
)
from tests.checker.report import Report


def judged(found: Topics) -> Report:
    """Return the report on a run of learning."""
    report = Report()
    check_learning(found[OUTCOMES], found[JOURNAL], last_rows(found[ROWS], report), report)
    return report


def test_check_of_right_segments_finds_nothing() -> None:
    """L1: two bills are told of; segments are published twice, in both journal partitions."""
    report = judged(learnt())

    assert report.passed, str(report)
    assert report.seen["snapshots"] == 4
    assert judged_told(told()).passed
    assert len(told().outcomes) == 2


@pytest.mark.parametrize(("damage", "kinds"), TOLD_DAMAGES)
def test_check_names_damage_to_what_is_told(
    damage: Callable[[Told], None], kinds: set[str]
) -> None:
    """A customer missing, doubled, of another spend; segments that are stale, and adopted."""
    found = told()
    damage(found)

    assert set(judged_told(found).counts) == kinds


@pytest.mark.parametrize(("damage", "kinds"), LEARNT_DAMAGES)
def test_check_names_damage_to_segments(damage: Callable[[Topics], None], kinds: set[str]) -> None:
    """L1: an edge, a name that moved, an order, each field of the row."""
    found = learnt()
    damage(found)
    report = judged(found)

    assert set(report.counts) == kinds, str(report)
