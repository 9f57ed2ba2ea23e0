"""
Run the three folds over made-up banks in this process, slice by slice, as topics full of records.

No shell and no broker: every slice commits at once. What comes out is what `tests.checker` reads
from a Kafka, so the house and its second opinion can be held against each other within seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

import msgspec

from agents.specs import fold_specs
from cli.demo.bank import BankRecord
from schemas.records import BROADCAST, Applied, Claim, Drained
from schemas.routing import JOURNAL_TOPIC, PROGRESS_TOPIC, SOURCE_TOPICS, STATE_TOPICS
from streams.fold import Fold
from streams.settings import FoldName, Settings
from tests.checker.check import Names
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.murmur import partition_of


PARTITION_COUNT: Final = 3
TASK_COUNT: Final = 2
FOLDS: Final[tuple[FoldName, ...]] = ("ingest", "clock", "lifecycle")


class FoldedWorld:
    """
    Topics in memory, and the tasks that read and write them.

    Attributes:
        topics: every topic by name, partitions as lists of records.
    """

    def __init__(self, tenants: tuple[str, ...]) -> None:
        """Make empty topics, and all tasks of all folds."""
        names = [*Names().all, PROGRESS_TOPIC, *STATE_TOPICS.values()]
        self.topics: dict[str, Topic] = {}
        for name in names:
            count = {PROGRESS_TOPIC: 1, STATE_TOPICS["clock"]: 1}.get(name, PARTITION_COUNT)
            is_changelog = name in STATE_TOPICS.values() and count > 1
            self.topics[name] = [[] for _ in range(TASK_COUNT if is_changelog else count)]
        settings = Settings(
            tenants=tenants,
            ingest_task_count=TASK_COUNT,
            lifecycle_task_count=TASK_COUNT,
            journal_partition_count=PARTITION_COUNT,
        )
        specs = fold_specs(settings)
        self._tasks: list[_Task] = [
            _Task(self, name, task, specs[name].make(task, count))
            for name in FOLDS
            for count in [1 if name == "clock" else TASK_COUNT]
            for task in range(count)
        ]

    def append(self, topic: str, partition: int, timestamp: int, *record: object) -> None:
        """Append (key, value, headers) to a partition."""
        records = self.topics[topic][partition]
        key, value, headers = record
        records.append(
            LogRecord(topic, partition, len(records), timestamp, key, value, tuple(headers))  # type: ignore[arg-type]
        )

    def play(self, records: Iterable[BankRecord], slice_ms: int) -> None:
        """Send the records, and let every task read after each `slice_ms` of sending."""
        for _, group in groupby(records, key=lambda one: one.sent_at_ms // slice_ms):
            read_at = 0
            for one in group:
                where = partition_of(one.key or one.value or b"", PARTITION_COUNT)
                self.append(one.topic, where, one.sent_at_ms, one.key, one.value, one.headers)
                read_at = (one.sent_at_ms // slice_ms + 1) * slice_ms
            self.settle(read_at)

    def settle(self, read_at_ms: int) -> None:
        """Let every task read all there is, at a moment after everything that was sent."""
        for task in self._tasks:
            task.turn(read_at_ms)


class _Task:
    """One task of one fold, and how far it has read."""

    def __init__(self, world: FoldedWorld, name: FoldName, task: int, fold: Fold) -> None:
        self._world, self._name, self._task, self._fold = world, name, task, fold
        sources = {
            "ingest": SOURCE_TOPICS,
            "clock": (PROGRESS_TOPIC,),
            "lifecycle": (JOURNAL_TOPIC,),
        }
        count = 1 if name == "clock" else TASK_COUNT
        self._places = [
            (topic, partition)
            for topic in sources[name]
            for partition in range(len(world.topics[topic]))
            if partition % count == task
        ]
        self._read_to = dict.fromkeys(self._places, 0)
        fold.open(self._places)

    def turn(self, read_at_ms: int) -> None:
        """Read everything, and commit it as one transaction."""
        for record in self._unread():
            while (applied := self._fold.apply(record)) is Applied.AGAIN:
                self._commit(self._fold.drain(), read_at_ms)
            assert applied is Applied.DONE
            self._read_to[record.topic, record.partition] += 1
        self._fold.close_slice([Claim(*place, read_at_ms) for place in self._places])
        self._commit(self._fold.drain(), read_at_ms)

    def _unread(self) -> Iterator[LogRecord]:
        for topic, partition in self._places:
            yield from self._world.topics[topic][partition][self._read_to[topic, partition] :]

    def _commit(self, drained: Drained, at_ms: int) -> None:
        """Append outputs, rows, and the shell's own row of offsets."""
        for output in drained.outputs:
            count = len(self._world.topics[output.topic])
            where: Iterable[int] = (output.partition or 0,)
            if output.partition == BROADCAST:
                where = range(count)
            elif output.partition is None:
                where = (partition_of(output.key or b"", count),)
            for partition in where:
                self._world.append(
                    output.topic, partition, at_ms, output.key, output.value, output.headers
                )
        offsets: dict[str, dict[int, int]] = defaultdict(dict)
        for (topic, partition), read_to in self._read_to.items():
            offsets[topic][partition] = read_to
        rows = [*drained.rows, (b"#offsets", msgspec.msgpack.encode(dict(offsets)))]
        for key, value in rows:
            self._world.append(STATE_TOPICS[self._name], self._task, at_ms, key, value, ())
