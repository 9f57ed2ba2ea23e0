"""A house whose log is in memory: production's folds and shells, and time that jumps."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import msgpack

from agents.specs import fold_specs
from schemas.records import OutputRecord, StoredRecord
from schemas.routing import JOURNAL_TOPIC, STATE_TOPICS
from schemas.state import OFFSETS_KEY
from streams.memory_broker import MemoryBroker
from streams.memory_log import MemoryLog
from streams.port import SourcePartition
from streams.settings import FoldName, Settings
from streams.shell import Shell
from streams.slices import Slice
from streams.topic_table import topic_table
from tests.fuzz.cases import TENANTS, Case
from tests.proof.quiet import Quiet


SETTINGS: Final = Settings(
    tenants=TENANTS,
    erasure_secrets=dict.fromkeys(TENANTS, "a secret of this test"),
    source_partition_count=3,
    output_partition_count=2,
    journal_partition_count=4,
    ingest_task_count=2,
    lifecycle_task_count=2,
)
FOLDS: Final[tuple[FoldName, ...]] = ("ingest", "clock", "lifecycle")
WAIT_S_MAX: Final = 600.0
"""Of virtual time: ten times what it takes until the last slice is folded."""

READ_COUNT_MAX: Final = 10_000_000


class MemoryHouse:
    """
    Topics in memory and one process' shells over them.

    Attributes:
        failures: what no fold may ever raise; each would have ended the worker.
    """

    def __init__(self, now_ms: int) -> None:
        """Create the topics; to be called within the loop, whose second 0 is `now_ms`."""
        loop = asyncio.get_running_loop()
        self.broker = MemoryBroker(lambda: now_ms + int(loop.time() * 1000))
        for topic in topic_table(SETTINGS):
            self.broker.create_topic(topic.name, topic.partition_count)
        self.failures: list[BaseException] = []

    def append(self, case: Case, number: int) -> StoredRecord:
        """Append a case to a partition by its number, whatever its key."""
        partition = number % self.broker.partition_count(case.topic)
        headers = tuple(case.headers)
        output = OutputRecord(case.topic, case.key, case.value, headers, partition)  # type: ignore[arg-type]
        return self.broker.append(output)[0]

    async def run_until_read(self) -> None:
        """Run every fold until all sources and the journal are read to their ends."""
        shells = [self._shell(name) for name in FOLDS]
        counts = [SETTINGS.task_count(name) for name in FOLDS]
        running = [
            asyncio.create_task(shell.run(count))
            for shell, count in zip(shells, counts, strict=True)
        ]
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + WAIT_S_MAX
        while not (self._is_read("ingest") and self._is_read("lifecycle")) and not self.failures:
            assert loop.time() < deadline_s, "wanted everything read, found a partition behind"
            await asyncio.sleep(0.1)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def records(self, topic: str) -> list[StoredRecord]:
        """Return every committed record of a topic, partition by partition."""
        numbers = range(self.broker.partition_count(topic))
        partitions = [self.broker.partition(SourcePartition(topic, number)) for number in numbers]
        return [record for part in partitions for record in part.read(0, READ_COUNT_MAX)[0]]

    def counts(self, fold: FoldName) -> Mapping[str, int]:
        """Return the sums of the counts in the newest rows of a fold."""
        rows = {record.key or b"": record.value for record in self.records(STATE_TOPICS[fold])}
        totals: dict[str, int] = {}
        for key, value in rows.items():
            counts = {}
            if key.startswith(b"#counts|"):
                counts = msgpack.decode(value or b"")
            elif key.startswith(b"#source|"):
                counts = msgpack.decode(value or b"")[1]
            for name, count in counts.items():
                totals[name] = totals.get(name, 0) + count
        return totals

    def _shell(self, name: FoldName) -> Shell:
        return Shell(
            fold_specs(SETTINGS)[name],
            log=MemoryLog(self.broker, "only"),
            options=SETTINGS,
            deliver=self._deliver,
            observer=Quiet(),
            fail=self.failures.append,
        )

    async def _deliver(self, part: Slice) -> None:
        """Apply a slice at once, as an agent does when its turn comes."""
        await part.task.apply(part)

    def _is_read(self, fold: FoldName) -> bool:
        """Return whether the fold's offsets rows have reached the ends of its sources."""
        topics = [JOURNAL_TOPIC] if fold == "lifecycle" else self._source_topics()
        read_to: dict[tuple[str, int], int] = {}
        for record in self.records(STATE_TOPICS[fold]):
            if record.key == OFFSETS_KEY:
                offsets = msgpack.decode(record.value or b"", type=dict[str, dict[int, int]])
                for topic, partitions in offsets.items():
                    read_to.update(((topic, number), end) for number, end in partitions.items())
        return all(
            read_to.get((topic, record.partition), 0) > record.offset
            for topic in topics
            for record in self.records(topic)
        )

    def _source_topics(self) -> Sequence[str]:
        return [binding.topic for binding in SETTINGS.bindings]
