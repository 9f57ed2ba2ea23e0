"""Write one task's transactions into the broker in memory, one request at a time."""

from collections.abc import Iterable, Sequence
from itertools import chain

from schemas.records import OutputRecord
from streams.memory_broker import MemoryBroker
from streams.memory_partition import MemoryPartition, Outcome
from streams.memory_pause import Pause
from streams.memory_transaction import MemoryProducer
from streams.port import LogError, SourcePartition, Transaction


class MemoryWriter:
    """The transactional producer of one task."""

    def __init__(
        self, broker: MemoryBroker, pause: Pause, *, fold: str, task: int, changelog_topic: str
    ) -> None:
        """Make a writer that has not fenced yet."""
        self._broker = broker
        self._pause = pause
        self._fold = fold
        self._changelog = SourcePartition(changelog_topic, task)
        self._producer: MemoryProducer | None = None

    async def fence(self) -> None:
        """Abort what a predecessor left open and shut it out."""
        await self._pause("fence:before")
        self._producer = self._broker.fence(f"{self._fold}-{self._changelog.partition}")
        await self._pause("fence:after")

    async def commit(self, transaction: Transaction) -> None:
        """
        Append outputs and rows partition by partition, then positions, then commit.

        Raises:
            FencedError: a successor owns the task; nothing of this transaction is visible.
            LogError: not fenced, another transaction in flight, or a topic that does not exist.
        """
        if self._producer is None:
            raise LogError("wanted a fenced writer, found a new one")
        begun = self._producer.begin()
        for batch in self._batches(transaction):
            await self._pause("commit:before-append")
            for output in batch:
                begun.append(output)
        await self._pause("commit:before-positions")
        begun.move(self._fold, transaction.positions)
        await self._pause("commit:before-end")
        begun.decide(Outcome.COMMITTED)
        await self._pause("commit:before-marker")
        while begun.mark_next():
            await self._pause("commit:before-marker")

    async def close(self) -> None:
        """Do no more; an open transaction stays open, as if the process had died."""
        await self._pause("writer:close")

    def _batches(self, transaction: Transaction) -> Iterable[Sequence[OutputRecord]]:
        """Return outputs and rows by partition, as produce requests carry them."""
        topic, task = self._broker.partition(self._changelog).place
        rows = (OutputRecord(topic, key, value, (), task) for key, value in transaction.rows)
        batches: dict[MemoryPartition, list[OutputRecord]] = {}
        for output in chain(transaction.outputs, rows):
            for partition in self._broker.destinations(output):
                batch = batches.setdefault(partition, [])
                batch.append(output._replace(partition=partition.place.partition))
        return batches.values()
