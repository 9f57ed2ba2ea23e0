"""The embedded broker's banner names its limits, and each is as the banner says."""

from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException, OffsetOutOfRangeError

from streams.embedded import BANNER, EmbeddedBroker
from tests.streams.embedded_clients import (
    MIB,
    READ_MS_MAX,
    commit_values,
    producing,
    reading,
    records,
)


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    """Return a running broker without topics."""
    with EmbeddedBroker() as running:
        yield running


@pytest.mark.parametrize(
    "limit",
    [
        "one worker a fold, no restart",
        "offsets committed in a transaction are not stored",
        "nobody is fenced",
        "5 MiB (or 100,000 batches) per partition: older batches are silently dropped",
        "memory only",
        "no compaction",
        "aborted records are visible",
        "loopback only",
        "Never prove reliability on it",
    ],
)
def test_the_banner_names_the_limit(limit: str) -> None:
    """Whoever starts it is told what it cannot be trusted with; the tests below show each."""
    assert limit in BANNER


async def test_embedded_offsets_of_a_transaction_are_not_stored(broker: EmbeddedBroker) -> None:
    """The group finds no committed offset after a transaction that sent one."""
    broker.create_topic("source", 1)
    place = TopicPartition("source", 0)
    async with producing(broker, "task") as producer, producer.transaction():
        await (await producer.send("source", b"value", partition=0))
        await producer.send_offsets_to_transaction({place: 1}, "lifecycle")

    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, group_id="lifecycle")
    await consumer.start()
    try:
        consumer.assign([place])

        assert await consumer.committed(place) is None
    finally:
        await consumer.stop()


async def test_embedded_nobody_is_fenced(broker: EmbeddedBroker) -> None:
    """The first holder of a transactional id still commits after a second one has begun."""
    broker.create_topic("out", 1)
    async with (
        producing(broker, "same") as first,
        producing(broker, "same") as second,
        reading(broker, "out", 1) as consumer,
    ):
        await commit_values(second, "out", [b"second"])
        await commit_values(first, "out", [b"first"])
        found = await records(consumer, 2)

    assert [b"second", b"first"] == [record.value for record in found]


async def test_embedded_aborted_records_are_visible(broker: EmbeddedBroker) -> None:
    """A read_committed reader sees what a transaction took back."""
    broker.create_topic("out", 1)
    async with producing(broker, "task") as producer, reading(broker, "out", 1) as consumer:
        await producer.begin_transaction()
        await (await producer.send("out", b"aborted", partition=0))
        await producer.abort_transaction()
        (record,) = await records(consumer, 1)

    assert record.value == b"aborted"


async def test_embedded_older_batches_are_dropped_beyond_five_mebibytes(
    broker: EmbeddedBroker,
) -> None:
    """
    The producer hears nothing, the log begins later, and a reader from 0 is told.

    A batch of 1 MiB has a few bytes around it, so four fit into 5 MiB: of seven sent at offsets
    0 to 6, the log keeps 3 to 6.
    """
    broker.create_topic("out", 1)
    place = TopicPartition("out", 0)
    async with producing(broker, None) as producer:
        for offset in range(7):
            sent = await producer.send_and_wait("out", bytes(MIB), partition=0)
            assert offset == sent.offset

    async with reading(broker, "out", 1) as consumer:
        assert {place: 3} == await consumer.beginning_offsets([place])
        with pytest.raises(OffsetOutOfRangeError):
            await consumer.getmany(timeout_ms=READ_MS_MAX)


async def test_readers_must_not_check_sums(broker: EmbeddedBroker) -> None:
    """Commit markers carry no checksum: a reader left at its default stops at the first one."""
    broker.create_topic("out", 1)
    async with (
        producing(broker, "task") as producer,
        reading(broker, "out", 1, check_crcs=True) as consumer,
    ):
        await commit_values(producer, "out", [b"value"])
        await records(consumer, 1)

        with pytest.raises(CorruptRecordException):
            await consumer.getmany(timeout_ms=READ_MS_MAX)
