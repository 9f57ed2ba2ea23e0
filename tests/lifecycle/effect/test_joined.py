"""Joining: what partitions, versions and shares counted adds up, e-values multiply."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.effect.e_process import EProcess
from lifecycle.effect.evidence import Evidence
from lifecycle.effect.interval import Difference, Sums
from lifecycle.effect.joined import (
    Money,
    added,
    arms_added,
    by_arm,
    compared,
    multiplied,
    series_of,
    sums_added,
)
from schemas.insight_rows import ArmState, SeriesState, VersionState
from tests.lifecycle.effect.pasts import PAST, Customer


KEYS = ["default|200000|0", "default|200000|1", "default|500000|0", "plain|200000|0"]
PASTS = st.dictionaries(st.sampled_from(KEYS), PAST)


def counted(key: str, past: list[Customer]) -> SeriesState:
    """Return the series that has counted these customers."""
    control_ppm = int(key.split("|")[1])
    change, conversion = EProcess(control_ppm), Difference(control_ppm)
    for arm, outcome in past:
        change.update(arm, outcome)
        conversion.update(arm, outcome)
    return SeriesState(change.snapshot(), conversion.snapshot())


def version(pasts: dict[str, list[Customer]]) -> VersionState:
    """Return a version with these series."""
    return VersionState({}, series={key: counted(key, past) for key, past in pasts.items()})


def test_sums_add_and_the_widest_surprise_counts() -> None:
    """3 + 4 customers, totals .5 - .25, squares 1 + 2; a surprise goes as far as 5, not 2."""
    found = sums_added([Sums(3, 0.5, 1.0, 2.0), Sums(4, -0.25, 2.0, 5.0)])

    assert Sums(7, 0.25, 3.0, 5.0) == found
    assert Sums(0, 0.0, 0.0, 1.0) == sums_added([])


def test_e_values_multiply_and_p_is_of_the_product_as_it_is() -> None:
    """8 and 1/2 make 4, p 1/4; that the 8 was 16 once, and the half 2, is not in the product."""
    once = Evidence(math.log(8), math.log(16)), Evidence(-math.log(2), math.log(2))

    found = multiplied(once)
    assert found.log_e == pytest.approx(math.log(4))
    assert found.p_value == pytest.approx(1 / 4)


def test_e_value_of_one_series_keeps_the_greatest_it_ever_was() -> None:
    """16 once and 8 now: p 1/16; a series that has said nothing is no second one."""
    found = multiplied([Evidence(), Evidence(math.log(8), math.log(16))])

    assert found.p_value == pytest.approx(1 / 16)
    assert Evidence() == multiplied([])


def test_p_of_a_product_below_one_is_one() -> None:
    """1/4 times 1/2: nothing speaks against the null, and p is no more than 1."""
    lost = Evidence(-math.log(4), 0.7), Evidence(-math.log(2), 0.7)

    assert 1.0 == multiplied(lost).p_value
    assert 1_000_000 == multiplied(lost).p_ppm


def test_counts_of_an_arm_add_up() -> None:
    """Field by field, follow-ups day by day, objections kind by kind."""
    one = ArmState(5, 4, 1, 3, 2, 3, 3, 1, 700, 1, [3, 2, 1], [2, 1, 0], {"opt_out": 1})
    other = ArmState(1, 1, 0, 1, 1, 1, 1, 1, 50, 0, [1, 0, 0], [1, 0, 0], {"complaint": 2})

    both = ArmState(
        6, 5, 1, 4, 3, 4, 4, 2, 750, 1, [4, 2, 1], [3, 1, 0], {"opt_out": 1, "complaint": 2}
    )
    assert both == arms_added([one, other])
    assert {"control": one, "default": both} == by_arm(
        [{"default": one}, {"default": other, "control": one}]
    )
    assert {"opt_out": 1} == one.objection_counts  # what was added up is as it was


def test_money_of_another_currency_or_cap_is_told_apart() -> None:
    """Two caps of CNY and one of HKD are three sums; of one cap the two add up."""
    conversions = {
        ("CNY", 100): [Difference(200_000, 100), Difference(500_000, 100)],
        ("CNY", 900): [Difference(200_000, 900)],
        ("HKD", 100): [Difference(200_000, 100)],
    }
    versions = []
    for (currency, _), differences in conversions.items():
        for one in differences:
            one.update("contact", 150)
            state = SeriesState(money=one.snapshot())
            key = f"default|{one.control_ppm}|0"
            versions.append(VersionState({}, currency=currency, series={key: state}))

    found = compared(series_of(versions))["default"].money
    assert [Money("CNY", 100), Money("CNY", 900), Money("HKD", 100)] == [*found]
    assert [(2, 2), (1, 0), (1, 1)] == [
        (one.sums.customer_count, one.capped_count) for one in found.values()
    ]


def test_caps_that_differ_do_not_add_up() -> None:
    """A share of one cap is no share of another."""
    with pytest.raises(ValueError, match=r"wanted one cap_minor, found \[1, 100\]"):
        added([Difference(200_000), Difference(200_000, 100)])


def test_interval_is_in_the_units_of_the_cap() -> None:
    """Total .5 of 2 customers with a cap of 100 is 25 minor units each; never beyond the cap."""
    one = Difference(500_000, 100, total=0.5)
    one.tally.contact_count = 2

    found = added([one]).interval(50_000)
    assert (25.0, -100.0, 100.0) == found


@given(pasts=PASTS, places=st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_any_split_that_splits_no_series_says_the_same(
    pasts: dict[str, list[Customer]], places: list[int]
) -> None:
    """Bit by bit, whichever partitions the series are in."""
    parts: list[dict[str, list[Customer]]] = [{}, {}, {}]
    for key, place in zip(KEYS, places, strict=True):
        if key in pasts:
            parts[place][key] = pasts[key]

    assert compared(series_of([version(pasts)])) == compared(series_of(map(version, parts)))


@given(one=PAST, other=PAST)
def test_series_of_two_partitions_add_up(one: list[Customer], other: list[Customer]) -> None:
    """Customers, what was counted, totals and squares; e-values multiply."""
    key = KEYS[0]
    found = compared(series_of([version({key: one}), version({key: other})]))["default"]
    parts = [compared(series_of([version({key: past})]))["default"] for past in (one, other)]

    tallies = [part.conversion.tally for part in parts]
    assert found.conversion.tally.control_count == sum(each.control_count for each in tallies)
    assert found.conversion.tally.contact_sum == sum(each.contact_sum for each in tallies)
    sums = [part.conversion.sums for part in parts]
    assert found.conversion.sums.customer_count == len(one) + len(other)
    assert found.conversion.sums.total == pytest.approx(sum(each.total for each in sums))
    assert found.conversion.sums.squares == pytest.approx(sum(each.squares for each in sums))
    for name in ("change", "uplift", "harm"):
        log_es = [getattr(part, name).log_e for part in parts]
        assert getattr(found, name).log_e == pytest.approx(sum(log_es))
