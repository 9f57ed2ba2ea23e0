"""
Look at the log beside the workers: where its partitions end, and which records were taken back.

A record that a read_uncommitted reader sees and a read_committed reader does not, below the last
stable offset, belongs to a transaction that was aborted.
"""

import time
from collections.abc import Collection, Mapping
from typing import Final

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from tests.checker.log_reader import POLL_S, SILENCE_S_MAX


Place = tuple[str, int]
"""Topic and partition."""

LOOK_AGAIN_S: Final = 0.02
NOT_YET: Final = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}


class LogEnds:
    """The ends of partitions on one broker; not safe to share between threads."""

    def __init__(self, bootstrap: str) -> None:
        """Prepare; the first question connects."""
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    def stable(self, places: Collection[Place]) -> dict[Place, int]:
        """Return the last stable offset of each partition: what follows it is undecided."""
        return self._ends(places, IsolationLevel.READ_COMMITTED)

    def newest(self, places: Collection[Place]) -> dict[Place, int]:
        """Return the highwater of each partition."""
        return self._ends(places, IsolationLevel.READ_UNCOMMITTED)

    def places(self, topics: Collection[str]) -> list[Place]:
        """Return every partition of the topics."""
        known = self._admin.list_topics(timeout=SILENCE_S_MAX).topics
        return [(topic, number) for topic in topics for number in known[topic].partitions]

    def await_decided(self, places: Collection[Place], deadline_s: float) -> dict[Place, int]:
        """
        Wait until nothing that is in the log now is undecided; return how far that is.

        Looks twice, so that what a dead producer's socket still delivered is decided too.

        Raises:
            TimeoutError: a transaction stayed open until `deadline_s` (monotonic).
        """
        ends: dict[Place, int] = {}
        for _ in range(2):
            ends = self.newest(places)
            while any(stable < ends[place] for place, stable in self.stable(places).items()):
                if time.monotonic() > deadline_s:
                    raise TimeoutError("wanted every transaction decided, found one open")
                time.sleep(LOOK_AGAIN_S)
        return ends

    def await_open(self, places: Collection[Place], deadline_s: float) -> bool:
        """Wait until an open transaction has data in the log; False if none had in time."""
        while places and time.monotonic() < deadline_s:
            newest = self.newest(places)  # before the stable ends: else a commit between looks open
            if any(stable < newest[place] for place, stable in self.stable(places).items()):
                return True
        return False

    def aborted(
        self, starts: Mapping[Place, int], ends: Mapping[Place, int]
    ) -> set[tuple[str, int, int]]:
        """Return the coordinates of the records between that were taken back."""
        ranges = {place: (starts[place], end) for place, end in ends.items() if end > starts[place]}
        return self._read(ranges, "read_uncommitted") - self._read(ranges, "read_committed")

    def _ends(self, places: Collection[Place], isolation: IsolationLevel) -> dict[Place, int]:
        """Ask for the ends; again where a partition is so new that its broker is not there yet."""
        asked = {TopicPartition(*place): OffsetSpec.latest() for place in places}
        deadline_s = time.monotonic() + SILENCE_S_MAX
        while True:
            answers = self._admin.list_offsets(asked, isolation_level=isolation, request_timeout=10)
            try:
                return {
                    (tp.topic, tp.partition): told.result().offset for tp, told in answers.items()
                }
            except KafkaException as error:
                if error.args[0].code() not in NOT_YET or time.monotonic() > deadline_s:
                    raise
                time.sleep(LOOK_AGAIN_S)

    def _read(
        self, ranges: Mapping[Place, tuple[int, int]], isolation: str
    ) -> set[tuple[str, int, int]]:
        """Return the coordinates of the records in the ranges that a reader is shown."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": "kill-clock-without-a-group",  # asked for by the client, never joined
                "enable.auto.commit": False,
                "isolation.level": isolation,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 20,
            }
        )
        seen: set[tuple[str, int, int]] = set()
        waiting = dict(ranges)
        consumer.assign([TopicPartition(*place, start) for place, (start, _) in ranges.items()])
        heard_s = time.monotonic()
        while waiting:
            batch = consumer.consume(5_000, timeout=POLL_S)  # pays it unless there are so many
            if batch:
                heard_s = time.monotonic()
            elif time.monotonic() - heard_s > SILENCE_S_MAX:
                raise TimeoutError(f"wanted the end of {len(waiting)} ranges, found silence")
            for message in batch:
                place = (message.topic(), message.partition())
                if place not in waiting:
                    continue
                if _failed(message.error()):
                    raise KafkaException(message.error())
                if message.error() is not None or message.offset() >= waiting[place][1]:
                    del waiting[place]
                    consumer.pause([TopicPartition(*place)])
                else:
                    seen.add((*place, message.offset()))
        consumer.close()
        return seen


def _failed(error: KafkaError | None) -> bool:
    """Return whether a message is an error other than the end of its partition."""
    return error is not None and error.code() != KafkaError._PARTITION_EOF  # noqa: SLF001 (its public name)
