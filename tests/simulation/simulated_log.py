"""
Be the log of one simulated process: the broker in memory, under the writer of production.

`streams.kafka_writer` runs as it is: what stands below it is not aiokafka's producer but one that
keeps the same promises, and no others: a send is only a future until it is acknowledged, and a
commit goes ahead whatever became of the sends.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from aiokafka import TopicPartition
from aiokafka.errors import (
    KafkaTimeoutError,
    NotEnoughReplicasError,
    ProducerFenced,
    UnknownTopicOrPartitionError,
)

from schemas.records import OutputRecord, StoredRecord
from streams.kafka_writer import KafkaWriter
from streams.memory_broker import MemoryBroker
from streams.memory_log import MemoryLog
from streams.memory_partition import MemoryPartition, Outcome
from streams.memory_transaction import MemoryProducer, MemoryTransaction
from streams.port import FencedError, LogError, SourcePartition
from tests.simulation.fate import Fate
from tests.simulation.life import Life


Place = tuple[str, int, int]
"""Topic, partition, offset."""


class SimulatedBroker(MemoryBroker):
    """
    A broker in memory that remembers who wrote what, and whose clocks need not agree.

    Attributes:
        written_in: the transaction of every record that was written in one.
        behind_ms: by how much the clock of a topic's broker is behind, where it is.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        """Make an empty broker."""
        super().__init__(clock)
        self.written_in: dict[Place, MemoryTransaction] = {}
        self.behind_ms: dict[str, int] = {}

    def store(
        self,
        partitions: Sequence[MemoryPartition],
        output: OutputRecord,
        timestamp_ms: int | None,
        transaction: MemoryTransaction | None,
    ) -> list[StoredRecord]:
        """Append to each partition, at the time of its broker."""
        if behind_ms := self.behind_ms.get(output.topic):
            timestamp_ms = self.clock() - behind_ms
        stored = super().store(partitions, output, timestamp_ms, transaction)
        if transaction is not None:
            for record in stored:
                self.written_in[record[:3]] = transaction
        return stored

    @property
    def nothing_open(self) -> bool:
        """Return whether every transaction is decided and has all its markers."""
        partitions = (one for topic in self._topics.values() for one in topic)
        return all(partition.stable_end == partition.highwater for partition in partitions)

    def committed(self, topic: str) -> list[list[StoredRecord]]:
        """Return every committed record of a topic, by partition."""
        places = [SourcePartition(topic, n) for n in range(self.partition_count(topic))]
        partitions = [self.partition(place) for place in places]
        return [partition.read(0, partition.highwater)[0] for partition in partitions]


class SimulatedLog(MemoryLog):
    """The log as one process sees it; it writes through production's Kafka writer."""

    def __init__(self, broker: SimulatedBroker, fate: Fate, life: Life) -> None:
        """Make the client of a process."""
        super().__init__(broker, life.name, fate.pause_of(life))
        self._client = partial(SimulatedProducer, broker, fate, life)

    def writer(  # type: ignore[override] # the port's other writer
        self, *, fold: str, task: int, changelog_topic: str
    ) -> KafkaWriter:
        """Return the writer of one task, not yet started."""
        return KafkaWriter(
            {},
            transactional_id=f"{fold}-{task}",
            group=fold,
            changelog=(changelog_topic, task),
            fixed_counts={},
            client=self._client,
        )


