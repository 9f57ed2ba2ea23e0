"""
The checker's teeth: a run worked out by hand passes, and every kind of damage to it is named.

Each test spoils one thing in `tiny_world` and asserts the exact set of findings.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checker import tiny_world as world
from tests.checker.check import OUTPUTS, check
from tests.checker.damages import DAMAGES
from tests.checker.damages_insight import INSIGHT_DAMAGES
from tests.checker.damages_insight_rows import INSIGHT_FIELDS
from tests.checker.damages_learning import LEARNING_DAMAGES
from tests.checker.damages_offers import OFFER_DAMAGES, OFFER_FIELDS
from tests.checker.damages_rejected import REJECTED_DAMAGES
from tests.checker.damages_rows import FIELDS, ROW_DAMAGES
from tests.checker.log_reader import LogRecord
from tests.checker.oracle import Expected
from tests.checker.oracle_output import Output
from tests.checker.report import KINDS, Report
from tests.checker.spoiling import DECISIONS, Topics
from tests.checker.tiny_offer_topics import NAMES as OFFER_NAMES
from tests.checker.tiny_offer_topics import tiny_offer_topics
from tests.checker.tiny_topics import tiny_topics
from tests.checker.tiny_world import NAMES
from tests.checker.verdict import ActualOutput, compare_outputs


TINY_DAMAGES = [*DAMAGES, *REJECTED_DAMAGES, *ROW_DAMAGES]
ALL_DAMAGES = [*TINY_DAMAGES, *OFFER_DAMAGES]


@pytest.fixture
def campaigns(tmp_path: Path) -> Path:
    """Return a folder with the one campaign of the tiny world as a YAML file."""
    (tmp_path / "activation_nudge.yaml").write_text(world.YAML)
    return tmp_path


def found(topics: Topics, campaigns: Path) -> Report:
    """Return the report on a run."""
    return check(topics, NAMES, campaigns)


def test_check_of_a_run_worked_out_by_hand_finds_nothing(campaigns: Path) -> None:
    """I1, I2, B1: literal bytes, rows and counts of a right run pass, and all were looked at."""
    report = found(tiny_topics(), campaigns)

    assert report.passed, str(report)
    assert report.seen == {
        "source records": 15,
        "journal records": 18,
        "ticks": 4,
        "policies": 1,
        "rejected NOT_JSON": 1,
        "rejected PII_FORBIDDEN": 1,
        **dict.fromkeys((f"{name} outputs" for name in OUTPUTS), 0),
        "sms outputs": 1,
        "decisions outputs": 2,
        "outcomes outputs": 2,
        "customer rows": 3,
        "erased customers": 1,
    }


@pytest.mark.parametrize(
    ("damage", "kinds"), TINY_DAMAGES, ids=lambda one: getattr(one, "__name__", "")[1:]
)
def test_check_names_damage(
    damage: Callable[[Topics], None], kinds: set[str], campaigns: Path
) -> None:
    """I1, I2, I4: whatever is lost, doubled, altered or misplaced is found under its name."""
    topics = tiny_topics()
    damage(topics)

    report = found(topics, campaigns)

    assert set(report.counts) == kinds, str(report)
    assert not report.passed


@pytest.mark.parametrize(("what", "damage"), FIELDS)
def test_check_names_every_field_of_a_row(
    what: str, damage: Callable[[Topics], None], campaigns: Path
) -> None:
    """I4: each field of a customer's row is compared, one by one."""
    topics = tiny_topics()
    damage(topics)

    assert set(found(topics, campaigns).counts) == {"STATE_DIFF"}, what


def test_check_of_a_run_with_gifts_worked_out_by_hand_finds_nothing() -> None:
    """C2, C3: literal triggers, grants, records and rows of a right run pass."""
    report = check(tiny_offer_topics(), OFFER_NAMES, None)

    assert report.passed, str(report)
    seen = {name: count for name, count in report.seen.items() if name.endswith("outputs")}
    assert {name: count for name, count in seen.items() if count} == {
        "sms outputs": 3,
        "push outputs": 1,
        "offers outputs": 2,
        "decisions outputs": 4,
        "outcomes outputs": 3,
    }


@pytest.mark.parametrize(
    ("damage", "kinds"), OFFER_DAMAGES, ids=lambda one: getattr(one, "__name__", "")[1:]
)
def test_check_names_damage_to_gifts(damage: Callable[[Topics], None], kinds: set[str]) -> None:
    """C2, C3: grants, units, slots, wordings and receipts are each looked at."""
    topics = tiny_offer_topics()
    damage(topics)

    report = check(topics, OFFER_NAMES, None)

    assert set(report.counts) == kinds, str(report)


@pytest.mark.parametrize(("what", "damage"), OFFER_FIELDS)
def test_check_names_every_field_of_what_is_reserved(
    what: str, damage: Callable[[Topics], None]
) -> None:
    """C3: each field of rows of offers, budgets, wordings and reservations is compared."""
    topics = tiny_offer_topics()
    damage(topics)

    assert set(check(topics, OFFER_NAMES, None).counts) == {"STATE_DIFF"}, what


def test_compare_outputs_names_order_and_collision() -> None:
    """T8, B1: outputs before what precedes them, and an id that the rules give twice."""
    first = Expected(1, b"acme|c0", Output("decisions", "d1", b"{}"))
    second = Expected(2, b"acme|c0", Output("decisions", "d2", b"{}"))
    at = {"d1": 8, "d2": 7}
    records = [
        LogRecord(DECISIONS, 0, at[name], 0, b"acme|c0", b'{"decision_id":"%s"}' % name.encode())
        for name in ("d2", "d1")
    ]
    report = Report()

    compare_outputs({0: [first, second]}, {"decisions": ActualOutput(records)}, report)
    assert report.counts["ORDER"] == 1

    compare_outputs({0: [first, first._replace(rank=2)]}, {}, report)
    assert report.counts["COLLISION"] == 1


def test_every_kind_of_finding_has_a_damage_that_it_names() -> None:
    """A kind that no test provokes would be a promise that nobody has seen kept."""
    damages = [*ALL_DAMAGES, *LEARNING_DAMAGES, *INSIGHT_DAMAGES]
    provoked = {kind for _, kinds in damages for kind in kinds} | {"ORDER", "COLLISION"}
    provoked |= {kind for _, _, kinds in INSIGHT_FIELDS for kind in kinds}

    assert set(KINDS) == provoked
