"""The second opinion on bills, repayments and reminders: core.md §3.2 (8)-(10), §3.8 by hand."""

import json
from itertools import permutations
from typing import Any

import pytest

from tests.checker.journal_by_hand import (
    DAY,
    REMINDER,
    came_out,
    card,
    decisions,
    fold,
    happened,
    published,
    purchase,
    repaid,
    said,
    statement,
)
from tests.checker.oracle_statements import day_before, end_of_day_ms
from tests.checker.tiny_world import BASE, BILL_DUE, ISSUED, by_hand_key, tick


BILL = statement(ISSUED, "b", 5_000)
RECORDS = (published(REMINDER), BILL)
EARLY = tick(BILL_DUE - 3 * DAY, BILL_DUE - 3 * DAY)
LATE = tick(BILL_DUE - DAY, BILL_DUE - DAY)


def test_day_ends_at_midnight_utc() -> None:
    """3.2 (10): December 5th 2023 ends at 1,701,820,800,000; days before 1970 and last of all."""
    assert end_of_day_ms("2023-12-05") == BILL_DUE == 1_701_820_800_000
    assert day_before(BILL_DUE) == "2023-12-05"
    assert end_of_day_ms("1969-12-30") == -DAY
    assert end_of_day_ms("9999-12-31") == 253_402_300_800_000


def test_oracle_reminds_so_long_before_the_due_date() -> None:
    """T4, T5: three days and one day before its end, on the watermark, not a moment before."""
    early = EARLY["record"]["watermark_at_ms"]
    assert said(fold(*RECORDS, tick(early + 9, early - 1))) == []

    oracle = fold(*RECORDS, EARLY, LATE)
    assert said(oracle) == ["sms", "sent", "sms", "sent"]
    first, second = decisions(oracle)
    assert (first["step"], second["step"]) == ("early", "late")
    assert first["occurrence_key"] == by_hand_key("s-b", "/core", "b")
    assert first["features"] == {"amount_minor": 5_000, "due_in_ms": 3 * DAY}
    trigger = json.loads(came_out(oracle)[0].output.value)
    assert trigger["variables"] == {
        "amount_minor": 5_000,
        "currency": "CNY",
        "due_date": "2023-12-05",
    }
    assert oracle.customers["acme|c0"]["journeys"] == []


def test_oracle_reminder_that_came_too_late_does_not_exist() -> None:
    """T5: a bill read between the two has both at once or in time; one read at its end, none."""
    late = statement(BILL_DUE - 2 * DAY, "b", 5_000)
    oracle = fold(published(REMINDER), late)
    due = oracle.customers["acme|c0"]["journeys"][0]["due"]
    assert due == [["early", BILL_DUE - 2 * DAY + 100, False], ["late", BILL_DUE - DAY, False]]

    slow = late | {"lateness_ms": 2 * DAY - 100}  # arrives with the end itself
    assert fold(published(REMINDER), slow).customers["acme|c0"]["journeys"] == []
    slow["lateness_ms"] -= 1
    due = fold(published(REMINDER), slow).customers["acme|c0"]["journeys"][0]["due"]
    assert due == [["early", BILL_DUE - 1, False]]


@pytest.mark.parametrize(("total", "journeys"), [(999, 0), (1_000, 1)])
def test_oracle_small_bills_are_not_reminded_of(total: int, journeys: int) -> None:
    """3.2 (10): `total_due_minor_min`."""
    oracle = fold(published(REMINDER), statement(ISSUED, "b", total))

    assert len(oracle.customers["acme|c0"]["journeys"]) == journeys


PAID: list[tuple[list[dict[str, Any]], bool]] = [
    ([repaid(ISSUED + 1, "r", 5_000, statement_id="s-b")], True),
    ([repaid(ISSUED + 1, "r", 4_999, statement_id="s-b")], False),
    ([repaid(ISSUED + n, f"r{n}", 2_500, statement_id="s-b") for n in range(2)], True),
    ([repaid(ISSUED + 1, "r", 5_000, statement_id="s-x")], False),
    ([repaid(ISSUED, "r", 5_000)], True),
    ([repaid(ISSUED - 1, "r", 5_000)], False),
    ([repaid(ISSUED + 1, "r", 5_000, card_token="k1")], False),
    ([repaid(ISSUED + 1, "r", 5_000, currency="USD")], False),
    ([repaid(ISSUED + 1, "p", 4_000, statement_id="s-b"), repaid(ISSUED + 2, "r", 1_000)], True),
]


@pytest.mark.parametrize(("payments", "is_repaid"), PAID)
def test_oracle_repaid_bill_is_not_reminded_of(
    payments: list[dict[str, Any]], *, is_repaid: bool
) -> None:
    """3.8 (repaid): by its own repayments, or by the card's last in its currency, in any order."""
    wanted = [] if is_repaid else ["sms", "sent"]
    for order in permutations([BILL, *payments]):
        oracle = fold(published(REMINDER), *order, EARLY)
        assert said(oracle) == wanted
        assert bool(oracle.customers["acme|c0"]["journeys"]) != is_repaid


