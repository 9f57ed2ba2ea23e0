"""
Send source records to the broker, no further ahead of the worker than the broker can keep.

The embedded broker drops what exceeds 5 MiB in a partition and tells nobody. So of each partition
at most half of that is unread by the worker at any time, counted before compression.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from confluent_kafka import KafkaError, Message, Producer

from streams.partitioner import partition_of
from streams.port import SourcePartition


UNREAD_BYTES_MAX: Final = 2_500_000
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
        headers = sum(len(name) + len(value) for name, value in self.headers)
        return RECORD_BYTES + len(self.key) + len(self.value or b"") + headers


def by_key(topic: str, key: bytes, partition_count: int) -> SourcePartition:
    """Return the partition of the topic that the key belongs to."""
    return SourcePartition(topic, partition_of(key, partition_count))


class Loader:
    """Sends in the given order; not safe to share between threads."""

    def __init__(self, bootstrap: str) -> None:
        """Connect to the broker."""
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "compression.type": "gzip",
                "linger.ms": 5,
                "enable.idempotence": True,  # in order, none twice
                "queue.buffering.max.messages": 1_000_000,
            }
        )
        self._waiting: deque[Outgoing] = deque()
        self._unread: dict[SourcePartition, deque[int]] = {}
        self._unread_byte_counts: Counter[SourcePartition] = Counter()
        self._read_counts: Counter[SourcePartition] = Counter()
        self._failure: KafkaError | None = None
        self.sent_counts: Counter[tuple[SourcePartition, Kind]] = Counter()
        """How many records of each kind went to each source partition."""

    @property
    def waiting_count(self) -> int:
        """Return how many records are still to be sent."""
        return len(self._waiting)

    def add(self, records: Iterable[Outgoing]) -> None:
        """Put records behind those that wait; they are sent by `turn`."""
        self._waiting.extend(records)

    def turn(self, positions: Mapping[SourcePartition, int]) -> None:
        """
        Send what there is room for, at most so many as one turn allows.

        Args:
            positions: the next offset that the worker reads of each partition. The sources have
                no transactions, so it is also the number of records read.

        Raises:
            LoaderError: the broker did not take a record.

        """
        for source, position in positions.items():
            self._forget_read(source, position)
        for _ in range(min(SENT_PER_TURN_MAX, len(self._waiting))):
            record = self._waiting[0]
            if self._unread_byte_counts[record.source] + record.byte_count > UNREAD_BYTES_MAX:
                break  # all wait with it: partitions must not run away from each other
            self._send(self._waiting.popleft())
        self._producer.poll(0)
        if self._failure is not None:
            raise LoaderError(f"wanted every record sent, found {self._failure.name()}")

    def close(self) -> None:
        """Drop what is not sent yet."""
        self._producer.purge()
        self._producer.flush(1)

    def _send(self, record: Outgoing) -> None:
        """Give one record to the producer, and remember its size until it is read."""
        source = record.source
        self._producer.produce(
            source.topic,
            record.value,
            record.key,
            partition=source.partition,
            headers=list(record.headers),
            on_delivery=self._delivered,
        )
        self._unread.setdefault(source, deque()).append(record.byte_count)
        self._unread_byte_counts[source] += record.byte_count
        self.sent_counts[source, record.kind] += 1

    def _forget_read(self, source: SourcePartition, position: int) -> None:
        """Take what the worker has read out of what is unread."""
        sizes = self._unread.get(source)
        while sizes and self._read_counts[source] < position:
            self._unread_byte_counts[source] -= sizes.popleft()
            self._read_counts[source] += 1

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        """Keep the first failure, for the next turn to raise."""
        self._failure = self._failure or error
