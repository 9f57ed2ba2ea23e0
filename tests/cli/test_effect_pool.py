"""`cardcue effect --pool`: the banks that agreed, each by its name, and no word of the others."""

import math

import pytest

from cli.effect.lines import pool_lines
from cli.effect.pool import pools_told
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
    assert "of 2 banks that pool, 20,000 customers" in pooled(rows)


def test_bank_that_does_not_pool_is_neither_named_nor_counted() -> None:
    """N3: with and without it, and with other campaigns of those that pool, not a word differs."""
    agreed = {"0|east|nudge": campaign(key=POOLS), "0|south|nudge": campaign(key=POOLS)}
    others = {"0|north|nudge": campaign(), "0|east|other": campaign(key=POOLS)}
    before = {"1|east|nudge": campaign(version=2)}  # what east counted before it agreed

    alone = pooled(rows_of(written(agreed)))
    assert alone == pooled(rows_of(written({**agreed, **others, **before})))
    assert "north" not in alone
    assert [] == pools_told("nudge", rows_of(written(others)))


def test_bank_whose_shares_are_doubted_is_told_so_in_the_pool() -> None:
    """A broken experiment spoils the pool: whoever reads it sees whose it is."""
    rows = {
        "0|east|nudge": campaign(key=POOLS),
        "0|south|nudge": campaign(key=POOLS, ratios=DOUBTED),
    }
    east, south = pooled(rows_of(written(rows))).splitlines()[-2:]

    assert south.endswith("; believe no effect of it: its arms are not as large as declared")
    assert "believe" not in east