def test_oracle_repayment_in_other_money_adds_nothing_to_the_bill() -> None:
    """3.8 (statements): what is owed in CNY is not paid in USD."""
    paid = repaid(ISSUED + 1, "r", 5_000, statement_id="s-b", currency="USD")
    oracle = fold(*RECORDS, paid, EARLY)

    assert said(oracle) == ["sms", "sent"]
    assert oracle.counts["applied|acme|repayment.received"] == 1


def test_oracle_repayment_read_late_takes_the_reminder_back() -> None:
    """3.2 (8): paid before the reminder was decided, read after it; only by what names the bill."""
    at = BILL_DUE - 3 * DAY
    paid = repaid(at - 1, "r", 5_000, statement_id="s-b")
    half = repaid(at - 1, "r", 2_000, statement_id="s-b")

    assert said(fold(*RECORDS, EARLY, paid))[2:] == ["invalidated LATE_TRUTH"]
    assert said(fold(*RECORDS, EARLY, half))[2:] == []
    assert said(fold(*RECORDS, EARLY, repaid(at, "r", 5_000, statement_id="s-b")))[2:] == []
    assert said(fold(*RECORDS, EARLY, repaid(at - 1, "r", 5_000)))[2:] == []


def test_oracle_autopay_and_a_lost_statement_need_no_reminder() -> None:
    """3.4 (6): autopay is active; twelve younger bills have pushed this one out."""
    autopay = happened(ISSUED, "a", "autopay.changed", card_token="k0", status="active")
    ended = happened(ISSUED + 1, "e", "autopay.changed", card_token="k0", status="cancelled")
    assert said(fold(*RECORDS, autopay, EARLY)) == ["suppressed NOT_APPLICABLE"]
    assert said(fold(*RECORDS, autopay, ended, EARLY)) == ["sms", "sent"]

    younger = [statement(ISSUED + n, f"y{n}", 1) for n in range(1, 13)]
    oracle = fold(*RECORDS, *younger, EARLY)
    assert said(oracle) == ["suppressed NOT_APPLICABLE"]
    assert decisions(oracle)[0]["features"] == {"amount_minor": 0, "due_in_ms": 0}


def test_oracle_thirteenth_bill_pushes_out_a_repaid_one_first() -> None:
    """3.8 (statements): a repaid one goes before the oldest that is not."""
    bills = [statement(ISSUED + n, f"b{n:02}", 100) for n in range(12)]
    paid = repaid(ISSUED + 50, "r", 100, statement_id="s-b07")
    oracle = fold(*bills, paid, *(statement(ISSUED + n, f"c{n}", 100) for n in (60, 61)))

    assert list(oracle.customers["acme|c0"]["statements"]) == [
        *(f"s-b{n:02}" for n in range(1, 12) if n != 7),
        "s-c60",
        "s-c61",
    ]


def test_oracle_newest_bill_of_a_name_stays_whatever_the_order() -> None:
    """3.8 (statements): the newest, of two of a moment the larger; what was paid stays."""
    bills = [
        statement(ISSUED, "a", 900, statement_id="s"),
        statement(ISSUED + 1, "b", 300, statement_id="s", due_date="2024-01-01"),
        statement(ISSUED + 1, "c", 200, statement_id="s"),
    ]
    paid = repaid(ISSUED + 5, "r", 50, statement_id="s")
    for order in permutations([*bills, paid]):
        kept = fold(*order).customers["acme|c0"]["statements"]["s"]
        assert (kept["total"], kept["issued_at"], kept["paid"]) == (300, ISSUED + 1, 50)
        assert kept["due_at"] == 1_704_153_600_000


def test_oracle_repayment_too_old_to_count_still_looks_at_the_bill() -> None:
    """T6: a repayment that is old for counters adds nothing; one that names no bill is a word."""
    younger = [purchase(ISSUED + n, f"y{n}") for n in range(1, 34)]
    old = fold(*RECORDS, *younger, repaid(ISSUED, "r", 5_000, statement_id="s-b"))
    assert old.counts["ignored|acme|LATE_FOR_COUNTERS"] == 1
    assert old.customers["acme|c0"]["statements"]["s-b"]["paid"] == 0

    word = fold(*RECORDS, *younger, repaid(ISSUED, "r", 5_000))
    assert word.counts["applied|acme|repayment.received"] == 1
    assert word.customers["acme|c0"]["journeys"] == []


def test_oracle_overdue_says_nothing_of_the_card_itself() -> None:
    """3.2 (4): only milestones, statuses and replacements create a card."""
    oracle = fold(BILL, repaid(ISSUED, "r", 1), card("card.blocked", BASE, "x"))

    assert list(oracle.customers["acme|c0"]["cards"]) == ["k0"]
