"""
Measure how fast a task restores its customers from the changelog of a real broker.

The rows are those that the fold itself encodes; writer, reader and fold are production's. Time
runs from the first read to the moment at which the last customer is where they belong.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from bench.customers import Journal
from bench.throughput import broker, settings
from lifecycle.fold import LifecycleFold
from schemas.records import Applied, Row
from schemas.routing import JOURNAL_TOPIC, STATE_TOPICS
from streams.connection import client_arguments
from streams.kafka_log import KafkaLog
from streams.port import Transaction


CUSTOMERS = 200_000
PARTITIONS = 8
CUSTOMERS_A_TRANSACTION = 2_000


def changelog(customer_count: int) -> list[list[Row]]:
    """Return the rows of so many customers as the fold drains them."""
    journal, fold = Journal(PARTITIONS, seed=1), LifecycleFold(0, 1)
    fold.open([(JOURNAL_TOPIC, partition) for partition in range(PARTITIONS)])
    for record in journal.policies():
        fold.apply(record)
    drained: list[list[Row]] = []
    for number in range(customer_count):
        for record in journal.customer(number):
            fold.apply(record)
        if number % CUSTOMERS_A_TRANSACTION == CUSTOMERS_A_TRANSACTION - 1:
            drained.append(list(fold.drain().rows))
    return drained


async def _restored(bootstrap: str, drained: list[list[Row]]) -> float:
    told = settings(bootstrap)
    log = KafkaLog(client_arguments(told), told)
    await log.open()
    topic = STATE_TOPICS["lifecycle"]
    writer = log.writer(fold="lifecycle", task=0, changelog_topic=topic)
    await writer.fence()
    for rows in drained:
        await writer.commit(Transaction((), rows, {}))
    began_s = time.monotonic()
    row_count = await _restore(log.read_rows(topic, 0))
    seconds = time.monotonic() - began_s
    await writer.close()
    await log.close()
    return row_count / seconds


async def _restore(restored: AsyncIterator) -> int:  # type: ignore[type-arg]
    """Return how many rows a new fold has taken in, customers put back as well."""
    fold, count = LifecycleFold(0, 1), 0
    async for part in restored:
        for row in part.rows:
            fold.restore(row)
        count += len(part.rows)
    fold.open([(JOURNAL_TOPIC, partition) for partition in range(PARTITIONS)])
    tick = next(Journal(PARTITIONS, seed=2).policies())
    while fold.apply(tick) is Applied.AGAIN:  # the first record waits until all are back
        pass
    return count


def restore_rows_per_s(customer_count: int = CUSTOMERS) -> float:
    """Return changelog rows restored a second."""
    drained = changelog(customer_count)
    with broker() as server:
        return asyncio.run(_restored(server.bootstrap, drained))
