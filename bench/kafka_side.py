"""What a benchmark does on the broker: topics, loads, and counting what has come out."""

import time
from collections.abc import Callable, Iterable, Iterator

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from bench.world import SourceEvent
from streams.clock import wall_clock_ms


DEADLINE_S = 300.0
TIMEOUT_S = 30.0


def load(bootstrap: str, events: Iterable[SourceEvent]) -> int:
    """Produce the events and return how many, all acknowledged."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "linger.ms": 20,
            "queue.buffering.max.messages": 2_000_000,
            "queue.buffering.max.kbytes": 2_000_000,
            "partitioner": "murmur2_random",
        }
    )
    count = 0
    for event in events:
        producer.produce(event.topic, event.value, event.key)
        count += 1
        if count % 10_000 == 0:
            producer.poll(0)
    if left := producer.flush(TIMEOUT_S):
        raise RuntimeError(f"wanted every event acknowledged, found {left} open")
    return count


class Outlet:
    """A read_committed reader of whole topics, from their beginning or from their end."""

    def __init__(self, bootstrap: str, topics: list[str], *, from_end: bool = False) -> None:
        """Assign every partition of the topics."""
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "bench-outlet",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 10,
                "auto.offset.reset": "error",
            }
        )
        assignment = []
        for topic in topics:
            metadata = self._consumer.list_topics(topic, TIMEOUT_S).topics[topic]
            for partition in metadata.partitions:
                low, high = self._bounds(TopicPartition(topic, partition))
                assignment.append(TopicPartition(topic, partition, high if from_end else low))
        self._consumer.assign(assignment)

    def _bounds(self, place: TopicPartition) -> tuple[int, int]:
        """Return where a partition begins and ends; a new one may have no leader for a moment."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while True:
            try:
                low, high = self._consumer.get_watermark_offsets(place)
            except KafkaException:
                if time.monotonic() > deadline_s:
                    raise
            else:
                return low, high

    def read(self, wait_s: float = 0.05) -> Iterator[tuple[bytes, bytes, float]]:
        """Yield (key, value, seconds since the epoch at which we saw it)."""
        for message in self._consumer.consume(10_000, wait_s):
            if message.error() is not None:
                raise RuntimeError(f"wanted a record, found {message.error().name()}")
            yield message.key() or b"", message.value() or b"", wall_clock_ms() / 1_000

    def count_until(self, wanted: int, check: Callable[[], None]) -> float:
        """Read until `wanted` records have come, `check` by `check`; return how long they took."""
        deadline_s = time.monotonic() + DEADLINE_S
        count, first_s = 0, 0.0
        while count < wanted:
            check()
            seen = len(self._consumer.consume(10_000, 0.05))
            if seen and not count:
                first_s = time.monotonic()
            count += seen
            if time.monotonic() > deadline_s:
                raise RuntimeError(f"wanted {wanted} records, found {count} in {DEADLINE_S} s")
        return time.monotonic() - first_s

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()
