"""The loader never sends what the embedded broker could drop unread, and a loss is never silent."""

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from cli.demo.loader import (
    UNREAD_BYTES_LOW,
    UNREAD_BYTES_MAX,
    Loader,
    LoaderError,
    Outgoing,
    by_key,
)
from cli.demo.tail import Tail, TailError
from streams.embedded import EmbeddedBroker
from streams.partitioner import partition_of
from streams.port import SourcePartition


SOURCE = SourcePartition("source", 0)
OTHER = SourcePartition("source", 1)
DEADLINE_S = 60.0
VALUE = b"x" * 80_000
LARGE = b"x" * 900_000


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    """Return a running broker with a topic of two partitions."""
    with EmbeddedBroker() as running:
        running.create_topic("source", 2)
        yield running


@pytest.fixture
def loader(broker: EmbeddedBroker) -> Iterator[Loader]:
    """Return a loader for it."""
    made = Loader(broker.bootstrap)
    yield made
    made.close()


def outgoing(value: bytes, source: SourcePartition = SOURCE) -> Outgoing:
    """Return a record of no key."""
    return Outgoing(source, "events", b"", value)


def read(tail: Tail, count: int) -> list[bytes]:
    """Return the first values of the topic, and fail if they do not come."""
    found: list[bytes] = []
    deadline_s = time.monotonic() + DEADLINE_S
    while len(found) < count:
        assert time.monotonic() < deadline_s, f"wanted {count} records, found {len(found)}"
        found += [message.value() or b"" for message in tail.read(0.05)]
    return found


def turn_on(loader: Loader) -> None:
    """Let the loader go on until the deadline."""
    deadline_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline_s:
        loader.turn({})
        time.sleep(0.01)


def test_loader_sends_no_more_than_a_partition_can_keep(loader: Loader) -> None:
    """Four records of 80,000 bytes fit into 400 kB; more come when less than half is unread."""
    loader.add(outgoing(VALUE) for _ in range(20))
    loader.turn({})
    assert 4 == loader.sent_counts[SOURCE, "events"]
    assert 5 * 80_070 > UNREAD_BYTES_MAX > 4 * 80_070

    loader.turn({SOURCE: 1})
    assert 4 == loader.sent_counts[SOURCE, "events"]
    assert 2 * 80_070 < UNREAD_BYTES_LOW < 3 * 80_070
    loader.turn({SOURCE: 2})
    assert 6 == loader.sent_counts[SOURCE, "events"]
    loader.turn({SOURCE: 2})
    assert 6 == loader.sent_counts[SOURCE, "events"]


def test_partition_that_is_full_does_not_hold_back_another(loader: Loader) -> None:
    """T7: the tenant's watermark waits for the other, and the full one for the watermark."""
    loader.add(outgoing(VALUE) for _ in range(9))
    loader.add([outgoing(b"next", OTHER)])
    loader.turn({})

    assert 1 == loader.sent_counts[OTHER, "events"]
    assert 5 == loader.waiting_count


def test_loader_waits_while_the_journal_has_no_room(loader: Loader) -> None:
    """What ingest reads it forwards, so a lifecycle that lags must hold back the sources."""
    loader.add([outgoing(b"next")])
    loader.turn({}, has_room=False)
    assert (0, 1) == (loader.sent_counts.total(), loader.waiting_count)
    loader.turn({}, has_room=True)
    assert (1, 0) == (loader.sent_counts.total(), loader.waiting_count)


def test_loader_and_tail_lose_nothing_of_more_than_the_broker_keeps(
    broker: EmbeddedBroker, loader: Loader
) -> None:
    """8 MB through a partition that keeps 5 MiB, each record once and in order."""
    sent = [b"%d" % number + VALUE for number in range(100)]
    loader.add(map(outgoing, sent))
    found: list[bytes] = []
    deadline_s = time.monotonic() + DEADLINE_S
    with Tail(broker.bootstrap, {"source": 1}) as tail:
        while len(found) < len(sent):
            assert time.monotonic() < deadline_s, f"found {len(found)} of {len(sent)}"
            loader.turn({SOURCE: len(found)})
            found += [message.value() or b"" for message in tail.read(0.05)]
            tail.refuse_loss({SOURCE: len(found)})

    assert sent == found


def test_a_loss_is_told_to_who_reads_and_to_who_looks(broker: EmbeddedBroker) -> None:
    """
    A producer without bounds: the reader's next record is gone, and both doors say so.

    Five records of 900,000 bytes fit into 5 MiB: of nine the broker keeps those at 4 to 8.
    """
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 2})
    for _ in range(9):
        producer.produce("source", LARGE, partition=0)
        assert 0 == producer.flush(DEADLINE_S)

    with Tail(broker.bootstrap, {"source": 2}) as tail:
        with pytest.raises(TailError, match="wanted to read on in source/0, found"):
            read(tail, 9)
        with pytest.raises(TailError, match=r"wanted source/0 kept from 2 .*, found 4 first"):
            tail.refuse_loss({OTHER: 0, SOURCE: 2})
        tail.refuse_loss({OTHER: 0, SOURCE: 4})
    producer.close()


def test_loader_tells_that_the_broker_is_gone() -> None:
    """A record that could not be sent is an error of the next turn, never a silence."""
    with EmbeddedBroker() as broker:
        broker.create_topic("source", 1)
        loader = Loader(broker.bootstrap, patience_s=1)
    loader.add([outgoing(b"lost")])
    with pytest.raises(LoaderError, match="wanted every record sent, found _MSG_TIMED_OUT"):
        turn_on(loader)
    loader.close()


def test_key_decides_the_partition_as_a_java_producer_would() -> None:
    """The topic's name has no part in it."""
    assert by_key("a", b"c-1", 2).partition == by_key("b", b"c-1", 2).partition
    assert partition_of(b"c-1", 2) == by_key("a", b"c-1", 2).partition


def test_room_is_counted_with_headers_and_key() -> None:
    """70 bytes for Kafka's own, 3 of the key, 2 of the value, 4 + 5 of a header."""
    record = Outgoing(SOURCE, "events", b"key", b"{}", (("ce_x", b"12345"),))

    assert 70 + 3 + 2 + 9 == record.byte_count
