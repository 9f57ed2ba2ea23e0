"""Every kind of damage to what insight read or wrote is found under its name."""

from collections.abc import Callable

import pytest

from tests.checker.changelog import last_rows
from tests.checker.damages_insight import INSIGHT_DAMAGES
from tests.checker.damages_insight_rows import INSIGHT_FIELDS
from tests.checker.insight_by_hand import OUTCOMES
from tests.checker.insight_run import InsightTopics, check_insight
from tests.checker.report import Report
from tests.checker.tiny_insight import DECISIONS, JOURNAL, ROWS, TOLD, Topics, topics


def judged(found: Topics) -> Report:
    """Return the report on a run of insight."""
    report = Report()
    logs = InsightTopics(found[DECISIONS], found[OUTCOMES], found[JOURNAL], found[TOLD])
    check_insight(logs, last_rows(found[ROWS], report), report)
    return report


def test_check_of_a_right_run_of_insight_finds_nothing() -> None:
    """Two trips in two journal partitions; told: they, the effect six times, twice the cards."""
    report = judged(topics())

    assert report.passed, str(report)
    assert report.seen == {"insight rows": 2, "insight reports": 10, "trips": 4}


@pytest.mark.parametrize(
    ("damage", "kinds"), INSIGHT_DAMAGES, ids=lambda one: getattr(one, "__name__", "")[1:]
)
def test_check_names_damage_to_insight(damage: Callable[[Topics], None], kinds: set[str]) -> None:
    """E1, E2: whatever is lost, doubled, invented or counted for somebody else is found."""
    found = topics()
    damage(found)

    report = judged(found)

    assert set(report.counts) == kinds, str(report)


@pytest.mark.parametrize(("what", "damage", "kinds"), INSIGHT_FIELDS)
def test_check_names_every_field_of_insights_rows(
    what: str, damage: Callable[[Topics], None], kinds: set[str]
) -> None:
    """I4: each part of an effect's and a funnel's row is compared."""
    found = topics()
    damage(found)

    report = judged(found)

    assert set(report.counts) == kinds, what
