"""The small world: two growing source topics, upstream transactions, and the tally."""

import asyncio
from collections import Counter, defaultdict
from typing import Final

from msgspec import Struct

from schemas.codec import decode_offsets_row, encode_row
from schemas.records import OutputRecord, StoredRecord
from schemas.state import OFFSETS_KEY
from streams.memory_partition import Outcome
from streams.port import SourcePartition
from streams.replay import replay
from tests.simulation.cluster import Cluster
from tests.simulation.tally import NUMBERS, TallyFold, TallySpec


BURSTS: Final = 300
PRODUCERS: Final = 4
FEED_S: Final = 50.0
PLAIN_RATIO: Final = 0.7
ABORT_RATIO: Final = 0.3
ONE_BITE_RATIO: Final = 0.8
NO_OFFSETS: Final = encode_row({})


class Options(Struct, frozen=True):
    """Settings of a task that make many small transactions."""

    transaction_record_count_max: int
    linger_idle_ms: int
    linger_busy_ms: int
    metadata_refresh_ms: int = 3_000


class TallyWorld:
    """What goes in, and what must come out."""

    def __init__(self, cluster: Cluster) -> None:
        """Make the topics and start the workers."""
        self.cluster = cluster
        self.chance = cluster.fate.random
        self.spec = TallySpec()
        self.task_count = self.chance.randint(1, 4)
        broker = cluster.broker
        for topic in self.spec.source_topics:
            broker.create_topic(topic, self.chance.randint(1, 4))
        broker.create_topic(NUMBERS, 3)
        broker.create_topic(self.spec.changelog_topic, self.task_count)
        options = Options(
            self.chance.choice([1, 4, 20, 200]),
            self.chance.choice([0, 50]),
            self.chance.choice([0, 20, 200]),
        )
        names = [f"worker-{n}" for n in range(self.chance.randint(1, 3))]
        cluster.start(names, [(self.spec, self.task_count)], options)

    async def feed(self) -> None:
        """Play the upstream producers; some leave a transaction open for a while, some abort."""
        async with asyncio.TaskGroup() as producers:
            for number in range(PRODUCERS):
                producers.create_task(self._produce(number))
            producers.create_task(self._grow())
            producers.create_task(self.cluster.deploy(FEED_S))

    def finished(self) -> bool:
        """Return whether every number was said (or more than were asked for)."""
        asked = sum(int(record.value or b"0") for record in self._sources())
        return sum(map(len, self._said().values())) >= asked

    async def end(self) -> None:
        """Stop all workers in order."""
        await self.cluster.halt()

    def faults(self) -> list[str]:
        """Return what is wrong with what can be read from the log."""
        asked: Counter[bytes] = Counter()
        for record in self._sources():
            asked[record.key or b""] += int(record.value or b"0")
        found = self._said()
        faults = [
            f"{key!r}: wanted 1 to {asked[key]} once and in order, found {found[key]}"
            for key in sorted(asked.keys() | found.keys())
            if found[key] != list(range(1, asked[key] + 1))
        ]
        for task in range(self.task_count):
            faults += self._task_faults(task)
        return faults

    def _task_faults(self, task: int) -> list[str]:
        """Compare the changelog of a task with an uncrashed replay of its sources."""
        changelog = SourcePartition(self.spec.changelog_topic, task)
        rows = {record.key: record.value for record in self._read(changelog)}
        offsets = decode_offsets_row(rows.pop(OFFSETS_KEY, None) or NO_OFFSETS)
        records = [r for r in self._sources() if r.partition % self.task_count == task]
        faults = []
        if (wanted := replay(TallyFold(), records, sources=()).rows) != rows:
            faults.append(f"task {task}: wanted rows {wanted}, found {rows}")
        ends: dict[str, dict[int, int]] = {}
        for record in records:
            ends.setdefault(record.topic, {})[record.partition] = record.offset + 1
        if ends != offsets:
            faults.append(f"task {task}: wanted to have read up to {ends}, found {offsets}")
        return faults

    async def _produce(self, number: int) -> None:
        """Append records for a while, now and then in a transaction."""
        for _ in range(BURSTS // PRODUCERS):
            await asyncio.sleep(self.chance.uniform(0, 2 * FEED_S * PRODUCERS / BURSTS))
            outputs = [self._record() for _ in range(self.chance.randint(1, 12))]
            if self.chance.random() < PLAIN_RATIO:
                for output in outputs:
                    self.cluster.broker.append(output)
                continue
            transaction = self.cluster.broker.open_transaction()
            for output in outputs:
                transaction.append(output)
                await asyncio.sleep(self.chance.uniform(0, 0.3))
            aborted = self.chance.random() < ABORT_RATIO
            transaction.end(Outcome.ABORTED if aborted else Outcome.COMMITTED)
            self.cluster.fate.note(f"producer-{number}", transaction.outcome.value)

    async def _grow(self) -> None:
        """Give a source topic more partitions in the middle of it all."""
        await asyncio.sleep(self.chance.uniform(0, FEED_S))
        topic = self.chance.choice(self.spec.source_topics)
        count = self.cluster.broker.partition_count(topic) + self.chance.randint(1, 2)
        self.cluster.broker.create_topic(topic, count)

    def _record(self) -> OutputRecord:
        """Return a record for a random partition, of a key that belongs there."""
        topic = self.chance.choice(self.spec.source_topics)
        partition = self.chance.randrange(self.cluster.broker.partition_count(topic))
        key = f"{topic}-{partition}-{self.chance.randint(0, 4)}".encode()
        bites = 1 if self.chance.random() < ONE_BITE_RATIO else self.chance.randint(2, 9)
        return OutputRecord(topic, key, b"%d" % bites, (), partition)

    def _sources(self) -> list[StoredRecord]:
        """Return every committed source record, in offset order within each partition."""
        return self._read_topics(*self.spec.source_topics)

    def _said(self) -> dict[bytes, list[int]]:
        """Return the numbers said of each key."""
        said = defaultdict(list)
        for record in self._read_topics(NUMBERS):
            said[record.key or b""].append(int(record.value or b"0"))
        return said

    def _read_topics(self, *topics: str) -> list[StoredRecord]:
        return [
            record
            for topic in topics
            for partition in range(self.cluster.broker.partition_count(topic))
            for record in self._read(SourcePartition(topic, partition))
        ]

    def _read(self, place: SourcePartition) -> list[StoredRecord]:
        partition = self.cluster.broker.partition(place)
        return partition.read(0, partition.highwater)[0]
