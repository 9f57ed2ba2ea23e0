"""
Write one task's transactions to Kafka, or stop trying.

One transactional producer a task: `transactional.id = <app>-<fold>-<task>` fences a predecessor
that is still alive. Records go out as whole batches, one per partition, because that is
cheaper than one awaited send a record.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from aiokafka.producer.message_accumulator import BatchBuilder

from schemas.records import BROADCAST, OutputRecord
from streams.deadline import ANSWER_S_MAX, within
from streams.kafka_futures import hear_out
from streams.partitioner import partition_of
from streams.port import FencedError, LogError, Transaction


BATCH_BYTES_MAX: Final = 900_000
"""A batch stays below the broker's default `message.max.bytes` of 1 MiB."""

REQUEST_BYTES_MAX: Final = 8_000_000

Batches = dict[tuple[str, int], list[OutputRecord]]


class KafkaWriter:
    """The transactional producer of one task (port: `streams.port.Writer`)."""

    def __init__(
        self,
        options: Mapping[str, Any],
        *,
        transactional_id: str,
        group: str,
        changelog: tuple[str, int],
        fixed_counts: Mapping[str, int],
        client: Callable[..., Any] = AIOKafkaProducer,
    ) -> None:
        """
        Prepare; `options` are client options, `changelog` the (topic, partition) of the rows.

        `fixed_counts` are the partition counts of topics that must never have another; `client`
        makes the producer (the simulator has one over the log in memory).
        """
        self._producer = client(
            **options,
            transactional_id=transactional_id,
            acks="all",
            max_batch_size=BATCH_BYTES_MAX,
            max_request_size=REQUEST_BYTES_MAX,
            request_timeout_ms=30_000,
        )
        self._group = group
        self._changelog = changelog
        self._fixed_counts = fixed_counts
        self._started = False

    async def fence(self) -> None:
        """Start the producer: aborts what a predecessor left open and shuts it out."""
        self._started = True
        async with within(ANSWER_S_MAX, "a producer of our own"):
            await self._producer.start()

    async def commit(self, transaction: Transaction) -> None:
        """Append everything, await every acknowledgement, then positions, then commit."""
        try:
            async with within(ANSWER_S_MAX, "a commit"):
                await self._commit(transaction)
        except (ProducerFenced, InvalidProducerEpoch) as error:
            hear_out(self._producer)
            raise FencedError("wanted to commit, found a successor on this task") from error
        except KafkaError as error:
            hear_out(self._producer)
            raise LogError(f"wanted to commit, found {type(error).__name__}") from error

    async def _commit(self, transaction: Transaction) -> None:
        await self._producer.begin_transaction()
        await self._send_all(transaction)
        if transaction.positions:
            offsets = {
                TopicPartition(source.topic, source.partition): offset
                for source, offset in transaction.positions.items()
            }
            await self._producer.send_offsets_to_transaction(offsets, self._group)
        await self._producer.commit_transaction()

    async def close(self) -> None:
        """Stop the producer."""
        if self._started:
            await self._producer.stop()
            hear_out(self._producer)  # the client's last word may have come after ours

    async def _send_all(self, transaction: Transaction) -> None:
        """Send rows and outputs, one batch a partition at a time, and await every future."""
        batches = await self._split(transaction)
        futures: list[asyncio.Future[Any]] = []
        for (topic, partition), records in batches.items():
            futures.extend(await self._send_partition(topic, partition, records))
        # gather, not wait: the first failure must surface; commit_transaction would hide it
        await asyncio.gather(*futures)

    async def _split(self, transaction: Transaction) -> Batches:
        """Return the records of each partition, in order."""
        topic, task = self._changelog
        batches: Batches = {}
        if transaction.rows:
            batches[topic, task] = [
                OutputRecord(topic, row.key, row.value) for row in transaction.rows
            ]
        counts = {
            name: await self._partition_count(name)
            for name in {o.topic for o in transaction.outputs}
        }
        for output in transaction.outputs:
            count = counts[output.topic]
            for partition in _targets(output, count):
                batches.setdefault((output.topic, partition), []).append(output)
        return batches

    async def _partition_count(self, topic: str) -> int:
        count = len(await self._producer.partitions_for(topic))
        check_fixed(self._fixed_counts, topic, count)
        return count

    async def _send_partition(
        self, topic: str, partition: int, records: list[OutputRecord]
    ) -> list[asyncio.Future[Any]]:
        """Send one partition's records in as few batches as they fit in."""
        futures = []
        batch = self._producer.create_batch()
        for record in records:
            if not _fits(batch, record):
                futures.append(await self._producer.send_batch(batch, topic, partition=partition))
                batch = self._producer.create_batch()
                if not _fits(batch, record):
                    raise LogError(
                        f"wanted a record below {BATCH_BYTES_MAX} bytes, found a larger one"
                    )
        futures.append(await self._producer.send_batch(batch, topic, partition=partition))
        return futures


def check_fixed(fixed_counts: Mapping[str, int], topic: str, count: int) -> None:
    """
    Refuse another partition count of a topic than the one it was created with.

    With another count keys go to other partitions, and what is known of a customer stays behind:
    caps, consent and repeats would be forgotten. Kafka cannot take partitions away again, so the
    worker must stop before the first record has gone astray.

    Raises:
        LogError: the count is another.

    """
    wanted = fixed_counts.get(topic, count)
    if count != wanted:
        raise LogError(f"wanted {wanted} partitions of {topic}, found {count}")


def _fits(batch: BatchBuilder, record: OutputRecord) -> bool:
    """Append a record to a batch; return False where there is no room for it."""
    headers = list(record.headers)
    added = batch.append(key=record.key, value=record.value, timestamp=None, headers=headers)
    return added is not None


def _targets(output: OutputRecord, count: int) -> tuple[int, ...] | range:
    """Return the partitions that get a copy of this output."""
    if output.partition is None:
        return (partition_of(output.key or b"", count),)
    if output.partition == BROADCAST:
        return range(count)
    return (output.partition % count,)
