"""Say what is owed and paid back: statements, repayments, autopay, instalment plans."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.events.parts import (
    AmountMinor,
    CalendarDate,
    Count,
    Currency,
    EventData,
    Label,
    Token,
)


class StatementIssued(EventData, tag="statement.issued", frozen=True, kw_only=True):
    """A bill was issued."""

    statement_id: Token
    card_token: Token
    total_due_minor: AmountMinor
    min_due_minor: AmountMinor
    currency: Currency
    due_date: CalendarDate
    instalment_eligible: bool = False
    cycle_start: CalendarDate | None = None
    cycle_end: CalendarDate | None = None


class RepaymentReceived(EventData, tag="repayment.received", frozen=True, kw_only=True):
    """Money came in on a card, for a statement where the bank knows which."""

    repayment_id: Token
    card_token: Token
    amount_minor: AmountMinor
    currency: Currency
    statement_id: Label = ""
    method: Label = ""


class RepaymentOverdue(EventData, tag="repayment.overdue", frozen=True, kw_only=True):
    """A bill was not paid in time; marketing stops."""

    statement_id: Token
    card_token: Token
    days_past_due: Count


class RepaymentCured(EventData, tag="repayment.cured", frozen=True, kw_only=True):
    """A bill that was overdue is in order again."""

    statement_id: Token
    card_token: Token
    days_past_due: Count = 0


class AutopayChanged(EventData, tag="autopay.changed", frozen=True, kw_only=True):
    """Bills of the card are paid by themselves, or no longer."""

    card_token: Token
    status: Literal["active", "cancelled"]


class InstalmentCreated(EventData, tag="instalment.created", frozen=True, kw_only=True):
    """The customer agreed to pay in instalments; a plan that they did not confirm is refused."""

    plan_id: Token
    card_token: Token
    principal_minor: AmountMinor
    currency: Currency
    term_count: Count
    annual_rate_bp: Annotated[int, Meta(ge=0, le=1_000_000)]
    confirmed_by_customer: Annotated[bool, Meta(extra_json_schema={"const": True})]

    def __post_init__(self) -> None:
        """
        Refuse a plan that nobody agreed to (CBIRC notice of July 2022).

        Raises:
            ValueError: not confirmed; the decoder makes a ValidationError of it.

        """
        if not self.confirmed_by_customer:
            raise ValueError("wanted a plan that the customer confirmed, found another")


class InstalmentSettled(EventData, tag="instalment.settled", frozen=True, kw_only=True):
    """An instalment plan is paid off."""

    plan_id: Token
    card_token: Token