class Batch:
    """Records on their way to one partition."""

    def __init__(self) -> None:
        """Begin without any."""
        self.records: list[tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes]]]] = []

    def append(
        self,
        *,
        key: bytes | None,
        value: bytes | None,
        timestamp: int | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> bool:
        """Take a record; there is always room."""
        assert timestamp is None
        self.records.append((key, value, headers))
        return True


class _Unbothered:
    """Stands where aiokafka keeps the failures of a commit and of batches that are under way."""

    _transaction_waiter = None
    _batches: Mapping[object, Sequence[object]] = {}


class SimulatedProducer:
    """What `streams.kafka_writer` asks of aiokafka's transactional producer."""

    def __init__(
        self,
        broker: SimulatedBroker,
        fate: Fate,
        life: Life,
        *,
        transactional_id: str,
        **_options: object,
    ) -> None:
        """Make a producer that has not started."""
        self._txn_manager = self._message_accumulator = _Unbothered()
        self._broker, self._fate, self._life = broker, fate, life
        self._pause = fate.pause_of(life)
        self._name = transactional_id
        self._producer: MemoryProducer | None = None
        self._transaction: MemoryTransaction | None = None
        self._queue: deque[tuple[Batch, SourcePartition, asyncio.Future[None]]] = deque()
        self._sender: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take the id from whoever had it, and end what was left open."""
        await self._pause("fence:before")
        self._producer = self._broker.fence(self._name)
        await self._pause("fence:after")

    async def stop(self) -> None:
        """Do no more; an open transaction stays open."""
        await self._pause("writer:close")

    async def partitions_for(self, topic: str) -> Collection[int]:
        """Return the numbers of a topic's partitions."""
        count = self._broker.partition_count(topic)
        if not count:
            raise UnknownTopicOrPartitionError(topic)
        return range(count)

    def create_batch(self) -> Batch:
        """Return an empty batch."""
        return Batch()

    async def begin_transaction(self) -> None:
        """Begin; nothing goes to the broker yet."""
        assert self._producer is not None
        with _errors_of_kafka():
            self._transaction = self._producer.begin()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[None]:
        """Queue a batch; the future is done once the broker has spoken."""
        future = asyncio.get_running_loop().create_future()
        self._queue.append((batch, SourcePartition(topic, partition), future))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_queued())
        return future

    async def send_offsets_to_transaction(
        self, offsets: Mapping[TopicPartition, int], group: str
    ) -> None:
        """Move the group's offsets with the transaction."""
        await self._pause("commit:before-positions")
        positions = {SourcePartition(tp.topic, tp.partition): at for tp, at in offsets.items()}
        with _errors_of_kafka():
            self._open.move(group, positions)

    async def commit_transaction(self) -> None:
        """Wait until nothing is on its way, then commit whatever has arrived."""
        if self._sender is not None:
            await asyncio.wait([self._sender])
        await self._pause("commit:before-end")
        if slow := self._fate.take("slow_commit", self._name):
            await asyncio.sleep(slow.seconds)
        if self._life.dead:  # while it took its time
            await self._pause("commit:before-end")
        with _errors_of_kafka():
            self._open.decide(Outcome.COMMITTED)
        await self._pause("commit:before-marker")
        while self._open.mark_next():
            await self._pause("commit:before-marker")

    @property
    def _open(self) -> MemoryTransaction:
        assert self._transaction is not None
        return self._transaction

    async def _send_queued(self) -> None:
        """Send batch after batch, as aiokafka's sender does in the background."""
        while self._queue:
            batch, place, future = self._queue.popleft()
            await self._pause("commit:before-append")
            if (failure := self._append(batch, place)) is not None:
                future.set_exception(failure)
                continue
            await self._pause("commit:before-acknowledgement")
            future.set_result(None)

    def _append(self, batch: Batch, place: SourcePartition) -> Exception | None:
        """Append one batch; return what its sender hears if not that it was appended."""
        failure: Exception | None = None
        if self._fate.take("send_lost", self._name):
            self._life.excuses += (LogError,)
            failure = NotEnoughReplicasError()
        elif self._fenced_while_appending(batch, place):
            failure = ProducerFenced()
        elif self._fate.take("send_unheard", self._name):
            self._life.excuses += (LogError,)
            failure = KafkaTimeoutError()
        return failure

    def _fenced_while_appending(self, batch: Batch, place: SourcePartition) -> bool:
        """Append one batch; return whether a successor has our id."""
        try:
            for key, value, headers in batch.records:
                self._open.append(OutputRecord(place.topic, key, value, headers, place.partition))
        except FencedError:
            return True
        return False


@contextmanager
def _errors_of_kafka() -> Iterator[None]:
    """Raise what aiokafka would."""
    try:
        yield
    except FencedError as error:
        raise ProducerFenced from error
