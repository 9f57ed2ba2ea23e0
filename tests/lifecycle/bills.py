"""A bill of the first of December 2023, and a campaign that reminds of it."""

from datetime import date
from typing import Any, Literal

import msgspec

from schemas.campaign import Campaign, DueDateEntry, Step
from schemas.events import AutopayChanged, Currency, RepaymentReceived, StatementIssued
from tests.lifecycle.builders import DAY, nudge


DUE = date(2023, 12, 1)

END = 1_475_200_000
"""When the day is over, after T0: date -u -d 2023-12-02 +%s is 1701475200."""

FIRST, LAST = END - 3 * DAY, END - DAY
"""When the two steps of the campaign are due, after T0."""

SENT_FIRST = ["-> ann first", "remind first sent"]
SENT_LAST = ["-> ann last", "remind last sent"]


def reminder(**changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return a campaign that reminds three days and one day before the due date ends."""
    campaign = nudge(
        id="remind",
        stage="pay",
        trigger_type="repayment_reminder",
        message_class="servicing",
        purpose="servicing",
        entry=DueDateEntry(),
        occurrence="statement",
        steps=(Step(id="first", lead_ms=3 * DAY), Step(id="last", lead_ms=DAY)),
        priority=80,
    )
    return msgspec.structs.replace(campaign, **changed)


def billed(
    total_due_minor: int = 900, *, statement: str = "s1", card: str = "k1", due_date: date = DUE
) -> StatementIssued:
    """Return a bill."""
    return StatementIssued(
        statement_id=statement,
        card_token=card,
        total_due_minor=total_due_minor,
        min_due_minor=90,
        currency="CNY",
        due_date=due_date,
    )


def paid(
    amount_minor: int = 900, *, statement: str = "s1", card: str = "k1", currency: Currency = "CNY"
) -> RepaymentReceived:
    """Return a repayment; of which bill nobody knows where `statement` is ""."""
    return RepaymentReceived(
        repayment_id="r",
        card_token=card,
        amount_minor=amount_minor,
        currency=currency,
        statement_id=statement,
    )


def autopay(status: Literal["active", "cancelled"], card: str = "k1") -> AutopayChanged:
    """Return whether bills of the card are paid by themselves."""
    return AutopayChanged(card_token=card, status=status)
