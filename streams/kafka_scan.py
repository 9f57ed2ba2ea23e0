"""
Read whole partitions of Kafka once, from a moment on up to their ends, for the command line.

Without a group and read_committed: nothing is remembered of the read, and nobody's work is moved.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.records import SourceRecord
from streams.kafka_closing import close_consumer
from streams.port import LogError, SourcePartition


FETCH_BYTES_MAX: Final = 4 * 1_048_576
STALL_MS_MAX: Final = 60_000
POLL_MS: Final = 100


class Span(NamedTuple):
    """Part of a partition: offsets from `begin` on, below `end`."""

    place: SourcePartition
    begin: int
    end: int


class KafkaScan:
    """Reads spans one after another."""

    def __init__(self, client_options: Mapping[str, Any], *, check_crcs: bool) -> None:
        """Prepare; `client_options` are what every aiokafka client takes."""
        self._options = {**client_options, "check_crcs": check_crcs}
        self._looking: AIOKafkaConsumer | None = None

    async def open(self) -> None:
        """
        Connect.

        Raises:
            LogError: with what the client found.

        """
        self._looking = self._consumer()
        with _named("wanted to connect"):
            await self._looking.start()

    async def spans(self, topic: str, partition_count: int, since_at_ms: int = 0) -> Sequence[Span]:
        """
        Return what each partition holds now, without what is older than `since_at_ms`.

        Ends are last stable offsets: what an open transaction has written is not among it. Records
        are as old as their timestamps say, epoch milliseconds UTC.

        Raises:
            LogError: with what the client found.

        """
        if self._looking is None:
            raise LogError("wanted an open log, found it closed")
        consumer = self._looking
        places = [TopicPartition(topic, number) for number in range(partition_count)]
        with _named(f"wanted the ends of {topic}"):
            ends = await consumer.end_offsets(places)
            begins = await consumer.beginning_offsets(places)
            if since_at_ms:
                found = await consumer.offsets_for_times(dict.fromkeys(places, since_at_ms))
                begins = {tp: ends[tp] if at is None else at.offset for tp, at in found.items()}
        return [Span(SourcePartition(*tp), begins[tp], ends[tp]) for tp in places]

    async def read(self, span: Span) -> AsyncGenerator[Sequence[SourceRecord], None]:
        """
        Yield the committed records of a span, batch by batch, in offset order.

        Raises:
            LogError: with what the client found, or that nothing came for a minute.

        """
        tp, position, stalled_ms = TopicPartition(*span.place), span.begin, 0
        if position >= span.end:
            return
        # a consumer for each: aiokafka's never closes when it was just given another partition
        async with self._assigned(tp, position) as consumer:
            while position < span.end:
                with _named(f"wanted to read {tp.topic}/{tp.partition}"):
                    polled = await consumer.getmany(tp, timeout_ms=POLL_MS)
                    moved_to = await consumer.position(tp)
                stalled_ms = 0 if moved_to > position else stalled_ms + POLL_MS
                if stalled_ms > STALL_MS_MAX:
                    wanted = f"wanted {tp.topic}/{tp.partition} up to {span.end}"
                    raise LogError(f"{wanted}, found silence at {position}")
                position = moved_to
                yield [record for record in polled.get(tp, ()) if record.offset < span.end]

    async def close(self) -> None:
        """Disconnect."""
        if self._looking is not None:
            await close_consumer(self._looking)

    def _consumer(self) -> AIOKafkaConsumer:
        """Return a consumer of nothing, not started."""
        return AIOKafkaConsumer(
            **self._options,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            max_partition_fetch_bytes=FETCH_BYTES_MAX,
            fetch_max_wait_ms=POLL_MS,
        )

    @asynccontextmanager
    async def _assigned(self, tp: TopicPartition, position: int) -> AsyncIterator[AIOKafkaConsumer]:
        """Lend a consumer that reads one partition from a position on."""
        consumer = self._consumer()
        try:
            with _named(f"wanted to read {tp.topic}/{tp.partition}"):
                await consumer.start()
            consumer.assign([tp])
            consumer.seek(tp, position)
            yield consumer
        finally:
            await close_consumer(consumer)


@contextmanager
def _named(wanted: str) -> Iterator[None]:
    """Say what was wanted when the client gives up."""
    try:
        yield
    except KafkaError as error:
        raise LogError(f"{wanted}, found {type(error).__name__}") from error
