"""The checker's teeth for exposures, guardrails and cards: a run by hand, and damage to it."""

from collections.abc import Callable

import pytest

from tests.checker.check import check
from tests.checker.damages_effects import EFFECT_DAMAGES, EFFECT_FIELDS
from tests.checker.spoiling import Topics
from tests.checker.tiny_effect_topics import tiny_effect_topics
from tests.checker.tiny_offer_topics import NAMES


OF_INSIGHT = {"EXPOSURE_TWICE", "EXPOSURE_UNKNOWN", "EXPOSURE_ALTERED"}
"""What the check of insight says of some of these damages as well."""


def test_check_of_a_run_with_exposures_worked_out_by_hand_finds_nothing() -> None:
    """3.12, 3.17, 3.18: literal records and rows of a right run pass."""
    report = check(tiny_effect_topics(), NAMES, None)

    assert report.passed, str(report)
    seen = {name: count for name, count in report.seen.items() if name.endswith("outputs")}
    assert {name: count for name, count in seen.items() if count} == {
        "sms outputs": 1,
        "decisions outputs": 2,
        "outcomes outputs": 20,
    }


@pytest.mark.parametrize(("what", "damage", "kinds"), EFFECT_DAMAGES)
def test_check_names_damage_to_effects(
    what: str, damage: Callable[[Topics], None], kinds: set[str]
) -> None:
    """I1, I2: what is settled, followed, objected, moved or held is looked at, one by one."""
    topics = tiny_effect_topics()
    damage(topics)

    report = check(topics, NAMES, None)

    assert set(report.counts) - OF_INSIGHT == kinds, f"{what}: {report}"


@pytest.mark.parametrize(("what", "damage"), EFFECT_FIELDS)
def test_check_names_every_field_of_what_is_kept_for_effects(
    what: str, damage: Callable[[Topics], None]
) -> None:
    """I4: each field of 3.17 in a customer's row, and in a tenant's, is compared."""
    topics = tiny_effect_topics()
    damage(topics)

    assert set(check(topics, NAMES, None).counts) == {"STATE_DIFF"}, what
