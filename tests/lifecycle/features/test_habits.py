"""Habits over the newest purchases, worked out by hand."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.features.drift import DRIFT_PPM_MAX, decline_ppm
from schemas.decisions import FeatureValue
from schemas.events import Currency
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, spend
from tests.lifecycle.features.portrait import event, read


def bought(*times: int, amounts: Sequence[int] = (), currency: Currency = "CNY") -> Bank:
    """Return a bank whose customer bought at these times after T0."""
    bank = Bank()
    for number, at in enumerate(times):
        bank.say(spend(amounts[number] if amounts else 1_000, currency=currency), at)
    return bank


def test_purchases_are_counted_by_days() -> None:
    """A window is open at its far end: what was just seven days ago is over."""
    found = read(bought(0, 60 * DAY, 83 * DAY, 83 * DAY + 1, 90 * DAY), 90 * DAY)

    assert (2, 3, 4) == tuple(found[f"spend_count_{days}d"] for days in (7, 30, 90))


def test_purchases_are_counted_among_the_newest_sixteen() -> None:
    """Of twenty within a week."""
    found = read(bought(*(number * HOUR for number in range(20))), DAY)

    assert (16, 20) == (found["spend_count_7d"], found["spend_count"])


@pytest.mark.parametrize(
    ("times", "mean", "spread"),
    [
        ((), -1, -1),
        ((0,), -1, -1),
        ((0, 5 * HOUR + 1), 5, 0),
        ((0, HOUR, 4 * HOUR), 2, 1),  # 1 and 3
        ((0, 10 * HOUR, 10 * HOUR, 10 * HOUR, 50 * HOUR), 12, 16),  # var (4+144+144+784)/4 = 269
    ],
)
def test_gaps_have_a_mean_and_a_spread(times: tuple[int, ...], mean: int, spread: int) -> None:
    """Whole hours, floored; the deviation is that of the population."""
    found = read(bought(*times), 60 * HOUR)

    assert (mean, spread) == (found["gap_mean_hours"], found["gap_spread_hours"])


def test_scenes_are_shares_of_the_purchases() -> None:
    """By label, by merchant category, by neither: 2, 2 and 3 of 7."""
    bank = Bank()
    for number, (scene, mcc) in enumerate(
        (
            ("travel", "5411"),
            ("", "3001"),
            ("dining", ""),
            ("cafe", "5812"),
            ("", ""),
            ("cafe", ""),
            ("", "9999"),
        )
    ):
        bank.say(replace(spend(), scene=scene, mcc=mcc), number * HOUR)

    assert {"dining": 285_714, "other": 428_571, "travel": 285_714} == read(bank, DAY)[
        "scene_share_ppm"
    ]
    assert "other" == read(bank, DAY)["top_scene"]


def test_top_scene_is_the_lesser_of_equals() -> None:
    """By its label."""
    bank = Bank()
    for number, scene in enumerate(("travel", "fuel", "travel", "fuel")):
        bank.say(replace(spend(), scene=scene), number * HOUR)

    assert "fuel" == read(bank, DAY)["top_scene"]


WEDNESDAY = 17 * HOUR + 46 * 60_000 + 40_000
"""From T0 (06:13:20 on Wednesday, 15 November 2023, in Shanghai) to the midnight after it."""


@pytest.mark.parametrize(
    ("times", "part"),
    [
        ((0, 6 * HOUR, 6 * HOUR), "afternoon"),  # 06:13, 12:13 twice
        ((WEDNESDAY, WEDNESDAY + 6 * HOUR - 1), "night"),
        ((WEDNESDAY - 1,), "evening"),
        ((WEDNESDAY - 1, WEDNESDAY + 6 * HOUR), "morning"),  # of equals the earlier in the day
    ],
)
def test_part_of_day_is_that_of_most_purchases(times: tuple[int, ...], part: str) -> None:
    """Six hours each, from midnight on the customer's clock."""
    assert part == read(bought(*times), 3 * DAY)["usual_part_of_day"]


def test_weekend_is_saturday_and_sunday() -> None:
    """From three midnights after Wednesday's for two days, to the millisecond."""
    friday = WEDNESDAY + 2 * DAY
    times = (friday - 1, friday, friday + 2 * DAY - 1, friday + 2 * DAY)

    assert 500_000 == read(bought(*times), 9 * DAY)["weekend_share_ppm"]
    assert 1_000_000 == read(bought(friday), 9 * DAY)["weekend_share_ppm"]


