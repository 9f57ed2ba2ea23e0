"""
Make up a card's bills, and what becomes of them: repaid by itself, in time, too late, or never.

A bill is due on the twentieth day after it was issued; half of those who were late are cured.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

from cli.demo.history import DAY_MS, day


HOUR_MS: Final = 3_600_000
BILLING_MS: Final = 30 * DAY_MS
DUE_MS: Final = 20 * DAY_MS
CURRENCY: Final = "CNY"

AUTOPAY_RATIO: Final = 0.15
"""Of the cards: their bills are paid by themselves on the last day."""

ELIGIBLE_RATIO: Final = 0.60
REPAID_RATIO: Final = 0.85
"""Of the other bills: repaid in time."""

CURED_RATIO: Final = 0.50
"""Of the rest: repaid when they were overdue."""

NAMED_RATIO: Final = 0.90
"""Of the repayments: those of which the bank knows the bill."""


class Happening(NamedTuple):
    """
    Something that a customer did or had done to them.

    `fields` is the inside of the JSON object of the event's own data.
    """

    at_ms: int
    event_type: str
    event_id: str
    customer_token: str
    fields: str


class Holder(NamedTuple):
    """Whose card it is, and whether its bills are paid by themselves."""

    token: str
    card: str
    autopay: bool


class _Bill(NamedTuple):
    """A bill of a holder, in minor units of `CURRENCY`."""

    name: str
    holder: Holder
    billed_at_ms: int
    total_minor: int

    @property
    def of(self) -> str:
        """Return the fields that name it."""
        return f'"statement_id":"{self.name}","card_token":"{self.holder.card}"'


def bills(
    random: Random,
    holder: Holder,
    lived: tuple[int, int],
    bought: Sequence[tuple[int, int, str]],
) -> Iterator[Happening]:
    """
    Yield a bill every 30 days of what was bought since the last, and what becomes of it.

    Args:
        random: whose state decides everything.
        holder: of the card.
        lived: from the activation to the end of what is looked at, epoch milliseconds UTC.
        bought: time, amount and currency of each purchase.
    """
    activated_at, end_at = lived
    for number, billed_at in enumerate(range(activated_at + BILLING_MS, end_at, BILLING_MS)):
        total = sum(
            amount
            for at, amount, currency in bought
            if currency == CURRENCY and billed_at - BILLING_MS <= at < billed_at
        )
        if not total:
            continue
        bill = _Bill(f"s-{holder.card}-{number}", holder, billed_at, total)
        eligible = "true" if random.random() < ELIGIBLE_RATIO else "false"
        fields = (
            f'{bill.of},"total_due_minor":{total},'
            f'"min_due_minor":{total // 10},"currency":"{CURRENCY}",'
            f'"due_date":"{day(billed_at + DUE_MS)}","instalment_eligible":{eligible}'
        )
        yield Happening(billed_at, "statement.issued", bill.name, holder.token, fields)
        yield from _settled(random, bill)


def _settled(random: Random, bill: _Bill) -> Iterator[Happening]:
    """Yield how a bill is repaid, and how it was overdue where it was."""
    billed_at, token = bill.billed_at_ms, bill.holder.token
    if bill.holder.autopay:
        yield _repaid(random, bill, billed_at + DUE_MS - 6 * HOUR_MS)
        return
    if random.random() < REPAID_RATIO:
        yield _repaid(random, bill, billed_at + int((2 + random.random() * 17) * DAY_MS))
        return
    overdue_at = billed_at + DUE_MS + DAY_MS
    fields = f'{bill.of},"days_past_due":1'
    yield Happening(overdue_at, "repayment.overdue", f"overdue-{bill.name}", token, fields)
    if random.random() < CURED_RATIO:
        repaid_at = overdue_at + int((1 + random.random() * 9) * DAY_MS)
        yield _repaid(random, bill, repaid_at)
        yield Happening(
            repaid_at + HOUR_MS, "repayment.cured", f"cured-{bill.name}", token, bill.of
        )


def _repaid(random: Random, bill: _Bill, at_ms: int) -> Happening:
    """Return a repayment of the whole bill; of some the bank does not know what it is for."""
    named = bill.name if random.random() < NAMED_RATIO else ""
    fields = (
        f'"repayment_id":"r-{bill.name}","card_token":"{bill.holder.card}",'
        f'"amount_minor":{bill.total_minor},"currency":"{CURRENCY}","statement_id":"{named}"'
    )
    return Happening(at_ms, "repayment.received", f"r-{bill.name}", bill.holder.token, fields)
