"""What scene a purchase is: the bank's label, else its merchant category code."""

from itertools import pairwise

import pytest

from schemas.scenes import MCC_RANGES, SCENES, scene_place
from tests.checker.oracle_recent import scene_number


@pytest.mark.parametrize(
    ("scene", "mcc", "wanted"),
    [
        ("fuel", "5411", "fuel"),
        ("supermarket", "5411", "groceries"),
        ("", "5814", "dining"),
        ("", "5815", "digital"),
        ("", "3000", "travel"),
        ("", "3999", "travel"),
        ("", "4119", "health"),
        ("", "0742", "services"),
        ("", "0741", "other"),
        ("", "6011", "other"),  # cash
        ("", "9999", "other"),
        ("", "0000", "other"),
        ("", "", "other"),
        ("", "742", "other"),
        ("", "54111", "other"),
        ("", "5 11", "other"),
        ("", "\u0665\u0664\u0661\u0661", "other"),  # Arabic digits
        ("", "²²²²", "other"),
        ("Fuel", "", "other"),
    ],
)
def test_scene_is_the_label_else_the_code(scene: str, mcc: str, wanted: str) -> None:
    """ISO 18245: four digits; whatever is not one of the list is `other`."""
    assert wanted == SCENES[scene_place(scene, mcc)]


def test_scenes_are_few_and_other_is_the_first() -> None:
    """A row keeps the place in one byte; nothing said is 0."""
    assert len(set(SCENES)) == len(SCENES) <= 15
    assert "other" == SCENES[0]


def test_ranges_are_in_order_and_apart() -> None:
    """The code is found by bisection."""
    assert all(first <= last for first, last, _ in MCC_RANGES)
    assert all(one[1] < other[0] for one, other in pairwise(MCC_RANGES))
    assert {scene for _, _, scene in MCC_RANGES} == set(SCENES) - {"other"}


def test_every_code_is_what_the_second_opinion_says() -> None:
    """The checker has a table of its own, in another shape."""
    codes = [f"{code:04}" for code in range(10_000)]

    assert [scene_number("", code) for code in codes] == [scene_place("", code) for code in codes]
