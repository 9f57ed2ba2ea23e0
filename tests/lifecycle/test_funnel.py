"""How cards pass through the funnel, worked out by hand from the counts of a row (insight.md 2)."""

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.funnel import STAGES, Passage, added_up, median_ms, passage
from schemas.insight_rows import WAITED_BIN_COUNT, FunnelRow
from tests.lifecycle.builders import HOUR


CARDS = {
    "issued": 100,
    "issued|gone": 7,
    "issued+activated": 20,
    "issued+activated|gone": 3,
    "issued+activated+bound": 10,
    "issued+activated+bound+first_spend": 50,
    "issued+activated+bound+first_spend|gone": 5,
    "issued+first_spend": 2,
    "activated": 4,
    "bound": 1,
    "|gone": 9,
}
MINUTE = HOUR // 60


@pytest.mark.parametrize(
    ("stage", "entered", "left", "converted", "waiting"),
    [
        # 100 + 2 wait, 7 are gone; 20 + 3 + 10 + 50 + 5 + 4 were activated
        ("activate", 201, 7, 92, 102),
        # 20 + 4 wait, 3 are gone; 10 + 50 + 5 + 1 were bound
        ("bind", 93, 3, 66, 24),
        # 20 + 10 + 4 wait, 3 are gone; 50 + 5 + 2 were paid with
        ("pay", 94, 3, 57, 34),
    ],
)
def test_cards_of_a_stage(
    stage: str, entered: int, left: int, converted: int, waiting: int
) -> None:
    """Who has the second milestone was in the stage, also without the first, and also if gone."""
    found = passage(FunnelRow(cards=CARDS), stage)

    assert Passage(entered, left, converted, waiting, None) == found


@pytest.mark.parametrize(
    ("stage", "entered", "left", "converted", "waiting"),
    [
        # 10 + 1 wait, 3 are gone; 5 + 2 + 4 + 1 were activated
        ("activate", 26, 3, 12, 11),
        # 5 wait, 2 are gone; 4 + 1 + 1 were bound
        ("bind", 13, 2, 6, 5),
        # 5 + 4 wait, 2 are gone; 7 + 1 were paid with
        ("pay", 19, 2, 8, 9),
    ],
)
def test_cards_that_skipped_a_milestone(
    stage: str, entered: int, left: int, converted: int, waiting: int
) -> None:
    """Whoever reached the second has been through the first; of others the first must be known."""
    cards = {
        "issued": 10,
        "issued|gone": 3,
        "issued+activated": 5,
        "issued+activated|gone": 2,
        "issued+activated+bound": 4,
        "issued+bound": 1,
        "first_spend": 7,
        "issued+activated+bound+first_spend|gone": 1,
        "|gone": 8,
    }
    found = passage(FunnelRow(cards=cards), stage)

    assert Passage(entered, left, converted, waiting, None) == found


@given(cards=st.dictionaries(st.sampled_from(sorted(CARDS)), st.integers(0, 1_000)))
def test_who_entered_has_left_converted_or_waits(cards: dict[str, int]) -> None:
    """Of any cards: the three are disjoint, and there is no fourth."""
    for stage in STAGES:
        found = passage(FunnelRow(cards=cards), stage)
        assert found.entered_count == (
            found.left_count + found.converted_count + found.waiting_count
        )


def test_stage_waits_for_its_goal() -> None:
    """The median is that of the milestone that the stage is for."""
    row = FunnelRow(waited={"activated": [2], "first_spend": [0, 2]})

    assert [30 * MINUTE, None, 90 * MINUTE] == [
        passage(row, stage).waited_median_ms for stage in STAGES
    ]


@pytest.mark.parametrize(
    ("bins", "median"),
    [
        ([], None),
        ([0] * WAITED_BIN_COUNT, None),
        ([1], 30 * MINUTE),  # the middle of the first hour
        ([1, 1], HOUR),  # just between the two
        ([1, 3], 80 * MINUTE),  # a third into the second hour
        ([0, 0, 1, 0], 3 * HOUR),  # the middle of 2 to 4 hours
        ([3, 0, 0, 1], 40 * MINUTE),  # two thirds into the first
        ([1, 0, 0, 2], 5 * HOUR),  # a quarter into 4 to 8 hours
        ([0] * 23 + [2], (2**22 + 2**21) * HOUR),  # as if the last ended, too
    ],
)
def test_median_lies_in_proportion_within_its_bin(bins: list[int], median: int | None) -> None:
    """Linear in hours; of no waiting times there is none."""
    assert median == median_ms(bins)


@given(bins=st.lists(st.integers(0, 50), min_size=1, max_size=WAITED_BIN_COUNT))
def test_median_is_in_the_bin_in_which_the_half_lies(bins: Sequence[int]) -> None:
    """As many are below its bin as may be, and with its bin it is half of them."""
    found = median_ms(bins)
    if found is None:
        assert not any(bins)
        return
    ends = [HOUR << number for number in range(len(bins))]
    number = next(place for place, end in enumerate(ends) if found <= end)
    until = list(accumulate(bins))
    assert 2 * until[number] >= until[-1]
    assert 2 * (until[number] - bins[number]) <= until[-1]


def test_partitions_add_up() -> None:
    """Cards, milestones and waiting times by bin; the time is that of the last to move."""
    one = FunnelRow(5, 0, {"issued": 2, "bound": -1}, {"issued": 2}, {"bound": [1, 2]})
    two = FunnelRow(3, 9, {"issued": 1, "bound": 4}, {"bound": 4}, {"bound": [0, 5]})

    wanted = FunnelRow(
        5, 0, {"issued": 3, "bound": 3}, {"issued": 2, "bound": 4}, {"bound": [1, 7]}
    )
    assert wanted == added_up([one, two]) == added_up([two, one])
    assert FunnelRow() == added_up([])
    assert {"issued": 2, "bound": -1} == one.cards
