"""
Make the journal of ordinary customers: a card's life from issue to bills, seeded.

Eight in ten activate, half bind, purchases are many for few (log-normal, 12 on average, 60 at
most), six in ten get a bill and most pay it; each has consents for marketing by SMS and push.
"""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from cli.policy_file import policy_hash, read_policy
from schemas.codec import customer_key, encode_json
from schemas.events import (
    AnyEvent,
    AutopayChanged,
    CardActivated,
    CardIssued,
    ConsentChanged,
    PolicyPublished,
    RepaymentReceived,
    StatementIssued,
    TenantConfigured,
    TxnPosted,
    WalletBound,
)
from schemas.journal import JournalEnvelope, SourceCoordinates, Tick
from schemas.records import StoredRecord
from schemas.routing import JOURNAL_TOPIC


TENANT: Final = "bank"
START_MS: Final = 1_767_225_600_000
DAY_MS: Final = 86_400_000
CAMPAIGNS: Final = Path(__file__).resolve().parent.parent / "campaigns"
PURCHASES_MEAN: Final = 12
PURCHASES_MAX: Final = 60
DORMANT_RATIO: Final = 0.2
BOUND_RATIO: Final = 0.5
AUTOPAY_RATIO: Final = 0.2
BILLED_RATIO: Final = 0.6
PAID_RATIO: Final = 0.8
DUE: Final = date(2026, 3, 20)


def number_of(key: bytes) -> int:
    """Return the number of the customer whose row has this key."""
    return int(key.rpartition(b"|c")[2])


class Journal:
    """Writes envelopes as ingest does, one millisecond apart, over some journal partitions."""

    def __init__(self, partition_count: int, seed: int) -> None:
        """Begin at a fixed time with a seeded generator."""
        self.random = random.Random(seed)  # noqa: S311 (a seeded world)
        self.partition_count = partition_count
        self.at_ms = START_MS
        self.offset = 0

    def record(self, event: AnyEvent | Tick, token: str, partition: int) -> StoredRecord:
        """Return one journal record; event time is up to two seconds before journal time."""
        self.offset += 1
        self.at_ms += 1
        envelope = JournalEnvelope(
            tenant=TENANT,
            customer_token=token,
            journal_at_ms=self.at_ms,
            occurred_at_ms=self.at_ms - self.random.randrange(2_000),
            event_id=f"event-{self.offset:012}",
            event_source="card.spend.v1",
            source=SourceCoordinates("card.spend.v1", 0, self.offset),
            record=event,
        )
        key = customer_key(TENANT, token) if token else None
        value = encode_json(envelope)
        return StoredRecord(JOURNAL_TOPIC, partition, self.offset, self.at_ms, key, value)

    def policies(self) -> Iterator[StoredRecord]:
        """Yield what makes the tenant live and every campaign of the house, to each partition."""
        for partition in range(self.partition_count):
            yield self.record(TenantConfigured(live_from_ms=0, time_zone="UTC"), "", partition)
            for file in sorted(CAMPAIGNS.glob("*.yaml")):
                campaign = read_policy(file, tenant=TENANT)
                event = PolicyPublished(campaign=campaign, policy_hash=policy_hash(campaign))
                yield self.record(event, "", partition)

    def customer(self, number: int) -> Iterator[StoredRecord]:
        """Yield one customer's events, in order."""
        token, card = f"c{number:09}", f"card-{number:09}"
        for event in self._life(number, card):
            yield self.record(event, token, number % self.partition_count)

    def purchase(self, number: int) -> StoredRecord:
        """Return one more purchase of a customer."""
        event = self._purchase(number, f"card-{number:09}")
        return self.record(event, f"c{number:09}", number % self.partition_count)

    def _life(self, number: int, card: str) -> Iterator[AnyEvent]:
        rng = self.random
        yield CardIssued(card_token=card, product_code="gold")
        for channel in ("sms", "push"):
            yield ConsentChanged(purpose="marketing", channel=channel, status="granted")  # type: ignore[arg-type]
        if rng.random() < DORMANT_RATIO:
            return
        yield CardActivated(card_token=card)
        if rng.random() < BOUND_RATIO:
            yield WalletBound(card_token=card, wallet="wechat")
        if rng.random() < AUTOPAY_RATIO:
            yield AutopayChanged(card_token=card, status="active")
        purchase_count = min(PURCHASES_MAX, int(rng.lognormvariate(1.99, 1.0)))
        for _ in range(purchase_count):
            yield self._purchase(number, card)
        if rng.random() < BILLED_RATIO:
            yield from self._bill(number, card)

    def _purchase(self, number: int, card: str) -> TxnPosted:
        amount_minor = self.random.randrange(100, 50_000)
        return TxnPosted(
            txn_id=f"txn-{number}-{self.offset:012}",
            card_token=card,
            amount_minor=amount_minor,
            currency="CNY",
            mcc="5411",
        )

    def _bill(self, number: int, card: str) -> Iterator[AnyEvent]:
        bill, due_minor = f"bill-{number}", self.random.randrange(10_000, 900_000)
        yield StatementIssued(
            statement_id=bill,
            card_token=card,
            total_due_minor=due_minor,
            min_due_minor=due_minor // 10,
            currency="CNY",
            due_date=DUE,
            instalment_eligible=True,
        )
        if self.random.random() < PAID_RATIO:
            yield RepaymentReceived(
                repayment_id=f"pay-{number}",
                card_token=card,
                amount_minor=due_minor,
                currency="CNY",
                statement_id=bill,
            )
