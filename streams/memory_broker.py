"""
Keep topics in memory as a Kafka broker keeps them: offsets, transactions, fencing, append time.

Nothing in here awaits: every call is one thing that a broker does at one moment. Whoever drives
it decides what happens between two calls (`streams.memory_log` pauses there).
"""

from collections.abc import Callable, Sequence

from schemas.records import BROADCAST, OutputRecord, StoredRecord
from streams.memory_group import MemoryGroup
from streams.memory_partition import MemoryPartition
from streams.memory_transaction import MemoryProducer, MemoryTransaction
from streams.partitioner import partition_of
from streams.port import LogError, SourcePartition


class MemoryBroker:
    """
    Topics, transactional ids, groups and their offsets; the clock is an argument.

    Attributes:
        offsets: committed offsets by (group, partition), a copy for lag tools.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        """Make an empty broker; `clock` returns epoch milliseconds UTC and never goes back."""
        self.clock = clock
        self.offsets: dict[tuple[str, SourcePartition], int] = {}
        self._topics: dict[str, list[MemoryPartition]] = {}
        self._create_time: set[str] = set()
        self._producers: dict[str, MemoryProducer] = {}
        self._groups: dict[str, MemoryGroup] = {}

    def create_topic(self, name: str, partition_count: int, *, create_time: bool = False) -> None:
        """Create a topic, or let one grow; `create_time` keeps the producer's timestamps."""
        partitions = self._topics.setdefault(name, [])
        if create_time:
            self._create_time.add(name)
        numbers = range(len(partitions), partition_count)
        partitions.extend(MemoryPartition(name, number) for number in numbers)

    def partition_count(self, topic: str) -> int:
        """Return the topic's partition count, 0 if there is no such topic."""
        return len(self._topics.get(topic, ()))

    def partition(self, place: SourcePartition) -> MemoryPartition:
        """
        Return one partition.

        Raises:
            LogError: there is none.
        """
        if not 0 <= place.partition < self.partition_count(place.topic):
            found = self.partition_count(place.topic)
            raise LogError(f"wanted partition {place}, found {found} partitions")
        return self._topics[place.topic][place.partition]

    def append(self, output: OutputRecord, timestamp_ms: int | None = None) -> list[StoredRecord]:
        """
        Append a record outside transactions; return it with its coordinates, or its copies.

        Raises:
            LogError: the topic does not exist.
        """
        partitions = self.destinations(output)
        stored = self.store(partitions, output, timestamp_ms, None)
        for partition in partitions:
            partition.wake()
        return stored

    def open_transaction(self) -> MemoryTransaction:
        """Begin an upstream producer's transaction, which nobody fences."""
        return MemoryTransaction(self)

    def fence(self, transactional_id: str) -> MemoryProducer:
        """Give the id to a new producer, once the old one's transaction is ended."""
        if predecessor := self._producers.get(transactional_id):
            predecessor.shut_out()
        producer = self._producers[transactional_id] = MemoryProducer(self, transactional_id)
        return producer

    def time_out(self) -> None:
        """End every transaction that a producer's id protects, as its time limit would."""
        for producer in self._producers.values():
            producer.shut_out()

    def group(self, name: str, topic: str) -> MemoryGroup:
        """Return the group whose members share the partitions of `topic`."""
        if name not in self._groups:
            self._groups[name] = MemoryGroup(lambda: self.partition_count(topic))
        return self._groups[name]

    def destinations(self, output: OutputRecord) -> Sequence[MemoryPartition]:
        """
        Return the partitions that a record goes to.

        Raises:
            LogError: the topic does not exist.
        """
        partitions = self._topics.get(output.topic)
        if not partitions:
            raise LogError(f"wanted topic {output.topic}, found none")
        if output.partition == BROADCAST:
            return partitions
        if output.partition is not None:
            return [partitions[output.partition % len(partitions)]]
        return [partitions[partition_of(output.key or b"", len(partitions))]]

    def store(
        self,
        partitions: Sequence[MemoryPartition],
        output: OutputRecord,
        timestamp_ms: int | None,
        transaction: MemoryTransaction | None,
    ) -> list[StoredRecord]:
        """Append to each partition, at the broker's time unless the topic keeps the producer's."""
        now_ms = self.clock()
        if timestamp_ms is not None and output.topic in self._create_time:
            now_ms = timestamp_ms
        topic, key, value, headers, _ = output
        stored = []
        for partition in partitions:
            number, offset = partition.place.partition, partition.highwater
            record = StoredRecord(topic, number, offset, now_ms, key, value, tuple(headers))
            partition.append(record, transaction)
            stored.append(record)
        return stored
