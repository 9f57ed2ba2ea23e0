"""`cardcue effect --pool`: the banks that agreed, each by its name, and no word of the others."""

import math

import pytest

from cli.effect.lines import pool_lines
from cli.effect.pool import has_room, pools_told
from cli.effect.rows import Rows, rows_of
from tests.cli.effect_rows import campaign, ratio, series, written


POOLS = "default|200000|1"
DOUBTED = {0: ratio(1_000, 8_000, p=0.0009)}


def pooled(rows: Rows) -> str:
    """Return what the banks say together of the nudge."""
    return "\n".join(pool_lines("nudge", pools_told("nudge", rows)))


def test_pool_is_of_the_banks_that_pool_each_by_name() -> None:
    """40 times 2 is 80, p .0125; totals 150 + 50 of 20,000 are 10 of 1,000."""
    rows = rows_of(
        written(
            {
                "0|east|nudge": campaign(key=POOLS),
                "1|south|nudge": campaign(key=POOLS, known=series(e_value=2.0, total=50.0)),
            }
        )
    )
    (pool,) = pools_told("nudge", rows)

    assert math.log(80) == pytest.approx(pool.change.log_e)
    assert 12_500 <= pool.change.p_ppm <= 12_501
    assert (20_000, 10_000) == (pool.customer_count, pool.difference_ppm.estimate)
    assert {"east": 25_000, "south": 500_000} == {
        tenant: one.change.p_ppm for tenant, one in pool.banks.items()
    }
    assert "nudge, arm default, of 2 banks that pool\n" in pooled(rows)
    assert "  on average over 20,000 customers of all of them: " in pooled(rows)


def test_bank_that_does_not_pool_is_neither_named_nor_counted() -> None:
    """N3: with and without it, and with other campaigns of those that pool, not a word differs."""
    agreed = {"0|east|nudge": campaign(key=POOLS), "0|south|nudge": campaign(key=POOLS)}
    others = {"0|north|nudge": campaign(), "0|east|other": campaign(key=POOLS)}
    before = {"1|east|nudge": campaign(version=2)}  # what east counted before it agreed

    alone = pooled(rows_of(written(agreed)))
    assert alone == pooled(rows_of(written({**agreed, **others, **before})))
    assert "north" not in alone
    assert [] == pools_told("nudge", rows_of(written(others)))


def test_mean_of_a_pool_has_the_scale_that_is_declared_for_every_pool() -> None:
    """
    5 % of either side: a surprise goes to 20, though that of a bank with 20 % control goes to 5.

    A total of 150 has strayed by 150 / 20 = 7.5, squares of 500 are 500 / 400 = 1.25; the e-value
    is the mean of exp(+-7.5 b - 1.25 psi(b)) over b = 1/2, 1/4 ... 1/1024 (Howard et al. 2021).
    """
    (pool,) = pools_told("nudge", rows_of(written({"0|east|nudge": campaign(key=POOLS)})))
    bets = [0.5**power for power in range(1, 11)]
    paid = [1.25 * (-math.log(1 - bet) - bet) for bet in bets]
    e_value = sum(
        math.exp(side * 7.5 * bet - price) / 20
        for bet, price in zip(bets, paid, strict=True)
        for side in (1, -1)
    )

    assert math.log(e_value) == pytest.approx(pool.mean_change.log_e)
    assert 50_000 == pool.share_ppm_min


def test_bank_with_a_small_share_joins_the_product_and_leaves_the_mean_alone() -> None:
    """A control of 3 % is below 5 %: e-values of 40 and 2 are 80, the mean is of 10,000."""
    east = {"0|east|nudge": campaign(key=POOLS)}
    south = campaign(key="default|30000|1", known=series(e_value=2.0, control_ppm=30_000))
    (alone,) = pools_told("nudge", rows_of(written(east)))
    (both,) = pools_told("nudge", rows_of(written({**east, "0|south|nudge": south})))

    assert math.log(80) == pytest.approx(both.change.log_e)
    assert (alone.difference_ppm, alone.mean_change) == (both.difference_ppm, both.mean_change)
    assert 10_000 == both.customer_count
    assert {"east": 0, "south": 10_000} == {
        tenant: one.outside_mean_count for tenant, one in both.banks.items()
    }


def test_bank_outside_the_mean_is_told_so() -> None:
    """Whoever reads the pool sees who is not in its mean, and why."""
    south = campaign(key="default|30000|1", known=series(control_ppm=30_000))
    rows = {"0|east|nudge": campaign(key=POOLS), "0|south|nudge": south}
    *_, east, south_line = pooled(rows_of(written(rows))).splitlines()

    outside = "a side has less than the 5 % that the mean needs"
    assert south_line.endswith(f"; 10,000 customers are not in the mean: {outside}")
    assert "mean" not in east


@pytest.mark.parametrize(
    ("control_ppm", "fits"), [(50_000, True), (49_999, False), (950_000, True), (950_001, False)]
)
def test_mean_needs_five_per_cent_of_either_side(control_ppm: int, *, fits: bool) -> None:
    """Of control, and of contact."""
    assert fits == has_room(control_ppm)


def test_bank_whose_shares_are_doubted_is_told_so_in_the_pool() -> None:
    """A broken experiment spoils the pool: whoever reads it sees whose it is."""
    rows = {
        "0|east|nudge": campaign(key=POOLS),
        "0|south|nudge": campaign(key=POOLS, ratios=DOUBTED),
    }
    east, south = pooled(rows_of(written(rows))).splitlines()[-2:]

    assert south.endswith("; believe no effect of it: its arms are not as large as declared")
    assert "believe" not in east
