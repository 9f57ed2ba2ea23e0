"""
Make readers, writers and memberships on a real Kafka (or on the embedded broker).

Nothing here decides anything: it names groups and transactional ids, and turns settings into
client options.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Final, Literal, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, NoError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.metadata import MetadataRequest

from schemas.records import Row
from schemas.routing import JOURNAL_TOPIC, OUTCOMES_TOPIC
from streams.kafka_closing import close_consumer
from streams.kafka_membership import KafkaMembership
from streams.kafka_reader import KafkaReader
from streams.kafka_writer import KafkaWriter, check_fixed
from streams.port import LogError, Restored


RESTORE_FETCH_BYTES_MAX: Final = 8 * 1_048_576
RESTORE_STALL_MS_MAX: Final = 60_000
RESTORE_POLL_MS: Final = 100
LOOK_COUNT_MAX: Final = 4
"""How often a look at topics is tried: of several brokers one may be restarting, and nothing is
in doubt because of that."""
LOOK_AGAIN_S: Final = 1.0
COMPRESSION: Final = {"none": None, "gzip": "gzip"}


class LogSettings(Protocol):
    """
    The settings that readers, writers and memberships depend on.

    `check_crcs` is False on the embedded broker only, whose control batches carry no CRC.
    """

    @property
    def app_id(self) -> str: ...  # noqa: D102
    @property
    def instance_id(self) -> str: ...  # noqa: D102
    @property
    def session_timeout_ms(self) -> int: ...  # noqa: D102
    @property
    def check_crcs(self) -> bool: ...  # noqa: D102
    @property
    def compression(self) -> Literal["none", "gzip"]: ...  # noqa: D102
    @property
    def fetch_wait_ms(self) -> int: ...  # noqa: D102
    @property
    def journal_partition_count(self) -> int: ...  # noqa: D102
    @property
    def output_partition_count(self) -> int: ...  # noqa: D102


class KafkaLog:
    """The log on Kafka (port: `streams.port.Log`)."""

    def __init__(self, client_options: Mapping[str, Any], settings: LogSettings) -> None:
        """
        Prepare; nothing connects before `open`.

        `client_options` are what every aiokafka client takes (bootstrap servers, security).
        """
        self._options = dict(client_options)
        self._reading = {**self._options, "check_crcs": settings.check_crcs}
        self._settings = settings
        self._fixed_counts = {
            JOURNAL_TOPIC: settings.journal_partition_count,
            OUTCOMES_TOPIC: settings.output_partition_count,
        }
        self._admin: AIOKafkaAdminClient | None = None

    async def open(self) -> None:
        """Connect."""
        self._admin = AIOKafkaAdminClient(**self._options)
        await self._admin.start()

    async def partition_counts(self, topics: Collection[str]) -> Mapping[str, int]:
        """Return the partition count of each topic, freshly read; a missing topic is 0."""
        if self._admin is None:
            raise LogError("wanted an open log, found it closed")
        counts = dict.fromkeys(topics, 0)
        for topic in await self._look_at(sorted(topics), self._admin):
            found = for_code(topic["error_code"])
            if found is NoError:
                counts[topic["topic"]] = len(topic["partitions"])
                check_fixed(self._fixed_counts, topic["topic"], counts[topic["topic"]])
            elif found is not UnknownTopicOrPartitionError:
                # not ours to see, or not now: as missing it would be left unread, and nobody know
                wanted = f"wanted the partition count of {topic['topic']}"
                raise LogError(f"{wanted}, found {found.__name__}")
        return counts

    async def _look_at(
        self, topics: list[str], admin: AIOKafkaAdminClient
    ) -> Sequence[Mapping[str, Any]]:
        """Return what one broker or another says of each topic."""
        # not `describe_topics`: many a broker would make what is missing, with its defaults
        looking = MetadataRequest(topics, allow_auto_topic_creation=False)
        tries_left = LOOK_COUNT_MAX
        while True:
            tries_left -= 1
            try:
                described = await admin._send_request(looking)  # noqa: SLF001
            except KafkaError as error:
                if not tries_left:
                    found = type(error).__name__
                    raise LogError(f"wanted partition counts, found {found}") from error
                await asyncio.sleep(LOOK_AGAIN_S)
            else:
                found_topics: Sequence[Mapping[str, Any]] = described.to_object()["topics"]
                return found_topics

    def group(self, fold: str) -> str:
        """Return the fold's consumer group: its membership, and the copy of its offsets."""
        return f"{self._settings.app_id}-{fold}"

    def writer(self, *, fold: str, task: int, changelog_topic: str) -> KafkaWriter:
        """Return the writer of one task, not yet started."""
        return KafkaWriter(
            {**self._options, "compression_type": COMPRESSION[self._settings.compression]},
            transactional_id=f"{self._settings.app_id}-{fold}-{task}",
            group=self.group(fold),
            changelog=(changelog_topic, task),
            fixed_counts=self._fixed_counts,
        )

    def reader(self) -> KafkaReader:
        """Return a reader, not yet assigned."""
        return KafkaReader(self._reading, fetch_wait_ms=self._settings.fetch_wait_ms)

    async def read_rows(self, topic: str, partition: int) -> AsyncIterator[Restored]:
        """
        Yield every committed record of a changelog partition up to its end as of the call.

        The caller has fenced the partition's only writer, so nothing is open and the end under
        read_committed is the end.
        """
        consumer = AIOKafkaConsumer(
            **self._reading,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            max_partition_fetch_bytes=RESTORE_FETCH_BYTES_MAX,
        )
        await consumer.start()
        try:
            tp = TopicPartition(topic, partition)
            beginning = (await consumer.beginning_offsets([tp]))[tp]
            end = (await consumer.end_offsets([tp]))[tp]
            consumer.assign([tp])
            consumer.seek(tp, beginning)
            stalled_ms = 0
            while await consumer.position(tp) < end:
                polled = await consumer.getmany(tp, timeout_ms=RESTORE_POLL_MS)
                records = polled.get(tp, ())
                stalled_ms = 0 if records else stalled_ms + RESTORE_POLL_MS
                if stalled_ms > RESTORE_STALL_MS_MAX:
                    raise LogError(f"wanted rows of {topic}/{partition} up to {end}, found silence")
                rows = [Row(record.key, record.value) for record in records]
                yield Restored(rows, max(0, end - await consumer.position(tp)))
        finally:
            await close_consumer(consumer)

    def membership(self, *, fold: str, changelog_topic: str) -> KafkaMembership:
        """Return a place in the fold's group, not yet joined."""
        instance_id = f"{self._settings.instance_id}-{fold}"
        return KafkaMembership(
            self._options,
            group=self.group(fold),
            instance_id=instance_id,
            changelog_topic=changelog_topic,
            session_timeout_ms=self._settings.session_timeout_ms,
        )

    async def close(self) -> None:
        """Disconnect."""
        if self._admin is not None:
            await self._admin.close()
