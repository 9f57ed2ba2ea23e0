"""
Keep a customer's bills, and what was paid on them (docs/core.md 3.8).

A bill and its repayments may come in any order: whichever is first begins the row.
"""

from typing import Final

from lifecycle import words
from lifecycle.instants import end_of_day_ms
from schemas.events import RepaymentReceived, StatementIssued
from schemas.state import STATEMENTS_MAX, CustomerRow, StatementState


__all__ = ["end_of_day_ms", "find", "issue", "open_minor", "pay", "repaid"]

PAID_MINOR_MAX: Final = 10**18
"""Where a sum stops: a row holds 64 bits."""


def find(row: CustomerRow, statement_id: str) -> StatementState | None:
    """Return the statement with this id, None where it is not kept (any more)."""
    for statement in row.statements:
        if statement.statement_id == statement_id:
            return statement
    return None


def issue(row: CustomerRow, event: StatementIssued, occurred_at_ms: int) -> None:
    """Keep a bill, unless a greater (time, total) of it is known; what was paid on it stays."""
    known = _found_or_new(row, event)
    said = (occurred_at_ms, event.total_due_minor)
    if known.issued_at_ms == 0 or said > (known.issued_at_ms, known.total_due_minor):
        known.card_token = event.card_token
        known.issued_at_ms = occurred_at_ms
        known.due_at_ms = end_of_day_ms(event.due_date)
        known.total_due_minor = event.total_due_minor
        known.min_due_minor = event.min_due_minor
        known.currency = event.currency
    _make_room(row)


def pay(row: CustomerRow, event: RepaymentReceived) -> None:
    """Count a repayment, once, on the statement that it names; another currency counts nothing."""
    known = _found_or_new(row, event)
    known.currency = known.currency or event.currency
    if known.currency == event.currency:
        known.paid_minor = min(known.paid_minor + event.amount_minor, PAID_MINOR_MAX)
    _make_room(row)


def repaid(row: CustomerRow, statement: StatementState) -> bool:
    """Return whether nothing is owed any more, by repayments of the statement or of its card."""
    if statement.issued_at_ms == 0:  # what is owed is not known
        return False
    owed_minor = open_minor(statement)
    if owed_minor <= 0:
        return True
    received = words.find(row, "repayment", statement.card_token)
    return (
        received is not None
        and received.detail == statement.currency
        and received.at_ms >= statement.issued_at_ms
        and received.amount >= owed_minor
    )


def open_minor(statement: StatementState) -> int:
    """Return what is owed, in minor units of the statement's currency; below 0 if overpaid."""
    return statement.total_due_minor - statement.paid_minor


def _found_or_new(row: CustomerRow, event: StatementIssued | RepaymentReceived) -> StatementState:
    """Return the statement that an event names, a new one where it is not kept (any more)."""
    known = find(row, event.statement_id)
    if known is None:
        known = StatementState(event.statement_id, event.card_token)
        row.statements.append(known)
    return known


def _make_room(row: CustomerRow) -> None:
    """Forget one statement of too many: repaid ones first, then the oldest."""
    if len(row.statements) > STATEMENTS_MAX:
        row.statements.remove(
            min(
                row.statements,
                key=lambda one: (not repaid(row, one), one.issued_at_ms, one.statement_id),
            )
        )
