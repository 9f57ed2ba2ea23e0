"""Each journal partition has its share of an offer and of a budget, for good (C3; 3.15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.stock import Stock
from schemas.events import PolicyPublished
from schemas.offer import OFFERS_MAX, Offer
from schemas.records import Row
from tests.lifecycle.builders import HOUR, Bank, spend
from tests.lifecycle.channels import stock_of, went, wording
from tests.lifecycle.contacts import offer
from tests.lifecycle.gifts import NONE_LEFT, SENT, TOO_DEAR, WORTH, buys, gifts, taken


def gift(inventory_count: int) -> Offer:
    """Return an offer of so many units."""
    return stock_of(inventory_count).offer


def shares(total: int, partition_count: int) -> list[tuple[int, int]]:
    """Return what each partition has of so many units, and of so much money."""
    found = []
    for partition in range(partition_count):
        stock = Stock(partition, partition_count)
        stock.define(gift(total))
        found.append((stock.left_count(stock.offers["gift"]), stock.left_minor("a", total)))
    return found


@pytest.mark.parametrize("partition_count", [1, 3, 32])
@given(total=st.integers(0, 10**12))
def test_shares_are_the_total_and_nearly_alike(partition_count: int, total: int) -> None:
    """C3: never oversold: the sum is the total, no two differ by more than one."""
    units, money = zip(*shares(total, partition_count), strict=True)

    assert total == sum(units) == sum(money)
    assert 0 <= max(units) - min(units) <= 1
    assert min(units) >= 0
    assert units == money


def test_first_partitions_have_what_is_over() -> None:
    """3.15: floor(8 / 3) = 2, and one more for p < 8 mod 3 = 2."""
    assert [3, 3, 2] == [units for units, _ in shares(8, 3)]


def test_partition_beyond_the_count_has_none() -> None:
    """3.15: a journal that grew against the settings must not sell twice."""
    for partition in (3, 4, 1_000):
        bank = Bank(offer(offer="gift"), partition=partition, partition_count=3)
        bank.control(stock_of(10**6))
        assert NONE_LEFT == went(bank.say(spend(), HOUR))


def test_partition_promises_its_share_and_no_more() -> None:
    """C3: the last of three has one of five gifts, and 33 of 100."""
    bank = Bank(offer(offer="gift"), partition=2, partition_count=3)
    bank.control(stock_of(5))
    spender = offer(budget_minor=100, contact_cost_minor=17, **WORTH)

    assert [SENT, NONE_LEFT] == buys(bank, 1, 2)
    assert [SENT, TOO_DEAR] == buys(Bank(spender, partition=2, partition_count=3), 1, 2)


def test_neighbour_shares_nothing() -> None:
    """N2: another tenant's offer of the same name is another's, and so are its wordings."""
    bank = Bank(offer(offer="gift"))
    for event in (stock_of(9), wording("another")):
        bank.add(event, "", 0, 0, "", tenant="neighbour")
    told = buys(bank, 1)
    bank.control(stock_of(1), HOUR)

    assert [["0 sms suppressed NO_INVENTORY offer"], SENT, NONE_LEFT] == [*told, *buys(bank, 2, 3)]
    assert 0 == bank.state.tenant("neighbour").stock.offers["gift"].taken_count


def test_newer_version_counts_what_older_ones_have_taken() -> None:
    """3.7: so many units in all, over all versions; one that is not newer changes nothing."""
    bank = gifts(1)
    told = buys(bank, 1, 2)
    bank.control(stock_of(2, version=3), 2 * HOUR)
    told += buys(bank, 3, 4)
    bank.control(stock_of(9, version=3), 4 * HOUR)
    bank.control(stock_of(9, version=2), 4 * HOUR)
    told += buys(bank, 5)

    assert [SENT, NONE_LEFT, SENT, NONE_LEFT, NONE_LEFT] == told
    assert 2 == bank.count("control|{}|STALE_VERSION")


def test_smaller_version_leaves_less_than_nothing() -> None:
    """3.15: what was promised stays promised."""
    bank = gifts(3)
    buys(bank, 1, 2)
    bank.control(stock_of(1, version=2), 2 * HOUR)

    assert [NONE_LEFT] == buys(bank, 3)
    assert (2, 0) == taken(bank)


def test_budget_is_one_for_all_versions_of_a_campaign() -> None:
    """3.15: the second version raises it, and has what the first has left."""
    bank = Bank(offer(budget_minor=5, contact_cost_minor=5, **WORTH))
    told = buys(bank, 1, 2)
    newer = offer(version=2, budget_minor=12, contact_cost_minor=5, **WORTH)
    bank.control(PolicyPublished(campaign=newer, policy_hash="h"), 2 * HOUR)

    assert [SENT, TOO_DEAR, SENT, TOO_DEAR] == [*told, *buys(bank, 3, 4)]


def test_so_many_offers_are_known_and_no_more() -> None:
    """3.7: 64 of a tenant; a newer version of one that is known is no further one."""
    bank = Bank(offer(offer="late"))
    for number in range(OFFERS_MAX):
        bank.control(stock_of(1, name=f"o{number}"))
    bank.control(stock_of(1, name="late"))
    bank.control(stock_of(1, name="o5", version=2))

    assert ["0 sms suppressed NO_INVENTORY offer"] == went(bank.say(spend(), HOUR))
    assert (OFFERS_MAX + 1, 1) == (
        bank.count("control|{}|offer.defined"),
        bank.count("control|{}|STATE_FULL"),
    )


def test_rows_are_written_once_for_what_has_changed() -> None:
    """B4: an offer with its units, a budget with its money; nothing for what is as it was."""
    stock, rows = Stock(1, 3), list[Row]()
    stock.define(gift(5))
    stock.take("gift", 1)
    stock.spend("a", 7)
    stock.spend("a", 2)
    stock.spend("b", 0)
    stock.drain("1|bank", rows)
    keys = [row.key for row in rows]
    stock.drain("1|bank", rows)

    assert [b"#offer|1|bank|gift", b"#budget|1|bank|a"] == keys
    assert b"\x09" == rows[1].value
    assert 2 == len(rows)
