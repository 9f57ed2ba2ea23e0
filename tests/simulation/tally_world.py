"""The small world: two growing source topics, upstream transactions, and the tally."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Any, Final

from msgspec import Struct

from schemas.codec import decode_offsets_row, encode_row
from schemas.records import OutputRecord, StoredRecord
from schemas.state import OFFSETS_KEY
from streams.replay import replay
from tests.simulation.cluster import Cluster
from tests.simulation.feed import Feed, Timed
from tests.simulation.tally import NUMBERS, TallyFold, TallySpec


RECORD_COUNT: Final = 80
FEED_S: Final = 3.0
ONE_BITE_RATIO: Final = 0.8
PARTITION_COUNT_MAX: Final = 6
"""As far as a topic may grow."""
NO_OFFSETS: Final = encode_row({})


class Options(Struct, frozen=True):
    """Settings of tasks that make many small transactions (port: `streams.task.TaskOptions`)."""

    tally_task_count: int
    transaction_record_count_max: int
    linger_idle_ms: int
    linger_busy_ms: int
    metadata_refresh_ms: int = 600

    def task_count(self, _fold: str) -> int:
        """Return how many tasks share the work."""
        return self.tally_task_count


class TallyWorld:
    """What goes in, and what must come out."""

    def __init__(self, cluster: Cluster, chance: random.Random) -> None:
        """Make the topics and start the workers."""
        self.cluster, self._chance = cluster, chance
        self.spec = TallySpec()
        self.task_count = chance.randint(1, 3)
        self._known_count = {topic: chance.randint(1, 3) for topic in self.spec.source_topics}
        for topic, count in self._known_count.items():
            cluster.broker.create_topic(topic, count)
        cluster.broker.create_topic(NUMBERS, 2)
        cluster.broker.create_topic(self.spec.changelog_topic, self.task_count)
        self.coming = self._draw_coming()
        options: Any = Options(
            self.task_count,
            chance.choice([1, 4, 20, 200]),
            chance.choice([0, 20]),
            chance.choice([0, 20, 100]),
        )
        names = [f"worker-{number}" for number in range(chance.randint(1, 2))]
        cluster.start(names, {self.spec.name: self.spec}, options)

    async def feed(self, kept: Collection[int] | None) -> None:
        """Play the upstream producers."""
        cluster = self.cluster
        chance = random.Random(self._chance.random())  # noqa: S311 (chance that can be told again)
        feed = Feed(cluster.broker, cluster.fate, chance, self.spec.source_topics, self._placed)
        await feed.play(self.coming, kept)

    def finished(self) -> bool:
        """Return whether every number was said (or more than were asked for)."""
        asked = sum(int(record.value or b"0") for record in self._sources())
        said = sum(map(len, self._said().values()))
        return self.cluster.broker.nothing_open and said >= asked

    def faults(self) -> list[str]:
        """Return what is wrong with what can be read from the log."""
        asked: Counter[bytes] = Counter()
        for record in self._sources():
            asked[record.key or b""] += int(record.value or b"0")
        found = self._said()
        faults = [
            f"I4: {key!r}: wanted 1 to {asked[key]} once and in order, found {found[key]}"
            for key in sorted(asked.keys() | found.keys())
            if found[key] != list(range(1, asked[key] + 1))
        ]
        for task in range(self.task_count):
            faults += self._task_faults(task)
        return faults

    def _task_faults(self, task: int) -> list[str]:
        """Compare the changelog of a task with an uncrashed replay of its sources."""
        changelog = self.cluster.broker.committed(self.spec.changelog_topic)[task]
        rows = {record.key: record.value for record in changelog}
        offsets = decode_offsets_row(rows.pop(OFFSETS_KEY, None) or NO_OFFSETS)
        records = [r for r in self._sources() if r.partition % self.task_count == task]
        faults = []
        if (wanted := replay(TallyFold(), records, sources=()).rows) != rows:
            faults.append(f"I2: task {task}: wanted rows {wanted}, found {rows}")
        ends: dict[str, dict[int, int]] = {}
        for record in records:
            ends.setdefault(record.topic, {})[record.partition] = record.offset + 1
        if ends != offsets:
            faults.append(f"I1: task {task}: wanted to have read to {ends}, found {offsets}")
        return faults

    def _draw_coming(self) -> list[Timed]:
        """Return what the producers will append, and when."""
        chance, told = self._chance, []
        for at_s in sorted(chance.uniform(0, FEED_S) for _ in range(RECORD_COUNT)):
            bites = 1 if chance.random() < ONE_BITE_RATIO else chance.randint(2, 9)
            topic = chance.choice(self.spec.source_topics)
            partition = chance.randrange(PARTITION_COUNT_MAX)
            key = b"%d" % chance.randint(0, 4)
            told.append(Timed(at_s, OutputRecord(topic, key, b"%d" % bites, (), partition)))
        return told

    def _placed(self, output: OutputRecord) -> OutputRecord:
        """Return a record for a partition that is there by now, of a key that belongs there."""
        assert output.partition is not None
        assert output.key is not None
        partition = output.partition
        if partition >= self.cluster.broker.partition_count(output.topic):
            partition %= self._known_count[output.topic]
        key = b"%b-%d-%b" % (output.topic.encode(), partition, output.key)
        return output._replace(partition=partition, key=key)

    def _sources(self) -> list[StoredRecord]:
        """Return every committed source record, in offset order within each partition."""
        broker = self.cluster.broker
        topics = self.spec.source_topics
        return [one for topic in topics for records in broker.committed(topic) for one in records]

    def _said(self) -> dict[bytes, list[int]]:
        """Return the numbers said of each key."""
        said = defaultdict(list)
        for records in self.cluster.broker.committed(NUMBERS):
            for record in records:
                said[record.key or b""].append(int(record.value or b"0"))
        return said
