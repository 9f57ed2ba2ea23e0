"""Bills and what was paid on them: what is kept, and when a bill is repaid (docs/core.md 3.8)."""

from datetime import date
from itertools import permutations

import pytest

from lifecycle import statements
from schemas.events import AnyEvent, Currency
from schemas.state import STATEMENTS_MAX, CustomerRow, StatementState, WordState
from tests.lifecycle.bills import billed, paid
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, spend


END = 1_701_475_200_000
"""date -u -d 2023-12-02 +%s: when the due date of these bills is over."""


def kept(bank: Bank) -> list[StatementState]:
    """Return the statements of the customer."""
    return bank.row().statements


def bill(total_due_minor: int, paid_minor: int = 0, issued_at_ms: int = T0) -> StatementState:
    """Return a statement as the row has it."""
    return StatementState("s1", "k1", issued_at_ms, END, total_due_minor, 90, "CNY", paid_minor)


@pytest.mark.parametrize(
    ("day", "end_ms"),
    [
        (date(1970, 1, 1), 86_400_000),
        (date(1969, 12, 31), 0),
        (date(2023, 12, 1), END),
        (date(2024, 2, 29), 1_709_251_200_000),
        (date(9999, 12, 31), 253_402_300_800_000),
    ],
)
def test_due_date_ends_with_the_next_day_in_utc(day: date, end_ms: int) -> None:
    """3.2.10: exact integers. date -u -d 2024-03-01 +%s is 1709251200."""
    assert end_ms == statements.end_of_day_ms(day)


def test_bill_is_kept_as_it_was_issued() -> None:
    """3.8: every field of the row."""
    bank = Bank()
    bank.say(billed(900), HOUR)

    assert [bill(900, issued_at_ms=T0 + HOUR)] == kept(bank)
    assert 900 == statements.open_minor(kept(bank)[0])


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_bill_and_repayments_end_in_the_same_row_in_any_order(order: tuple[int, ...]) -> None:
    """3.8: the greatest (time, total) is the bill, what was paid is the sum."""
    life: list[tuple[AnyEvent, int]] = [
        (billed(900), HOUR),
        (billed(1_000), HOUR),
        (paid(300), 2 * HOUR),
        (paid(500), 3 * HOUR),
    ]
    bank = Bank()
    for place in order:
        bank.say(*life[place], arrived=DAY)

    assert [bill(1_000, 800, T0 + HOUR)] == kept(bank)
    assert 200 == statements.open_minor(kept(bank)[0])


def test_newer_bill_may_be_smaller() -> None:
    """3.8: the time goes before the total; what was paid stays."""
    bank = Bank()
    bank.say(billed(900), HOUR)
    bank.say(paid(100), 2 * HOUR)
    bank.say(billed(700), 3 * HOUR)

    assert [bill(700, 100, T0 + 3 * HOUR)] == kept(bank)


def test_repayment_begins_a_statement_that_is_not_known() -> None:
    """3.8: nothing but what was paid, on which card, in which currency; what is owed is open."""
    bank = Bank()
    bank.say(paid(300), HOUR)

    assert [StatementState("s1", "k1", currency="CNY", paid_minor=300)] == kept(bank)
    assert not statements.repaid(bank.row(), kept(bank)[0])


def test_repayment_in_another_currency_counts_nothing() -> None:
    """3.8: it is applied, and the bill is owed as before."""
    bank = Bank()
    bank.say(billed(900), HOUR)
    bank.say(paid(900, currency="USD"), 2 * HOUR)

    assert [bill(900, 0, T0 + HOUR)] == kept(bank)
    assert 1 == bank.count("applied|{}|repayment.received")


def test_sum_of_repayments_stops_where_a_row_can_hold_it() -> None:
    """3.8: 10^18; a row that cannot be written would stop the task."""
    bank = Bank()
    bank.say(billed(10**15), HOUR)
    for _ in range(2):
        bank.say(paid(10**15), 2 * HOUR)
    bank.row().statements[0].paid_minor = 10**18 - 1
    bank.say(paid(10**15), 3 * HOUR)

    assert 10**18 == kept(bank)[0].paid_minor


