"""Say what bills and repayments make of a customer's statements: core.md §3.8 (statements)."""

from datetime import UTC, date, datetime, timedelta

from tests.checker.identity import Facts
from tests.checker.oracle_words import word


STATEMENTS_MAX = 12
PAID_MINOR_MAX = 10**18
DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()


def statement_of(one: Facts) -> str:
    """Return what stands before the hash in a journey's or a contact's occurrence key."""
    key: str = one["occurrence_key"]
    return key.rpartition("|")[0]


def end_of_day_ms(day: str) -> int:
    """Return the end of a calendar day in UTC: 00:00 of the next."""
    return (date.fromisoformat(day).toordinal() + 1 - EPOCH_DAY) * DAY_MS


def day_before(end_ms: int) -> str:
    """Return the calendar day that ends so."""
    return str((EPOCH + timedelta(milliseconds=end_ms - DAY_MS)).date())


def take_bill(customer: Facts, event: Facts, at: int) -> None:
    """Keep the newest, of two of a moment the largest, that was said of a statement."""
    statement = _of(customer, event)
    said = (at, event["total_due_minor"])
    if statement["issued_at"] and said <= (statement["issued_at"], statement["total"]):
        return
    statement |= {
        "card_token": event["card_token"],
        "issued_at": at,
        "due_at": end_of_day_ms(event["due_date"]),
        "total": event["total_due_minor"],
        "min": event.get("min_due_minor", 0),
        "currency": event["currency"],
    }
    _make_room(customer)


def take_repayment(customer: Facts, event: Facts) -> None:
    """Add what was paid on a statement, in its currency only."""
    statement = _of(customer, event)
    statement["card_token"] = statement["card_token"] or event["card_token"]
    statement["currency"] = statement["currency"] or event["currency"]
    if statement["currency"] == event["currency"]:
        statement["paid"] = min(statement["paid"] + event["amount_minor"], PAID_MINOR_MAX)
    _make_room(customer)


def is_repaid(customer: Facts, statement_id: str) -> bool:
    """Return whether a statement is kept and paid, by its own repayments or by its card's."""
    statement = customer["statements"].get(statement_id)
    if statement is None or not statement["issued_at"]:
        return False
    open_minor = statement["total"] - statement["paid"]
    if open_minor <= 0:
        return True
    paid = word(customer, "repayment", statement["card_token"])
    return (
        paid is not None
        and paid.detail == statement["currency"]
        and paid.at >= statement["issued_at"]
        and paid.amount >= open_minor
    )


def _of(customer: Facts, event: Facts) -> Facts:
    name = event["statement_id"]
    if name not in customer["statements"]:
        customer["statements"][name] = {
            "statement_id": name,
            "card_token": "",
            "issued_at": 0,
            "due_at": 0,
            "total": 0,
            "min": 0,
            "currency": "",
            "paid": 0,
        }
    statement: Facts = customer["statements"][name]
    return statement


def _make_room(customer: Facts) -> None:
    """Let one statement go where there are too many: a repaid one, else the oldest."""
    statements = customer["statements"]
    if len(statements) > STATEMENTS_MAX:
        del statements[
            min(
                statements,
                key=lambda name: (
                    not is_repaid(customer, name),
                    statements[name]["issued_at"],
                    name,
                ),
            )
        ]
