"""The contract's world in memory: time moves when a test says so."""

import asyncio
import contextlib
from collections.abc import Awaitable, Collection, Mapping

from schemas.records import OutputRecord
from streams.memory_broker import MemoryBroker
from streams.memory_log import MemoryLog
from streams.memory_partition import Outcome
from streams.port import SourcePartition
from tests.streams.log_worlds import LogWorld, UpstreamTransaction


STARTED_AT_MS = 1_700_000_000_000


class MemoryTransactionUpstream:
    """An upstream transaction in memory."""

    def __init__(self, broker: MemoryBroker, transactional_id: str) -> None:
        """Begin."""
        self._transaction = broker.fence(transactional_id).begin()

    async def append(self, output: OutputRecord) -> None:
        """Append a record."""
        self._transaction.append(output)

    async def commit(self) -> None:
        """Commit."""
        self._transaction.end(Outcome.COMMITTED)

    async def abort(self) -> None:
        """Abort."""
        self._transaction.end(Outcome.ABORTED)


class MemoryWorld(LogWorld):
    """The broker in memory, whose clock moves when a test says so."""

    def __init__(self, prefix: str) -> None:
        """Start an empty broker."""
        super().__init__(prefix)
        self.now_ms = STARTED_AT_MS
        self.broker = MemoryBroker(lambda: self.now_ms)

    def new_client(self, name: str) -> MemoryLog:
        """Return a client that lets others run at every await."""
        return MemoryLog(self.broker, name)

    async def create_topic(self, name: str, partition_count: int) -> str:
        """Create a topic."""
        self.broker.create_topic(self.prefix + name, partition_count)
        return self.prefix + name

    async def grow_topic(self, topic: str, partition_count: int) -> None:
        """Give the topic more partitions."""
        self.broker.create_topic(topic, partition_count)

    async def delete_before(self, place: SourcePartition, offset: int) -> None:
        """Delete what stands below the offset."""
        self.broker.partition(place).delete_before(offset)

    async def append(self, output: OutputRecord) -> SourcePartition:
        """Append a record."""
        stored = self.broker.append(output)[0]
        return SourcePartition(stored.topic, stored.partition)

    async def open_transaction(self, transactional_id: str = "upstream") -> UpstreamTransaction:
        """Begin a transaction."""
        return MemoryTransactionUpstream(self.broker, transactional_id)

    def id_of_task(self, task: int) -> str:
        """Return the id that `MemoryWriter` takes."""
        return f"count-{task}"

    async def group_offsets(
        self, places: Collection[SourcePartition]
    ) -> Mapping[SourcePartition, int]:
        """Return the copy of the offsets."""
        known = self.broker.offsets
        return {place: known["count", place] for place in places if ("count", place) in known}

    async def elapse(self) -> None:
        """Move the clock by 10 ms."""
        self.now_ms += 10

    async def cut_short(self, commit: Awaitable[None], attempt: int) -> None:
        """Let the commit get over `attempt` awaits."""
        running = asyncio.ensure_future(commit)
        for _ in range(attempt + 1):
            await asyncio.sleep(0)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
