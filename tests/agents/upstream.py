"""What core banking says in these tests: plain JSON events about one customer, about now."""

from datetime import UTC, datetime
from typing import Any, Final

from streams.clock import wall_clock_ms


PROFILE: Final = "customer.profile.v1"
BILLS: Final = "card.repayment.v1"
SPEND: Final = "card.spend.v1"


def event(event_type: str, event_id: str, customer: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 (any field)
    """Return an event that has just occurred."""
    occurred_at = datetime.fromtimestamp(wall_clock_ms() / 1000, UTC)
    return {
        "id": event_id,
        "type": event_type,
        "occurred_at": occurred_at.isoformat(timespec="milliseconds"),
        "customer_token": customer,
        **fields,
    }


def consent(customer: str) -> dict[str, Any]:
    """Return the customer's word that we may write to the app about marketing."""
    fields = {"purpose": "marketing", "channel": "push", "status": "granted"}
    return event("consent.changed", f"consent-{customer}", customer, **fields)


def statement(customer: str) -> dict[str, Any]:
    """Return a bill of CNY 4,000.00 that may be paid in instalments."""
    return event(
        "statement.issued",
        f"bill-{customer}",
        customer,
        statement_id=f"s-{customer}",
        card_token=f"k-{customer}",
        total_due_minor=400_000,
        min_due_minor=40_000,
        currency="CNY",
        due_date="2026-04-01",
        instalment_eligible=True,
    )


def purchase(customer: str, number: int) -> dict[str, Any]:
    """Return a small purchase."""
    return event(
        "txn.posted",
        f"spend-{customer}-{number}",
        customer,
        txn_id=f"t-{customer}-{number}",
        card_token=f"k-{customer}",
        amount_minor=1_000 + number,
        currency="CNY",
    )
