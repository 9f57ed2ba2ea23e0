"""The embedded broker does what the demonstration needs, and its banner tells the truth."""

import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CorruptRecordException, OffsetOutOfRangeError
from aiokafka.structs import ConsumerRecord

from streams import mockcluster
from streams.embedded import BANNER, EmbeddedBroker, EmbeddedBrokerError


READ_MS_MAX = 10_000
JOIN_MS_MAX = 10_000
MIB = 1024 * 1024


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    """Return a running broker without topics."""
    with EmbeddedBroker() as running:
        yield running


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


async def test_a_topic_has_the_partitions_it_was_created_with(broker: EmbeddedBroker) -> None:
    """Counts other than the broker's own default of 4 are kept, topic by topic."""
    broker.create_topic("narrow", 1)
    broker.create_topic("wide", 12)

    async with producing(broker, None) as producer:
        assert {0} == await producer.partitions_for("narrow")
        assert set(range(12)) == await producer.partitions_for("wide")


def test_a_topic_that_exists_is_not_created_again(broker: EmbeddedBroker) -> None:
    """A second creation is an error that says so, never a silent reset."""
    broker.create_topic("once", 2)

    with pytest.raises(EmbeddedBrokerError, match=r"topic once: .* already exists"):
        broker.create_topic("once", 3)


@pytest.mark.parametrize("count", [0, -1])
def test_a_topic_without_partitions_is_refused(broker: EmbeddedBroker, count: int) -> None:
    """Neither count may reach librdkafka: it takes 0, and at -1 it aborts this process."""
    with pytest.raises(EmbeddedBrokerError, match=f"wanted 1 or more partitions, found {count}"):
        broker.create_topic("none", count)


async def test_a_record_comes_back_as_it_was_sent(broker: EmbeddedBroker) -> None:
    """Key, value, headers (order and repeats) and the producer's timestamp survive."""
    broker.create_topic("kept", 1)
    headers = [("ce_id", b"e-1"), ("ce_type", b"card.issued"), ("ce_id", b"\x00\xff")]

    async with producing(broker, None) as producer, reading(broker, "kept", 1) as consumer:
        await producer.send_and_wait(
            "kept", b"value", b"key", partition=0, timestamp_ms=852_076_800_000, headers=headers
        )
        (record,) = await records(consumer, 1)

    assert (b"key", b"value", 852_076_800_000) == (record.key, record.value, record.timestamp)
    assert tuple(headers) == record.headers


async def test_two_transactional_producers_commit_side_by_side(broker: EmbeddedBroker) -> None:
    """
    Both producers' records are read, and offsets count the commit markers.

    Partition 0, by hand: a-0 at 0, its marker at 1, b-0 at 2, its marker at 3: the end is 4.
    """
    broker.create_topic("journal", 2)
    places = [TopicPartition("journal", 0), TopicPartition("journal", 1)]

    async with (
        producing(broker, "task-a") as first,
        producing(broker, "task-b") as second,
        reading(broker, "journal", 2) as consumer,
    ):
        await commit_values(first, "journal", [b"a-0", b"a-1"])
        await commit_values(second, "journal", [b"b-0", b"b-1"])
        found = await records(consumer, 4)
        begin = await consumer.beginning_offsets(places)
        end = await consumer.end_offsets(places)

    assert [
        (0, 0, b"a-0"),
        (0, 2, b"b-0"),
        (1, 0, b"a-1"),
        (1, 2, b"b-1"),
    ] == sorted((record.partition, record.offset, record.value) for record in found)
    assert dict.fromkeys(places, 0) == begin
    assert dict.fromkeys(places, 4) == end


async def test_position_reaches_the_highwater_behind_the_last_marker(
    broker: EmbeddedBroker,
) -> None:
    """T3 asks for position = highwater at the end: true once the marker has been fetched too."""
    broker.create_topic("journal", 1)
    place = TopicPartition("journal", 0)

    async with producing(broker, "task") as producer, reading(broker, "journal", 1) as consumer:
        assert consumer.highwater(place) is None
        await commit_values(producer, "journal", [b"only"])
        await records(consumer, 1)
        polls = 0
        while await consumer.position(place) != consumer.highwater(place):
            assert not await consumer.getmany(timeout_ms=100)
            polls += 1
            assert polls < 100

        assert await consumer.position(place) == 2


async def test_the_first_member_of_a_group_gets_all_partitions_at_once(
    broker: EmbeddedBroker,
) -> None:
    """A static member's first join does not wait for others."""
    broker.create_topic("state", 4)
    consumer = AIOKafkaConsumer(
        "state",
        bootstrap_servers=broker.bootstrap,
        group_id="lifecycle",
        group_instance_id="worker-0",
        enable_auto_commit=False,
        rebalance_timeout_ms=JOIN_MS_MAX,
    )
    await consumer.start()
    try:
        assert {0, 1, 2, 3} == {place.partition for place in consumer.assignment()}
    finally:
        await consumer.stop()


async def test_closing_ends_the_threads_and_the_port() -> None:
    """Nothing is left behind: no librdkafka thread, no listener; closing again changes nothing."""
    library = mockcluster.load_librdkafka()
    before = library.rd_kafka_thread_cnt()
    broker = EmbeddedBroker()
    broker.create_topic("any", 1)
    async with producing(broker, None) as producer:
        await producer.send_and_wait("any", b"value")
    host, port = broker.bootstrap.split(":")
    assert host == "127.0.0.1"
    assert library.rd_kafka_thread_cnt() > before

    broker.close()
    broker.close()

    assert before == library.rd_kafka_thread_cnt()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=10)
    with pytest.raises(EmbeddedBrokerError, match="found a closed one"):
        broker.create_topic("late", 1)


def test_the_broker_is_closed_however_its_block_ends() -> None:
    """An exception inside the block leaves no thread behind."""
    library = mockcluster.load_librdkafka()
    before = library.rd_kafka_thread_cnt()

    with pytest.raises(KeyError), EmbeddedBroker():
        raise KeyError

    assert before == library.rd_kafka_thread_cnt()


@pytest.mark.parametrize(
    "limit",
    [
        "one worker, no restart",
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


async def test_banner_offsets_of_a_transaction_are_not_stored(broker: EmbeddedBroker) -> None:
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


async def test_banner_nobody_is_fenced(broker: EmbeddedBroker) -> None:
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


async def test_banner_aborted_records_are_visible(broker: EmbeddedBroker) -> None:
    """A read_committed reader sees what a transaction took back."""
    broker.create_topic("out", 1)
    async with producing(broker, "task") as producer, reading(broker, "out", 1) as consumer:
        await producer.begin_transaction()
        await (await producer.send("out", b"aborted", partition=0))
        await producer.abort_transaction()
        (record,) = await records(consumer, 1)

    assert record.value == b"aborted"


async def test_banner_older_batches_are_dropped_beyond_five_mebibytes(
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
