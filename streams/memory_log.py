"""
Meet the log's port in memory, for tests, simulation, replay and backtests.

It keeps Kafka's promises and no others: an open transaction holds back what is behind it, commit
markers take offsets, partitions learn of a commit one after another, a successor fences. Every
await goes through the one hook `pause`.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Final

from schemas.records import Row
from streams.memory_broker import MemoryBroker
from streams.memory_membership import MemoryMembership
from streams.memory_partition import MemoryPartition
from streams.memory_pause import Pause, breathe
from streams.memory_reader import MemoryReader
from streams.memory_writer import MemoryWriter
from streams.port import Restored, SourcePartition


ROWS_PER_READ: Final = 1000


class MemoryLog:
    """One client of a broker in memory; many clients share the broker."""

    def __init__(self, broker: MemoryBroker, name: str, pause: Pause = breathe) -> None:
        """Make the client whose static place in every group is `name`."""
        self._broker = broker
        self._name = name
        self._pause = pause

    async def open(self) -> None:
        """Connect."""
        await self._pause("open")

    async def partition_counts(self, topics: Collection[str]) -> Mapping[str, int]:
        """Return the partition count of each topic; a missing topic is 0."""
        await self._pause("counts")
        return {topic: self._broker.partition_count(topic) for topic in topics}

    def writer(self, *, fold: str, task: int, changelog_topic: str) -> MemoryWriter:
        """Return the writer of one task, not yet started."""
        return MemoryWriter(
            self._broker, self._pause, fold=fold, task=task, changelog_topic=changelog_topic
        )

    def reader(self) -> MemoryReader:
        """Return a reader, not yet assigned."""
        return MemoryReader(self._broker, self._pause)

    def read_rows(self, topic: str, partition: int) -> AsyncIterator[Restored]:
        """
        Yield every committed record of a changelog partition up to its end as of the call.

        Raises:
            LogError: there is no such partition.
        """
        changelog = self._broker.partition(SourcePartition(topic, partition))
        return self._rows(changelog, changelog.stable_end)

    def membership(self, *, fold: str, changelog_topic: str) -> MemoryMembership:
        """Return a place in the fold's group, not yet joined."""
        group = self._broker.group(fold, changelog_topic)
        return MemoryMembership(group, self._pause, self._name)

    async def close(self) -> None:
        """Disconnect."""
        await self._pause("close")

    async def _rows(self, changelog: MemoryPartition, end: int) -> AsyncIterator[Restored]:
        offset = changelog.log_start
        while offset < end:
            await self._pause("rows:before-read")
            records, offset = changelog.read(offset, ROWS_PER_READ, end)
            rows = [Row(record.key or b"", record.value) for record in records]
            yield Restored(rows, end - offset)
