"""
A world in which the contract of the log is tested: what a test needs around the log.

It creates topics, plays the upstream producers and gives clients of the log; what it gave is
closed with it. One is in memory (`memory_world`), one on a real Kafka (`kafka_world`).
"""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Collection, Mapping
from typing import Protocol, Self

from schemas.records import OutputRecord, StoredRecord
from streams.port import Log, Reader, SourcePartition, Writer


class UpstreamTransaction(Protocol):
    """A transaction of a producer that is not ours."""

    async def append(self, output: OutputRecord) -> None:
        """Append a record and await its acknowledgement."""

    async def commit(self) -> None:
        """Make the records visible."""

    async def abort(self) -> None:
        """Make them invisible for ever."""


class LogWorld(ABC):
    """Everything around the log that a test needs."""

    def __init__(self, prefix: str) -> None:
        """Prepare; `prefix` begins every name."""
        self.prefix = prefix
        self.exits = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Return the running world."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close everything that was given."""
        await self.exits.aclose()

    async def client(self, name: str = "first") -> Log:
        """Return an open client of the log, whose static place in groups is `name`."""
        log = self.new_client(name)
        await log.open()
        self.exits.push_async_callback(log.close)
        return log

    async def writer(self, log: Log, changelog_topic: str, task: int = 0) -> Writer:
        """Return a fenced writer of the fold `count`."""
        writer = log.writer(fold="count", task=task, changelog_topic=changelog_topic)
        self.exits.push_async_callback(writer.close)
        await writer.fence()
        return writer

    async def reader(self, log: Log, positions: Mapping[SourcePartition, int | None]) -> Reader:
        """Return a reader that is assigned."""
        reader = log.reader()
        self.exits.push_async_callback(reader.close)
        await reader.assign(positions)
        return reader

    @abstractmethod
    def new_client(self, name: str) -> Log:
        """Return a client that is not open yet."""

    @abstractmethod
    async def create_topic(self, name: str, partition_count: int) -> str:
        """Create a topic of append time that keeps everything; return its whole name."""

    @abstractmethod
    async def grow_topic(self, topic: str, partition_count: int) -> None:
        """Give the topic more partitions."""

    @abstractmethod
    async def delete_before(self, place: SourcePartition, offset: int) -> None:
        """Delete what stands below the offset, as retention does."""

    @abstractmethod
    async def append(self, output: OutputRecord) -> SourcePartition:
        """Append a record outside transactions; return where it went."""

    @abstractmethod
    async def open_transaction(self, transactional_id: str = "upstream") -> UpstreamTransaction:
        """Begin a transaction under this id, which shuts out who had it."""

    @abstractmethod
    def id_of_task(self, task: int) -> str:
        """Return the transactional id of a task of the fold `count`."""

    @abstractmethod
    async def group_offsets(
        self, places: Collection[SourcePartition]
    ) -> Mapping[SourcePartition, int]:
        """Return the offsets that the group of the fold `count` has committed."""

    @abstractmethod
    async def elapse(self) -> None:
        """Let a few milliseconds of the broker's time pass."""

    @abstractmethod
    async def cut_short(self, commit: Awaitable[None], attempt: int) -> None:
        """Start a commit and cancel it on its way, a little later with each attempt."""


async def poll_records(reader: Reader, count: int, deadline_s: float = 60) -> list[StoredRecord]:
    """
    Poll until `count` records have come, and return them with nothing but the port's attributes.

    More than `count` are returned too, so that a test sees them.
    """
    found: list[StoredRecord] = []
    async with asyncio.timeout(deadline_s):
        while len(found) < count:
            polled = await reader.poll(500, 1000)
            found.extend(
                StoredRecord(
                    record.topic,
                    record.partition,
                    record.offset,
                    record.timestamp,
                    record.key,
                    record.value,
                    tuple(record.headers),
                )
                for record in polled.records
            )
    return found


async def committed(log: Log, place: SourcePartition) -> list[tuple[bytes, bytes | None]]:
    """Return key and value of every committed record of a partition, up to its stable end."""
    rows: list[tuple[bytes, bytes | None]] = []
    remaining_count = 0
    async for restored in log.read_rows(*place):
        rows.extend((row.key or b"", row.value) for row in restored.rows)
        remaining_count = restored.remaining_count
    assert remaining_count == 0
    return rows


def values(records: list[StoredRecord]) -> list[bytes | None]:
    """Return the records' values."""
    return [record.value for record in records]


def plain(topic: str, *words: bytes, partition: int | None = 0) -> list[OutputRecord]:
    """Return one output a word, without keys."""
    return [OutputRecord(topic, None, word, (), partition) for word in words]


async def append(world: LogWorld, topic: str, *words: bytes, partition: int = 0) -> None:
    """Append the words to one partition, outside transactions."""
    for output in plain(topic, *words, partition=partition):
        await world.append(output)
