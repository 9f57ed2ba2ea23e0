"""
Speak to Kafka, thinly: triggers by a group, control records by positions of our own, answers out.

A group's member reads all partitions of its topic or none: with one store a gateway is one
process, and a second would send what the first has not stored yet.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from schemas.records import OutputRecord, SourceRecord
from streams.kafka_closing import close_consumer
from streams.partitioner import partition_of
from streams.port import LogError


RECORDS_PER_POLL: Final = 500

Positions = Mapping[tuple[str, int], int]


class TriggerReader:
    """The records of the trigger topic, and their offsets once they are stored."""

    def __init__(self, options: Mapping[str, Any], topic: str, group: str) -> None:
        """Prepare with client options."""
        self._topic = topic
        self._consumer = AIOKafkaConsumer(
            topic,
            **options,
            group_id=group,
            isolation_level="read_committed",  # what was not committed was never decided
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )

    async def start(self) -> None:
        """Join the group."""
        await self._consumer.start()

    async def poll(self, timeout_ms: int) -> Sequence[SourceRecord]:
        """Return what has come within that time; nothing while another has a part of the topic."""
        if self.missing():
            self._consumer.pause(*self._consumer.assignment())
        else:
            self._consumer.resume(*self._consumer.paused())
        polled = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=RECORDS_PER_POLL)
        return [record for batch in polled.values() for record in batch]

    async def commit(self, records: Sequence[SourceRecord]) -> None:
        """Move the group's offsets behind these: a convenience, for the store decides."""
        offsets = {TopicPartition(one.topic, one.partition): one.offset + 1 for one in records}
        try:
            await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError):
            return  # the partitions have moved; whoever has them reads these again

    def missing(self) -> str:
        """Return what is missing to read the whole topic, "" for nothing."""
        all_count = len(self._consumer.partitions_for_topic(self._topic) or ())
        ours_count = len(self._consumer.assignment())
        if all_count and ours_count == all_count:
            return ""
        return f"wanted all {all_count} partitions of {self._topic}, found {ours_count}"

    async def close(self) -> None:
        """Leave the group."""
        await close_consumer(self._consumer)


class ControlReader:
    """Every partition of the control topics, read from where the store says."""

    def __init__(self, options: Mapping[str, Any], topics: Collection[str]) -> None:
        """Prepare with client options."""
        self._topics = topics
        self._consumer = AIOKafkaConsumer(
            **options,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        self._assigned: list[TopicPartition] = []
        self._ends: Mapping[TopicPartition, int] = {}

    async def start(self, positions: Positions) -> None:
        """
        Go where reading ended; from the beginning where that place is gone or not known.

        Raises:
            LogError: a control topic is missing.

        """
        await self._consumer.start()
        self._assigned = sorted(await self._partitions())
        self._consumer.assign(self._assigned)
        begins = await self._consumer.beginning_offsets(self._assigned)
        self._ends = await self._consumer.end_offsets(self._assigned)
        for place in self._assigned:
            position = positions.get((place.topic, place.partition), -1)
            known = begins[place] <= position <= self._ends[place]
            self._consumer.seek(place, position if known else begins[place])

    async def poll(self) -> tuple[Sequence[SourceRecord], Positions]:
        """
        Return what has come, and the positions behind it.

        Raises:
            LogError: a topic has grown; started again, the gateway reads all of it.

        """
        polled = await self._consumer.getmany(timeout_ms=0, max_records=RECORDS_PER_POLL)
        counts = {topic: self._consumer.partitions_for_topic(topic) or () for topic in self._topics}
        if sum(map(len, counts.values())) > len(self._assigned):
            raise LogError("wanted the partitions of the control topics, found more of them")
        records = [record for batch in polled.values() for record in batch]
        positions = {
            (place.topic, place.partition): batch[-1].offset + 1 for place, batch in polled.items()
        }
        return records, positions

    async def read_at_ms(self) -> int:
        """Return when everything there was had been read, 0 while something is unread."""
        times = []
        for place in self._assigned:
            position = await self._consumer.position(place)
            end = max(self._consumer.highwater(place) or 0, self._ends[place])
            if position < end:
                return 0
            times.append(self._consumer.last_poll_timestamp(place) or 0)
        return min(times, default=0)

    async def close(self) -> None:
        """Stop."""
        await close_consumer(self._consumer)

    async def _partitions(self) -> Collection[TopicPartition]:
        """Return every partition of the topics."""
        await self._consumer._client.set_topics(self._topics)  # noqa: SLF001 (assign asks for them)
        found = {topic: self._consumer.partitions_for_topic(topic) or () for topic in self._topics}
        for topic, partitions in found.items():
            if not partitions:
                raise LogError(f"wanted the control topic {topic}, found none")
        return [TopicPartition(topic, number) for topic in found for number in found[topic]]


class AnswerWriter:
    """Appends answers, in order for each customer, and knows that they are stored."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Prepare with client options."""
        self._producer = AIOKafkaProducer(
            **options, acks="all", enable_idempotence=True, linger_ms=0
        )

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def append(self, records: Sequence[OutputRecord]) -> None:
        """Return once the broker has all of them; raises what it says otherwise."""
        sent = []
        for record in records:
            partitions = await self._producer.partitions_for(record.topic)
            sent.append(
                await self._producer.send(
                    record.topic,
                    record.value,
                    record.key,
                    partition=partition_of(record.key or b"", len(partitions)),
                    headers=list(record.headers),
                )
            )
        await asyncio.gather(*sent)

    async def close(self) -> None:
        """Stop."""
        await self._producer.stop()
