"""The contract's world on a real Kafka: time passes by itself."""

import asyncio
import contextlib
from collections.abc import Awaitable, Collection, Mapping
from typing import Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.errors import GroupCoordinatorNotAvailableError

from schemas.records import OutputRecord
from streams.kafka_log import KafkaLog
from streams.port import SourcePartition
from streams.settings import Settings
from tests.streams.log_worlds import LogWorld, UpstreamTransaction


SESSION_TIMEOUT_MS = 6_000  # the least that a broker allows which was not told otherwise


class KafkaTransactionUpstream:
    """An upstream transaction on Kafka."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        """Take a producer that has begun a transaction."""
        self._producer = producer

    async def append(self, output: OutputRecord) -> None:
        """Append a record."""
        await send(self._producer, output)

    async def commit(self) -> None:
        """Commit."""
        await self._producer.commit_transaction()

    async def abort(self) -> None:
        """Abort."""
        await self._producer.abort_transaction()


async def send(producer: AIOKafkaProducer, output: OutputRecord) -> SourcePartition:
    """Send a record and return where it went."""
    topic, key, value, headers, partition = output
    sent = await producer.send_and_wait(
        topic, value=value, key=key, partition=partition, headers=list(headers)
    )
    return SourcePartition(sent.topic, sent.partition)


class KafkaWorld(LogWorld):
    """A real broker, whose time passes by itself."""

    def __init__(self, prefix: str, bootstrap: str) -> None:
        """Prepare; `bootstrap` is the address of a running broker."""
        super().__init__(prefix)
        self.bootstrap = bootstrap

    async def __aenter__(self) -> Self:
        """Connect the upstream producer and the administrator."""
        self.admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await self.admin.start()
        self.exits.push_async_callback(self.admin.close)
        self.producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await self.producer.start()
        self.exits.push_async_callback(self.producer.stop)
        return self

    def new_client(self, name: str) -> KafkaLog:
        """Return a client as a worker makes it, but quicker to notice a missing member."""
        return KafkaLog(
            {"bootstrap_servers": self.bootstrap},
            Settings(
                app_id=self.prefix.rstrip("."),
                instance_id=name,
                session_timeout_ms=SESSION_TIMEOUT_MS,
            ),
        )

    async def create_topic(self, name: str, partition_count: int) -> str:
        """Create a topic."""
        topic = self.prefix + name
        settings = {"message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
        wanted = NewTopic(topic, partition_count, 1, topic_configs=settings)
        created = await self.admin.create_topics([wanted])
        assert [(topic, 0)] == [error[:2] for error in created.topic_errors]
        return topic

    async def grow_topic(self, topic: str, partition_count: int) -> None:
        """Give the topic more partitions."""
        await self.admin.create_partitions({topic: NewPartitions(partition_count)})
        while len(await self.producer.partitions_for(topic)) < partition_count:
            await self.producer.client.force_metadata_update()

    async def delete_before(self, place: SourcePartition, offset: int) -> None:
        """Delete what stands below the offset."""
        await self.admin.delete_records({TopicPartition(*place): RecordsToDelete(offset)})

    async def append(self, output: OutputRecord) -> SourcePartition:
        """Append a record."""
        return await send(self.producer, output)

    async def open_transaction(self, transactional_id: str = "upstream") -> UpstreamTransaction:
        """Begin a transaction."""
        name = transactional_id.replace("upstream", self.prefix + "upstream")
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=name)
        self.exits.push_async_callback(producer.stop)
        await producer.start()
        await producer.begin_transaction()
        return KafkaTransactionUpstream(producer)

    def id_of_task(self, task: int) -> str:
        """Return the id that `KafkaWriter` takes."""
        return f"{self.prefix.rstrip('.')}-count-{task}"

    async def group_offsets(
        self, places: Collection[SourcePartition]
    ) -> Mapping[SourcePartition, int]:
        """Return what the broker has for the group."""
        group = f"{self.prefix.rstrip('.')}-count"
        asked = [TopicPartition(*place) for place in places]
        while True:
            # a new broker first has to make the topic of the groups
            with contextlib.suppress(GroupCoordinatorNotAvailableError):
                known = await self.admin.list_consumer_group_offsets(group, partitions=asked)
                break
        return {SourcePartition(*tp): at.offset for tp, at in known.items() if at.offset >= 0}

    async def elapse(self) -> None:
        """Do nothing: each poll takes its time."""

    async def cut_short(self, commit: Awaitable[None], attempt: int) -> None:
        """Let the commit run for ever longer."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(commit, timeout=attempt * attempt / 1000)
