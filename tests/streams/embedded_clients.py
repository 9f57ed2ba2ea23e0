"""Clients of the embedded broker, as the shell sets them up."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from streams.embedded import EmbeddedBroker


READ_MS_MAX = 10_000
MIB = 1024 * 1024


@asynccontextmanager
async def producing(broker: EmbeddedBroker, task: str | None) -> AsyncIterator[AIOKafkaProducer]:
    """Give a started producer, transactional if it has a task's name."""
    producer = AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, transactional_id=task, max_request_size=2 * MIB
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def reading(
    broker: EmbeddedBroker, topic: str, partitions: int, *, check_crcs: bool = False
) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a groupless read_committed consumer at the start of every partition of the topic."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        check_crcs=check_crcs,
        fetch_max_wait_ms=10,
    )
    await consumer.start()
    try:
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        await consumer.end_offsets(places)  # a consumer stopped at once after its start raises
        consumer.assign(places)
        for place in places:
            consumer.seek(place, 0)
        yield consumer
    finally:
        await consumer.stop()


async def records(consumer: AIOKafkaConsumer, count: int) -> Sequence[ConsumerRecord]:
    """Return the first `count` records, of each partition in offset order."""
    found: list[ConsumerRecord] = []
    while len(found) < count:
        polled = await consumer.getmany(timeout_ms=READ_MS_MAX)
        assert polled, f"wanted {count} records within the deadline, found {len(found)}"
        for slice_ in polled.values():
            found.extend(slice_)
    return found


async def commit_values(producer: AIOKafkaProducer, topic: str, values: Sequence[bytes]) -> None:
    """Send the values in one transaction: each to the partition of its place in the list."""
    async with producer.transaction():
        for partition, value in enumerate(values):
            await (await producer.send(topic, value, partition=partition))
