"""The newest purchases of a row: their bytes, and what the habits say of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lifecycle.features import recent
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


def purchases(row: CustomerRow, currency: str = "CNY") -> list[tuple[int, str, int]]:
    """Return time, scene and amount of a row's purchases, which are all in one currency."""
    known = row.recent_spend
    amounts_minor = recent.amounts_minor(known, currency)
    return list(zip(recent.times_ms(known), recent.scenes(known), amounts_minor, strict=True))


def test_purchase_is_fourteen_bytes() -> None:
    """Time 1_700_000_000_000 = 0x18BCFE56800; dining 2; CNY (2*26+13)*26+24 = 1714; 1_999."""
    bank = Bank()
    bank.say(replace(spend(1_999), mcc="5812"), 0)

    assert bytes.fromhex("018bcfe56800 02 06b2 00000007cf") == bank.row().recent_spend
    assert [(T0, "dining", 1_999)] == purchases(bank.row())


@pytest.mark.parametrize(
    ("currency", "code"), [("AAA", "0000"), ("AED", "006b"), ("ZWG", "4446"), ("ZZZ", "44a7")]
)
def test_currency_is_three_letters_to_the_base_of_26(currency: Any, code: str) -> None:  # noqa: ANN401
    """A is 0: AED 4*26+3 = 107, ZWG (25*26+22)*26+6 = 17478, ZZZ 26**3-1 = 17575."""
    row = CustomerRow()
    recent.add(row, spend(1, currency=currency), 1)

    assert bytes.fromhex(code) == row.recent_spend[7:9]
    assert [1] == recent.amounts_minor(row.recent_spend, currency)


def test_amount_stops_at_five_bytes() -> None:
    """The largest that an event may name is a thousand times as much."""
    row = CustomerRow()
    for amount_minor in (2**40 - 2, 2**40 - 1, 2**40, 10**15):
        recent.add(row, spend(amount_minor), 1)

    kept_minor = recent.amounts_minor(row.recent_spend, "CNY")
    assert [2**40 - 2, *[2**40 - 1] * 3] == kept_minor


def test_newest_sixteen_are_kept() -> None:
    """Of eighteen, the first two are gone: 16 of 14 bytes."""
    bank = Bank()
    for day in range(18):
        bank.say(spend(day), day * DAY)

    known = bank.row().recent_spend
    assert list(range(2, 18)) == recent.amounts_minor(known, "CNY")
    assert 224 == len(known)


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
    assert tuple(sorted(at_ms for _, at_ms in told)[-16:]) == recent.times_ms(one.recent_spend)


def test_purchase_that_is_not_counted_is_not_kept() -> None:
    """T6: more than ninety days late, and one of a fifth currency."""
    bank = Bank()
    bank.say(spend(1), 0, arrived=91 * DAY)
    for currency in ("CNY", "EUR", "GBP", "JPY", "USD"):
        bank.say(spend(2, currency=currency), 91 * DAY)  # type: ignore[arg-type]

    known = bank.row().recent_spend
    kept_minor = [recent.amounts_minor(known, one) for one in ("CNY", "EUR", "GBP", "JPY", "USD")]
    assert [[2], [2], [2], [2], []] == kept_minor


def test_repeat_and_reversal_leave_the_purchases_as_they_are() -> None:
    """B2; and who returned a thing did go shopping."""
    bank = Bank()
    for _ in range(2):
        bank.say(spend(1_000), 0, event_id="once")
    bank.say(reversed_spend(1_000), HOUR)

    assert [(T0, "other", 1_000)] == purchases(bank.row())


def test_purchases_survive_the_row() -> None:
    """They are the last field of a row, after a profile that nobody sent."""
    row = CustomerRow()
    recent.add(row, spend(5), T0)

    assert [(T0, "other", 5)] == purchases(decode_customer_row(encode_row(row)))


def test_scene_of_a_later_release_is_other() -> None:
    """A row that a newer worker wrote is read by an older one."""
    row = CustomerRow(recent_spend=bytes([0, 0, 0, 0, 0, 1, 200, 0, 0, 0, 0, 0, 0, 7]))

    assert [(1, "other", 7)] == purchases(row, "AAA")
