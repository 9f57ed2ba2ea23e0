"""
Turn CDNOW's purchases into a card's life: real customers, real days, real amounts.

The day of a customer's first purchase is the day on which the card was issued and activated. The
file knows days only, so every event of a day is at its midnight (UTC): no time of day is made up.
Nobody was asked for consent in 1997; it is generated, and the summary says so.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from cli.demo.cdnow import DAY_MS, Purchase, purchases
from cli.demo.history import History, HistoryRecord, rfc3339
from cli.demo.setting import CDNOW


GRANTED_PERCENT: Final = 85
DENIED_PERCENT: Final = 10
"""The remaining 5 per cent were never asked."""

PURPOSE: Final = "marketing"
"""That of the campaigns."""


def cdnow_history(text: Path, *, seed: int, customer_count: int | None = None) -> History:
    """
    Return the history of every customer of the file, or of some that are spread over it evenly.

    The same arguments give the same bytes.

    Args:
        text: the file (`cli.demo.cdnow.fetch`).
        seed: decides who has given consent.
        customer_count: how many customers, None for all.

    Raises:
        CdnowError: a line of the file is not what it should be.

    """
    bought = _of_some(list(purchases(text)), customer_count)
    records = sorted(_records(bought, seed), key=lambda record: record.at_ms)
    return History(
        tenant=CDNOW,
        records=records,
        started_at_ms=records[0].at_ms,
        ended_at_ms=records[-1].at_ms + DAY_MS,
        issued_count=len({purchase.customer for purchase in bought}),
        duplicate_count=0,
        rejected_counts={},
    )


def _of_some(bought: Sequence[Purchase], customer_count: int | None) -> Sequence[Purchase]:
    """Return the purchases of so many customers, every n-th of the file."""
    customers = sorted({purchase.customer for purchase in bought})
    if customer_count is None or customer_count >= len(customers):
        return bought
    step = len(customers) / customer_count
    chosen = {customers[int(place * step)] for place in range(customer_count)}
    return [purchase for purchase in bought if purchase.customer in chosen]


def _records(bought: Sequence[Purchase], seed: int) -> Iterator[HistoryRecord]:
    """Yield each purchase, and before a customer's first what a card's life begins with."""
    known: set[str] = set()
    for purchase in bought:  # by customer, then by day
        if purchase.customer not in known:
            known.add(purchase.customer)
            yield from _first_day(purchase, seed)
        yield _record(
            purchase,
            "card.spend.v1",
            {
                "id": purchase.event_id,
                "type": "txn.posted",
                "txn_id": purchase.event_id,
                "amount_minor": purchase.amount_minor,
                "currency": "USD",
            },
        )


def _first_day(purchase: Purchase, seed: int) -> Iterator[HistoryRecord]:
    """Yield issue and activation, and the answer of those who were asked for consent."""
    for contract, event_type in (
        ("card.issue.v1", "card.issued"),
        ("card.activation.v1", "card.activated"),
    ):
        event_id = f"{event_type}-{purchase.customer}"
        yield _record(purchase, contract, {"id": event_id, "type": event_type})
    if status := consent(purchase.customer, seed):
        consented = {"id": f"consent-{purchase.customer}", "type": "consent.changed"}
        word = {"purpose": PURPOSE, "channel": "sms", "status": status}
        yield _record(purchase, "customer.profile.v1", consented | word)


def consent(customer: str, seed: int) -> str:
    """Return `granted`, `denied`, or "" for a customer who was never asked."""
    digest = hashlib.blake2b(f"{seed}|{customer}".encode(), digest_size=8).digest()
    percent = int.from_bytes(digest, "big") % 100
    if percent < GRANTED_PERCENT:
        return "granted"
    return "denied" if percent < GRANTED_PERCENT + DENIED_PERCENT else ""


def _record(purchase: Purchase, contract: str, said: Mapping[str, str | int]) -> HistoryRecord:
    """Return a plain JSON event at the purchase's midnight, with the customer's card."""
    token = f"c-{purchase.customer}"
    occurred_at = rfc3339(purchase.bought_at_ms)
    body = {**said, "occurred_at": occurred_at, "customer_token": token}
    if contract != "customer.profile.v1":
        body["card_token"] = f"k-{purchase.customer}"
    return HistoryRecord(purchase.bought_at_ms, contract, token.encode(), msgspec.json.encode(body))