@pytest.mark.parametrize("repeated", [paid(300), paid(300, statement="")])
def test_repeated_repayment_is_counted_once(repeated: AnyEvent) -> None:
    """B2: a bill is not repaid by the retry of a producer."""
    bank = Bank()
    bank.say(billed(600), HOUR)
    for _ in range(2):
        bank.say(repeated, 2 * HOUR, event_id="once")

    assert not statements.repaid(bank.row(), kept(bank)[0])
    assert 1 == bank.count("ignored|{}|DUPLICATE")


@pytest.mark.parametrize(
    ("statement", "reason", "words"), [("s1", "LATE_FOR_COUNTERS", 0), ("", None, 1)]
)
def test_repayment_of_a_bill_is_counted_only_while_a_repeat_would_be_known(
    statement: str, reason: str | None, words: int
) -> None:
    """T6: older than 90 days it may be a repeat; a word is a word whatever its age (3.8)."""
    bank = Bank()
    bank.say(paid(300, statement=statement), 0, arrived=90 * DAY + 1)

    assert (0, words) == (len(kept(bank)), len(bank.row().words))
    assert (reason is not None) == bool(bank.count(f"ignored|{{}}|{reason}"))


def test_repayment_below_the_floor_of_the_ring_is_not_counted() -> None:
    """T6: what the ring has forgotten may be a repeat."""
    bank = Bank()
    for number in range(1, 34):
        bank.say(spend(1), number * HOUR)
    bank.say(paid(300), 1, arrived=40 * HOUR)

    assert [] == kept(bank)
    assert 1 == bank.count("ignored|{}|LATE_FOR_COUNTERS")


def owing(
    paid_minor: int, *, at_ms: int = T0, amount: int = 0, currency: Currency = "CNY", card: str = ""
) -> CustomerRow:
    """Return a customer with a bill of 900, and the last repayment that named no bill."""
    word = WordState("repayment", card or "k1", at_ms, "received", 0, amount, 0, currency)
    return CustomerRow(statements=[bill(900, paid_minor)], words=[word])


@pytest.mark.parametrize(
    ("row", "repaid"),
    [
        (owing(899), False),
        (owing(900), True),
        (owing(901), True),
        (owing(0, amount=900), True),
        (owing(0, amount=899), False),
        (owing(600, amount=300), True),
        (owing(600, amount=299), False),
        (owing(0, amount=900, at_ms=T0 - 1), False),
        (owing(0, amount=900, currency="USD"), False),
        (owing(0, amount=900, card="k2"), False),
    ],
)
def test_bill_is_repaid_by_its_own_repayments_or_by_one_of_its_card(
    row: CustomerRow,
    repaid: bool,  # noqa: FBT001
) -> None:
    """3.8: the sum that names the bill, or one that names none, since it was issued."""
    assert repaid == statements.repaid(row, row.statements[0])


def test_bill_that_is_not_known_is_not_repaid() -> None:
    """3.8: a statement begun by a repayment owes what nobody knows yet."""
    row = owing(5_000, amount=5_000)
    row.statements[0].issued_at_ms = row.statements[0].total_due_minor = 0

    assert not statements.repaid(row, row.statements[0])


def test_of_thirteen_statements_a_repaid_one_goes_first_then_the_oldest() -> None:
    """3.8: the least (is not repaid, issued at, id); one begun by a repayment was issued at 0."""
    bank = Bank()
    for number in range(STATEMENTS_MAX):
        bank.say(billed(900, statement=f"s{number:02}"), number * HOUR)
    bank.say(paid(900, statement="s05"), DAY)
    gone = []
    for number in (20, 21):
        before = {one.statement_id for one in kept(bank)}
        bank.say(billed(900, statement=f"s{number}"), 2 * DAY)
        gone += before - {one.statement_id for one in kept(bank)}
    bank.say(paid(1, statement="unknown"), 3 * DAY)

    assert ["s05", "s00"] == gone
    assert STATEMENTS_MAX == len(kept(bank))
    assert statements.find(bank.row(), "unknown") is None
