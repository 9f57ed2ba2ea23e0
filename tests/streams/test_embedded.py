"""The embedded broker does what the demonstration needs of it."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from streams import mockcluster
from streams.embedded import EmbeddedBroker, EmbeddedBrokerError
from tests.streams.embedded_clients import commit_values, producing, reading, records


JOIN_MS_MAX = 10_000


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    """Return a running broker without topics."""
    with EmbeddedBroker() as running:
        yield running


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


SIGNALLED = """
import os, signal, threading
from streams.embedded import EmbeddedBroker

signal.signal(signal.SIGUSR1, lambda number, frame: None)
with EmbeddedBroker() as broker:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    os.kill(os.getpid(), signal.SIGUSR1)
    threading.Event().wait(0.2)  # a poll that was interrupted has ended its thread by then
    broker.create_topic("still", 1)
    print(signal.SIGUSR1 in signal.sigpending())
"""


def test_signal_never_strikes_the_broker() -> None:
    """It waits for a thread that takes it: an interrupted cluster hangs or crashes at its end."""
    ended = subprocess.run(
        [sys.executable, "-c", SIGNALLED], capture_output=True, check=False, text=True, timeout=60
    )

    assert (0, "True\n") == (ended.returncode, ended.stdout)
