"""Pooling: only who agreed, in whatever order, and worth it where everyone alone sees nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.effect_pool import pooled
from lifecycle.effect.interval import Difference
from lifecycle.effect.pooling import fixed_effect, product
from tests.lifecycle.effect.pasts import PAST, Customer


BANKS = st.dictionaries(st.sampled_from(["east", "north", "south", "west"]), PAST)


def series(banks: dict[str, list[Customer]]) -> dict[str, Difference]:
    """Return each bank's series."""
    made = {bank: Difference(200_000) for bank in banks}
    for bank, past in banks.items():
        for arm, outcome in past:
            made[bank].update(arm, outcome)
    return made


def test_product_is_of_those_who_opted_in() -> None:
    """N3: e-values of 2 and 8 make 16; the 100 of a bank that did not agree is not looked at."""
    log_es = {"east": math.log(2), "north": math.log(100), "south": math.log(8)}

    assert product(log_es, {"east", "south"}) == pytest.approx(math.log(16))
    assert 0.0 == product(log_es, set())


@given(banks=BANKS)
def test_fixed_effect_of_one_bank_is_its_own(banks: dict[str, list[Customer]]) -> None:
    """N3: alone in the pool, a bank finds what it finds without one."""
    made = series(banks)
    for bank, difference in made.items():
        assert difference.sums == fixed_effect(made, {bank}, 200_000)


@given(banks=BANKS)
def test_fixed_effect_weighs_each_customer_alike(banks: dict[str, list[Customer]]) -> None:
    """Sums of sums, bit by bit in whatever order the banks come."""
    made = series(banks)
    backwards = {bank: made[bank] for bank in reversed(made)}
    found = fixed_effect(made, set(made), 200_000)

    assert found == fixed_effect(backwards, set(made), 200_000)
    assert found.customer_count == sum(map(len, banks.values()))
    assert found.total == pytest.approx(sum(one.total for one in made.values()))
    assert found.squares == pytest.approx(sum(one.squares for one in made.values()))


def test_fixed_effect_refuses_what_does_not_add_up() -> None:
    """Money of two currencies, and a share below what the pool declared."""
    with pytest.raises(ValueError, match="wanted conversions, found money with a cap of 100"):
        fixed_effect({"east": Difference(200_000, 100)}, {"east"}, 200_000)
    with pytest.raises(ValueError, match="wanted shares of 200000 ppm or more, found 50000"):
        fixed_effect({"east": Difference(950_000)}, {"east"}, 200_000)


def test_twenty_small_banks_find_together_what_none_finds_alone() -> None:
    """
    Twenty banks of 2,000 customers, rates of 2 % to 8 %, contact 1.5 % more.

    The pooled interval finds it in most of fifteen runs and covers it, a bank alone hardly ever
    finds it; without an effect the pool is as quiet as any.
    """
    told = pooled(15)

    assert told["pool_interval_alarm"] >= 0.8
    assert told["pool_alone_alarm"] <= 0.2
    assert told["pool_interval_coverage"] == 1.0
    assert told["pool_aa_interval_alarm"] <= 1 / 15
    assert told["pool_aa_product_alarm"] <= 1 / 15
    assert 4 * told["pool_interval_half_width"] < told["pool_alone_interval_half_width"]
