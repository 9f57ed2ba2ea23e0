"""The newest purchases of a row: their bytes, and what the habits say of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.features import recent
from lifecycle.features.recent import Purchase
from schemas.codec import decode_customer_row, encode_row
from schemas.events import TxnPosted
from schemas.state import CustomerRow
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, reversed_spend, spend


MOMENTS = st.integers(0, 2**43)
PURCHASES = st.builds(
    TxnPosted,
    txn_id=st.just("t"),
    card_token=st.just("k1"),
    amount_minor=st.integers(0, 10**15),
    currency=st.sampled_from(["AED", "CNY", "ZWG"]),
    mcc=st.sampled_from(["", "5411", "5812", "nonsense"]),
    scene=st.sampled_from(["", "travel", "supermarket"]),
)


def test_purchase_is_fourteen_bytes() -> None:
    """Time 1_700_000_000_000 = 0x18BCFE56800; dining 2; CNY (2*26+13)*26+24 = 1714; 1_999."""
    bank = Bank()
    bank.say(replace(spend(1_999), mcc="5812"), 0)

    assert bytes.fromhex("018bcfe56800 02 06b2 00000007cf") == bank.row().recent_spend
    assert [Purchase(T0, "dining", "CNY", 1_999)] == recent.purchases(bank.row())


@pytest.mark.parametrize(
    ("currency", "code"), [("AAA", "0000"), ("AED", "006b"), ("ZWG", "4446"), ("ZZZ", "44a7")]
)
def test_currency_is_three_letters_to_the_base_of_26(currency: Any, code: str) -> None:  # noqa: ANN401
    """A is 0: AED 4*26+3 = 107, ZWG (25*26+22)*26+6 = 17478, ZZZ 26**3-1 = 17575."""
    row = CustomerRow()
    recent.add(row, spend(1, currency=currency), 1)

    assert bytes.fromhex(code) == row.recent_spend[7:9]
    assert [currency] == [one.currency for one in recent.purchases(row)]


def test_amount_stops_at_five_bytes() -> None:
    """The largest that an event may name is a thousand times as much."""
    row = CustomerRow()
    for amount_minor in (2**40 - 2, 2**40 - 1, 2**40, 10**15):
        recent.add(row, spend(amount_minor), 1)

    assert [2**40 - 2, *[2**40 - 1] * 3] == [one.amount_minor for one in recent.purchases(row)]


def test_newest_sixteen_are_kept() -> None:
    """Of eighteen, the first two are gone: 16 of 14 bytes."""
    bank = Bank()
    for day in range(18):
        bank.say(spend(day), day * DAY)

    assert list(range(2, 18)) == [one.amount_minor for one in recent.purchases(bank.row())]
    assert 224 == len(bank.row().recent_spend)


@given(st.lists(st.tuples(PURCHASES, MOMENTS), max_size=24), st.randoms(use_true_random=False))
def test_order_of_arrival_changes_no_byte(told: list[tuple[TxnPosted, int]], by: Any) -> None:  # noqa: ANN401
    """T6: the newest sixteen are the greatest sixteen, whichever came first."""
    one, other = CustomerRow(), CustomerRow()
    for event, at_ms in told:
        recent.add(one, event, at_ms)
    by.shuffle(told)
    for event, at_ms in told:
        recent.add(other, event, at_ms)

    assert one.recent_spend == other.recent_spend
    assert 14 * min(16, len(told)) == len(one.recent_spend)
    assert sorted(at_ms for _, at_ms in told)[-16:] == [p.at_ms for p in recent.purchases(one)]


def test_purchase_that_is_not_counted_is_not_kept() -> None:
    """T6: more than ninety days late, and one of a fifth currency."""
    bank = Bank()
    bank.say(spend(1), 0, arrived=91 * DAY)
    for currency in ("CNY", "EUR", "GBP", "JPY", "USD"):
        bank.say(spend(2, currency=currency), 91 * DAY)  # type: ignore[arg-type]

    assert ["CNY", "EUR", "GBP", "JPY"] == [one.currency for one in recent.purchases(bank.row())]


def test_repeat_and_reversal_leave_the_purchases_as_they_are() -> None:
    """B2; and who returned a thing did go shopping."""
    bank = Bank()
    for _ in range(2):
        bank.say(spend(1_000), 0, event_id="once")
    bank.say(reversed_spend(1_000), HOUR)

    assert [Purchase(T0, "other", "CNY", 1_000)] == recent.purchases(bank.row())


def test_purchases_survive_the_row() -> None:
    """They are the last field of a row, after a profile that nobody sent."""
    row = CustomerRow()
    recent.add(row, spend(5), T0)

    assert recent.purchases(row) == recent.purchases(decode_customer_row(encode_row(row)))


def test_scene_of_a_later_release_is_other() -> None:
    """A row that a newer worker wrote is read by an older one."""
    row = CustomerRow(recent_spend=bytes([0, 0, 0, 0, 0, 1, 200, 0, 0, 0, 0, 0, 0, 7]))

    assert [Purchase(1, "other", "AAA", 7)] == recent.purchases(row)
