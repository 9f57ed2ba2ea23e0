"""
Measure the lifecycle fold alone: microseconds of one core per txn.posted, apply and drain.

The campaigns of `campaigns/` are active, every customer has consent, a card and a history
long enough to fill the ring. 1,000 records a drain, about 600 customers changed in it.
"""

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from cli.policy_file import policy_hash, read_policy
from lifecycle.fold import LifecycleFold
from schemas.codec import customer_key, encode_json
from schemas.events import (
    AnyEvent,
    CardActivated,
    CardIssued,
    ConsentChanged,
    PolicyPublished,
    TenantConfigured,
    TxnPosted,
)
from schemas.journal import JournalEnvelope, SourceCoordinates, Tick
from schemas.records import StoredRecord
from schemas.routing import JOURNAL_TOPIC


TENANT = "bank"
PARTITIONS = 8
START_MS = 1_700_000_000_000
CAMPAIGNS = Path(__file__).parent.parent / "campaigns"
RECORDS_A_DRAIN = 1_000
CUSTOMERS_A_DRAIN = 600


class World:
    """Makes journal records of customers who buy."""

    def __init__(self, customer_count: int, seed: int) -> None:
        """Begin at a fixed time with a seeded generator."""
        self.random = random.Random(seed)  # noqa: S311 (a seeded world)
        self.customers = [f"c{number:09}" for number in range(customer_count)]
        self.at_ms = START_MS
        self.offset = 0

    def record(self, event: AnyEvent | Tick, customer_token: str, partition: int) -> StoredRecord:
        """Return an event as the journal has it, a few milliseconds after the one before."""
        self.offset += 1
        self.at_ms += 3
        envelope = JournalEnvelope(
            tenant=TENANT,
            customer_token=customer_token,
            journal_at_ms=self.at_ms,
            occurred_at_ms=self.at_ms - self.random.randrange(2_000),
            event_id=f"event-{self.offset:012}",
            event_source="card.spend.v1",
            source=SourceCoordinates("card.spend.v1", 0, self.offset),
            record=event,
        )
        key = customer_key(TENANT, customer_token) if customer_token else None
        value = encode_json(envelope)
        return StoredRecord(JOURNAL_TOPIC, partition, self.offset, self.at_ms, key, value)

    def purchase(self, number: int) -> StoredRecord:
        """Return a purchase of one customer."""
        amount_minor = self.random.randrange(100, 50_000)
        event = TxnPosted(
            txn_id=f"txn-{self.offset:012}",
            card_token=f"card-{number:09}",
            amount_minor=amount_minor,
            currency="CNY",
            mcc="5411",
        )
        return self.record(event, self.customers[number], number % PARTITIONS)

    def beginnings(self) -> Iterator[StoredRecord]:
        """Yield policies for every partition, then a card and a consent for every customer."""
        for partition in range(PARTITIONS):
            yield self.record(TenantConfigured(time_zone="UTC"), "", partition)
            for file in sorted(CAMPAIGNS.glob("*.yaml")):
                campaign = read_policy(file, tenant=TENANT)
                event = PolicyPublished(campaign=campaign, policy_hash=policy_hash(campaign))
                yield self.record(event, "", partition)
        for number, customer_token in enumerate(self.customers):
            for event in (
                CardIssued(card_token=f"card-{number:09}"),
                CardActivated(card_token=f"card-{number:09}"),
                ConsentChanged(purpose="marketing", channel="sms", status="granted"),
            ):
                yield self.record(event, customer_token, number % PARTITIONS)

    def slices(self, count: int) -> Iterator[list[StoredRecord]]:
        """Yield purchases in slices, of few customers each."""
        for _ in range(count):
            few = self.random.sample(range(len(self.customers)), CUSTOMERS_A_DRAIN)
            extra = self.random.choices(few, k=RECORDS_A_DRAIN - CUSTOMERS_A_DRAIN)
            numbers = few + extra
            self.random.shuffle(numbers)
            yield [self.purchase(number) for number in numbers]


def main() -> None:
    """Print one JSON line with the median and the spread over the slices."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=20_000)
    arguments.add_argument("--slices", type=int, default=200)
    arguments.add_argument("--purchases", type=int, default=32, help="each customer's, before")
    given = arguments.parse_args()
    world = World(given.customers, seed=1)
    fold = LifecycleFold(0, 1)
    fold.open([(JOURNAL_TOPIC, partition) for partition in range(PARTITIONS)])
    for record in world.beginnings():
        fold.apply(record)
    fold.drain()
    for _ in range(given.purchases):
        for number in range(given.customers):
            fold.apply(world.purchase(number))
        fold.drain()
    figures, row_count, row_bytes = [], 0, 0
    for records in world.slices(given.slices):
        gc.collect()
        began = time.process_time()
        for record in records:
            fold.apply(record)
        drained = fold.drain()
        figures.append((time.process_time() - began) / len(records) * 1e6)
        row_count += len(drained.rows)
        row_bytes += sum(len(row.value or b"") for row in drained.rows)
    figures.sort()
    said = {
        "us_per_event_min": round(figures[0], 2),
        "us_per_event_median": round(statistics.median(figures), 2),
        "us_per_event_p95": round(figures[int(len(figures) * 0.95)], 2),
        "rows_per_event": round(row_count / given.slices / RECORDS_A_DRAIN, 3),
        "row_bytes_mean": round(row_bytes / row_count),
        "customers": given.customers,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
