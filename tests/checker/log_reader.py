"""
Read whole topics as a consumer that trusts nobody would: read_committed, without a group.

What has not been committed by the time of the read is not seen; a transaction that is still open
hides what follows it, so the writers should have stopped, or have been succeeded, before.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition


class LogRecord(NamedTuple):
    """A record with its coordinates; `timestamp` is in epoch milliseconds UTC."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


Topic = list[list[LogRecord]]
"""One list of records in offset order for each partition."""

BATCH_COUNT = 10_000
POLL_S = 0.1
SILENCE_S_MAX = 60.0
"""How long the broker may say nothing at all before the read is given up."""


def read_topics(bootstrap: str, names: Iterable[str]) -> dict[str, Topic]:
    """
    Return every committed record of the topics, from the first to the end as first met.

    Raises:
        LookupError: a topic is not there.
        TimeoutError: the broker fell silent before every partition's end was met.
        KafkaException: the broker or the client gave up.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "checker-without-a-group",  # asked for by the client, never joined
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "queued.min.messages": 500_000,
            "queued.max.messages.kbytes": 262_144,
            "fetch.message.max.bytes": 8_388_608,
            "fetch.wait.max.ms": 50,
        }
    )
    try:
        topics = {name: _partitions(consumer, name) for name in names}
        _read_all(consumer, topics)
    finally:
        consumer.close()
    return topics


def _partitions(consumer: Consumer, name: str) -> Topic:
    told = consumer.list_topics(name, timeout=SILENCE_S_MAX).topics[name]
    if told.error is not None or not told.partitions:
        raise LookupError(f"wanted topic {name}, found {told.error or 'no partition'}")
    return [[] for _ in told.partitions]


def _read_all(consumer: Consumer, topics: dict[str, Topic]) -> None:
    """Fill the lists until every partition's end was met once."""
    waiting = {(name, number) for name, topic in topics.items() for number in range(len(topic))}
    consumer.assign([TopicPartition(*place, OFFSET_BEGINNING) for place in sorted(waiting)])
    heard_s = time.monotonic()
    while waiting:
        # returns early only with a full batch, so the timeout is paid at the end of every read
        batch = consumer.consume(BATCH_COUNT, timeout=POLL_S)
        if batch:
            heard_s = time.monotonic()
        elif time.monotonic() - heard_s > SILENCE_S_MAX:
            raise TimeoutError(f"wanted the end of {len(waiting)} partitions, found silence")
        for message in batch:
            if message.error() is not None:
                _take_notice(consumer, message, waiting)
            elif (message.topic(), message.partition()) in waiting:
                topics[message.topic()][message.partition()].append(_record(message))


def _take_notice(consumer: Consumer, message: Any, waiting: set[tuple[str, int]]) -> None:  # noqa: ANN401 (the client has no types)
    """Cross off a partition whose end was met; anything else ends the read."""
    if message.error().code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 (its public name)
        raise KafkaException(message.error())
    place = (message.topic(), message.partition())
    if place in waiting:
        waiting.remove(place)
        consumer.pause([TopicPartition(*place)])


def _record(message: Any) -> LogRecord:  # noqa: ANN401 (the client has no types)
    return LogRecord(
        message.topic(),
        message.partition(),
        message.offset(),
        message.timestamp()[1],
        message.key(),
        message.value(),
        message.headers() or (),
    )