@pytest.mark.parametrize(
    ("zone", "wanted"),
    [
        ("America/New_York", ("afternoon", 0)),  # 17:13:20 on Tuesday
        ("Pacific/Auckland", ("morning", 0)),  # 11:13:20 on Wednesday
        ("Nowhere/Land", ("", -1)),
    ],
)
def test_clock_is_that_of_the_profile_first(zone: str, wanted: tuple[FeatureValue, ...]) -> None:
    """Else the tenant's; of a zone that nobody knows nothing is said."""
    bank = bought(0)
    bank.say(event("profile.changed", time_zone=zone), 0)
    found = read(bank, DAY)

    assert wanted == (found["usual_part_of_day"], found["weekend_share_ppm"])


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        # mean 20, deviation 10: each newer 10 is one deviation below, half of which counts
        ((10, 10, 30, 30, 10, 10, 10, 10), 2_000_000),
        ((10, 10, 30, 30, 10, 10, 40, 10), 500_000),  # 0.5, 1, 1 - 2.5 -> 0, 0.5
        ((10, 10, 30, 30, 15, 15, 15, 15), 0),  # half a deviation is allowed
        ((10, 10, 30, 30, 30, 30, 30, 30), 0),
        ((20, 20, 20, 20, 1, 1, 1, 1), 0),  # no spread
        # sum 3, 3 * 5 - 9 = 6, whose root is 2.449489; 3 / 2.449489 = 1.224745
        ((0, 1, 2, 0, 0, 0, 0), 2_898_980),
        ((0, 0, 0, 1, -(10**12), 0, 0, 0), DRIFT_PPM_MAX),
        ((), 0),
    ],
)
def test_decline_is_the_sum_of_deviations_less_the_slack(
    values: tuple[int, ...], wanted: int
) -> None:
    """Page (1954), in millionths of the older half's standard deviation."""
    assert wanted == decline_ppm(values)


@given(st.lists(st.integers(-(2**43), 2**43), max_size=16), st.integers(-(2**40), 2**40))
def test_decline_is_bounded_and_knows_no_zero(values: list[int], more: int) -> None:
    """Adding the same to every value changes nothing; the sum stays a rule's integer."""
    assert 0 <= decline_ppm(values) <= DRIFT_PPM_MAX
    assert decline_ppm(values) == decline_ppm([value + more for value in values])


FALLING = (10, 10, 30, 30, 10, 10, 10, 10)


def test_amounts_that_fall_are_a_drift() -> None:
    """Of eight; seven say nothing."""
    days = tuple(number * DAY for number in range(8))

    assert 2_000_000 == read(bought(*days, amounts=FALLING), 9 * DAY)["amount_drift_ppm"]
    assert 0 == read(bought(*days[1:], amounts=FALLING[1:]), 9 * DAY)["amount_drift_ppm"]


def test_amounts_of_another_currency_are_no_drift() -> None:
    """As many purchases in USD: the lesser code counts, and those of CNY only."""
    bank = bought(*(number * DAY for number in range(8)), amounts=FALLING)
    for number in range(8):
        bank.say(spend(10**6 * (number + 1), currency="USD"), number * DAY + HOUR)

    assert 2_000_000 == read(bank, 9 * DAY)["amount_drift_ppm"]


@pytest.mark.parametrize(
    ("gaps", "wanted"),
    [
        ((1, 1, 3, 3, 3, 3, 3, 3), 2_000_000),  # mean 2, deviation 1
        ((1, 1, 3, 3, 1, 1, 1, 1), 0),
        ((1, 3, 3, 3, 3, 3, 3), 828_424),  # mean 7/3, deviation 0.94280904: 0.707106 a time
        ((1, 3, 3, 3, 3, 3), 0),  # seven purchases
    ],
)
def test_gaps_that_grow_are_a_drift(gaps: tuple[int, ...], wanted: int) -> None:
    """In hours; the newer half holds the odd one."""
    times = [sum(gaps[:number]) * HOUR for number in range(len(gaps) + 1)]

    assert wanted == read(bought(*times), 3 * DAY)["frequency_drift_ppm"]


def test_time_of_the_story_is_what_its_comment_says() -> None:
    """1_700_000_000 seconds are 2023-11-14T22:13:20Z: 19,675 days, then 80,000 seconds."""
    assert T0 // 1_000 == 19_675 * 86_400 + 80_000
    assert WEDNESDAY == (86_400 - (80_000 + 8 * 3_600 - 86_400)) * 1_000
