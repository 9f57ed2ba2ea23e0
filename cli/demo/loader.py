"""
Send source records to the broker, no further ahead of the worker than the broker can keep.

The embedded broker drops what exceeds 5 MiB in a partition and tells nobody. So of each partition
less than that is unread by the worker at any time, counted before compression.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from confluent_kafka import KafkaError, Message, Producer

from streams.partitioner import partition_of
from streams.port import SourcePartition


UNREAD_BYTES_MAX: Final = 400_000
"""Far less than that, for what ingest forwards must fit into the journal while it waits there."""
UNREAD_BYTES_LOW: Final = 200_000
"""Refilled only below this: the broker answers a fetch with one batch of a partition, so many
small batches would be as many round trips."""
RECORD_BYTES: Final = 70
"""Added for each record: Kafka's own fields, and names and values of a few headers."""

SENT_PER_TURN_MAX: Final = 5_000
"""So that reading triggers and drawing the screen get their turn."""

Kind = Literal["events", "control", "markers"]


class LoaderError(RuntimeError):
    """A record could not be sent, or was lost before the worker read it."""


class Outgoing(NamedTuple):
    """A record with the partition that it is for; `kind` says how it is to be counted."""

    source: SourcePartition
    kind: Kind
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def byte_count(self) -> int:
        """Return what the record may take in the broker, at most."""
        count = RECORD_BYTES + len(self.key) + len(self.value or b"")
        for name, value in self.headers:
            count += len(name) + len(value)
        return count


def by_key(topic: str, key: bytes, partition_count: int) -> SourcePartition:
    """Return the partition of the topic that the key belongs to."""
    return SourcePartition(topic, partition_of(key, partition_count))


class Loader:
    """Sends each partition's records in the given order; not safe to share between threads."""

    def __init__(self, bootstrap: str, *, patience_s: int = 30) -> None:
        """Connect to the broker; what it has not taken after `patience_s` is lost."""
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "compression.type": "gzip",
                "linger.ms": 20,
                "enable.idempotence": True,  # in order, none twice
                "message.timeout.ms": patience_s * 1_000,
                "log_level": 2,  # what goes wrong is told by `turn`
                "queue.buffering.max.messages": 1_000_000,
            }
        )
        self._queues: dict[SourcePartition, Queue] = {}
        self._failure: KafkaError | None = None
        self.sent_counts: Counter[tuple[SourcePartition, Kind]] = Counter()
        """How many records of each kind went to each source partition."""

    @property
    def waiting_count(self) -> int:
        """Return how many records are still to be sent."""
        return sum(len(queue.waiting) for queue in self._queues.values())

    def add(self, records: Iterable[Outgoing]) -> None:
        """Put records behind those that wait; they are sent by `turn`."""
        for record in records:
            queue = self._queues.get(record.source)
            if queue is None:
                queue = self._queues[record.source] = Queue()
            queue.waiting.append(record)

    def turn(self, positions: Mapping[SourcePartition, int], *, has_room: bool = True) -> None:
        """
        Send what there is room for, at most so many records as one turn allows.

        Each partition has its own room: one that waited for another would hold back the tenant's
        watermark, which the other waits for.

        Args:
            positions: the next offset that the worker reads of each partition. The sources have
                no transactions, so it is also the number of records read.
            has_room: whether the journal can keep what ingest forwards.

        Raises:
            LoaderError: the broker did not take a record.

        """
        left = SENT_PER_TURN_MAX if has_room else 0
        for source, queue in self._queues.items():
            queue.forget_read(positions.get(source, 0))
            while left and (record := queue.next_with_room()) is not None:
                self._send(record)
                left -= 1
        self._producer.poll(0)
        if self._failure is not None:
            raise LoaderError(f"wanted every record sent, found {self._failure.name()}")

    def close(self) -> None:
        """Drop what is not sent yet."""
        self._producer.purge()
        self._producer.close()

    def _send(self, record: Outgoing) -> None:
        """Give one record to the producer, and count it."""
        self._producer.produce(
            record.source.topic,
            record.value,
            record.key,
            partition=record.source.partition,
            headers=list(record.headers) if record.headers else None,
            on_delivery=self._delivered,
        )
        self.sent_counts[record.source, record.kind] += 1

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        """Keep the first failure, for the next turn to raise."""
        self._failure = self._failure or error


class Queue:
    """What waits for one partition, and the sizes of what the worker has not read of it."""

    def __init__(self) -> None:
        """Start empty."""
        self.waiting: deque[Outgoing] = deque()
        self._unread: deque[int] = deque()
        self._unread_byte_count = 0
        self._read_count = 0
        self._filling = True

    def next_with_room(self) -> Outgoing | None:
        """Take the next record, if there is one and the partition can keep it unread."""
        if not self.waiting or not self._filling:
            return None
        byte_count = self.waiting[0].byte_count
        if self._unread_byte_count + byte_count > UNREAD_BYTES_MAX:
            self._filling = False
            return None
        self._unread.append(byte_count)
        self._unread_byte_count += byte_count
        return self.waiting.popleft()

    def forget_read(self, position: int) -> None:
        """Make room for as much as the worker has read."""
        while self._unread and self._read_count < position:
            self._unread_byte_count -= self._unread.popleft()
            self._read_count += 1
        self._filling = self._filling or self._unread_byte_count < UNREAD_BYTES_LOW
