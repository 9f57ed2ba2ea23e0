"""The log that commands read and write, in memory: its reader sees a few records at a time."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from typing import Final

from schemas.records import SourceRecord
from schemas.routing import REPLAYED_TOPIC
from streams.kafka_scan import Span
from streams.memory_broker import MemoryBroker
from streams.memory_log import MemoryLog
from streams.memory_pause import Pause, breathe
from streams.port import SourcePartition, Writer


BATCH_COUNT: Final = 2


class MemoryTopicLog:
    """The port of the commands (`cli.log.TopicLog`) on a broker in memory."""

    def __init__(self, broker: MemoryBroker, pause: Pause = breathe) -> None:
        """Prepare; `pause` is called before each step of the client."""
        self._broker = broker
        self._pause = pause
        self._log = MemoryLog(broker, "commands", pause)

    async def partition_counts(self, topics: Collection[str]) -> Mapping[str, int]:
        """Return the partition count of each topic."""
        return await self._log.partition_counts(topics)

    async def spans(self, topic: str, partition_count: int, since_at_ms: int = 0) -> Sequence[Span]:
        """Return what each partition holds now."""
        await self._pause("spans")
        found = []
        for number in range(partition_count):
            partition = self._broker.partition(SourcePartition(topic, number))
            end = partition.stable_end
            records, _ = partition.read(partition.log_start, 10_000, end)
            younger = [one.offset for one in records if one.timestamp >= since_at_ms]
            found.append(Span(partition.place, min(younger, default=end), end))
        return found

    async def read(self, span: Span) -> AsyncGenerator[Sequence[SourceRecord], None]:
        """Yield the committed records of a span, a few at a time."""
        partition, offset = self._broker.partition(span.place), span.begin
        while offset < span.end:
            await self._pause("read")
            records, offset = partition.read(offset, BATCH_COUNT, span.end)
            yield records

    def writer(self) -> Writer:
        """Return the one writer of all replays."""
        return self._log.writer(fold="replay", task=0, changelog_topic=REPLAYED_TOPIC)
