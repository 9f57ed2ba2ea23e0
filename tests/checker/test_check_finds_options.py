"""Every kind of damage to what was chosen among options is found under its name."""

from collections.abc import Callable

import pytest

from tests.checker.check import check_learning, last_rows
from tests.checker.damages_learning import JOURNAL, OUTCOMES, ROWS, Topics, topics
from tests.checker.damages_options import (
    CHOICE_DAMAGES,
    OPTION_DAMAGES,
    Run,
    judged,
    run,
)
from tests.checker.report import Report


def test_check_of_a_right_run_with_options_finds_nothing() -> None:
    """L1: and a trigger, two records, an exposure and a row of what was brought are looked at."""
    found = run()
    report = judged(found)

    assert report.passed, str(report)
    assert [len(found.outputs[name]) for name in ("sms", "push", "decisions")] == [1, 0, 1]
    values = [one.value or b"" for one in found.outputs["outcomes"]]
    assert sum(b'"option":"plain"' in value for value in values) == 1
    assert "#choice|0|acme|activation_nudge" in found.rows
    # 0.7 x 10 x 499,999 + 0.3 x 5 x 499,999: less than `plain` alone, more than `rich`
    assert b'"worth_micro":4249991,' in (found.outputs["decisions"][0].value or b"")


@pytest.mark.parametrize(
    ("damage", "kinds"), OPTION_DAMAGES, ids=lambda one: getattr(one, "__name__", "")[1:]
)
def test_check_names_damage_to_options(damage: Callable[[Run], None], kinds: set[str]) -> None:
    """An option, a chance, a model, a channel, a row: each that is another is found."""
    found = run()
    damage(found)

    report = judged(found)

    assert set(report.counts) == kinds, str(report)


@pytest.mark.parametrize(("damage", "kinds"), CHOICE_DAMAGES)
def test_check_names_damage_to_what_options_brought(
    damage: Callable[[Topics], None], kinds: set[str]
) -> None:
    """L1: an exposure, a rate, an order, a snapshot, each field of the row."""
    found = topics()
    damage(found)
    report = Report()
    check_learning(found[OUTCOMES], found[JOURNAL], last_rows(found[ROWS], report), report)

    assert set(report.counts) == kinds, str(report)
