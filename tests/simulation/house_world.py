"""
The whole house: two banks through ingest, clock and lifecycle, judged by the independent checker.

The banks and their producers are those of the proof on a real Kafka, with campaigns at the pace
of seconds; the checker knows none of the code that it judges.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from agents.specs import fold_specs
from lifecycle.fold import LifecycleFold
from schemas.codec import decode_offsets_row, decode_source_row
from schemas.records import OutputRecord, StoredRecord
from schemas.routing import (
    DECISIONS_TOPIC,
    JOURNAL_TOPIC,
    PROGRESS_TOPIC,
    REJECTED_TOPIC,
    SOURCE_TOPICS,
    STATE_TOPICS,
    TRIGGER_TOPICS,
)
from schemas.state import OFFSETS_KEY
from streams.memory_partition import Outcome
from streams.port import SourcePartition
from streams.replay import replay
from streams.settings import DEFAULT_BINDINGS, Settings
from tests.checker.check import Names, check
from tests.checker.log_reader import LogRecord, Topic
from tests.proof.world import CAMPAIGNS, TENANTS, Upstream, controls, records
from tests.simulation import history
from tests.simulation.cluster import EPOCH_MS, Cluster


RECORD_COUNT: Final = 500
FEED_S: Final = 50.0
CHUNK_COUNT_MAX: Final = 12
PLAIN_RATIO: Final = 0.7
ABORT_RATIO: Final = 0.3
OPEN_S_MAX: Final = 2.0
LAST_S_MAX: Final = 200
HISTORY_RATIO: Final = 0.5
HISTORY_MS: Final = 120_000
"""When the history ends, after the cluster's beginning."""
OUTPUT_TOPICS: Final = (*TRIGGER_TOPICS.values(), DECISIONS_TOPIC)


class HouseWorld:
    """What goes in, and what must come out."""

    def __init__(self, cluster: Cluster) -> None:
        """Make the topics and start the workers."""
        self.cluster = cluster
        self.chance = chance = cluster.fate.random
        self.contracts = {topic: topic for topic in SOURCE_TOPICS}
        if chance.random() < HISTORY_RATIO:
            self.contracts |= history.TOPICS
        self.with_history = len(self.contracts) > len(SOURCE_TOPICS)
        self.settings = Settings(
            tenants=TENANTS,
            bindings=(*DEFAULT_BINDINGS, *(history.bindings() if self.with_history else ())),
            backfill_lead_ms=history.LEAD_MS,
            journal_partition_count=chance.randint(3, 5),
            ingest_task_count=chance.randint(1, 3),
            lifecycle_task_count=chance.randint(1, 3),
            transaction_record_count_max=chance.choice([10, 50, 500]),
            linger_idle_ms=chance.choice([0, 20]),
            linger_busy_ms=chance.choice([0, 20, 50]),
            metadata_refresh_ms=3_000,
        )
        self.known_count = {topic: chance.randint(1, 3) for topic in self.contracts}
        self._create_topics()
        specs = fold_specs(self.settings)
        self.shares = [(spec, self.settings.task_count(spec.name)) for spec in specs.values()]
        names = [f"worker-{number}" for number in range(chance.randint(1, 3))]
        cluster.start(names, self.shares, self.settings)

    async def feed(self) -> None:
        """Play the control plane, then the banks; a source topic grows in the middle."""
        for record in controls(EPOCH_MS):
            self.cluster.broker.append(self._placed(record))
        seed = self.chance.randrange(1_000_000)
        told = records(RECORD_COUNT, seed=seed, at_ms=EPOCH_MS + 40_000, label="s")
        coming = list(filter(None, map(history.written, told)) if self.with_history else told)
        async with asyncio.TaskGroup() as outside:
            outside.create_task(self._produce(coming))
            outside.create_task(self._grow())
            outside.create_task(self.cluster.deploy(FEED_S))
        for topic in history.TOPICS if self.with_history else ():
            for partition in range(self.cluster.broker.partition_count(topic)):
                ended = history.end(topic, partition, EPOCH_MS + HISTORY_MS)
                output = OutputRecord(topic, None, ended.value, (), partition)
                self.cluster.broker.append(output)

    def finished(self) -> bool:
        """Return whether every source record was read by ingest."""
        read_to = self._read_to("ingest")
        return all(
            record.offset < read_to.get((record.topic, record.partition), 0)
            for topic in self.contracts
            for partition in self._topic(topic)
            for record in partition[-1:]
        )

    async def end(self) -> None:
        """Stop all workers in order; then one that folds the journal only reads it to its end."""
        await self.cluster.halt()
        self.cluster.start(["last"], self.shares[-1:], self.settings)
        for _ in range(LAST_S_MAX):
            await asyncio.sleep(1)
            read_to = self._read_to("lifecycle")
            journal = self._topic(JOURNAL_TOPIC)
            if all(p[-1].offset < read_to.get(p[-1][:2], 0) for p in journal if p):
                break
        await self.cluster.halt()

    def faults(self) -> list[str]:
        """Return what the independent checker finds, and where a replay differs."""
        names = Names(contracts=self.contracts)
        topics = {name: _checkable(self._topic(name)) for name in names.all}
        report = check(topics, names, CAMPAIGNS)
        found = [f"{kind}: {texts[0]}" for kind, texts in report.examples.items()]
        if not report.seen["ticks"]:
            found.append("wanted ticks, found none")
        return found + self._claim_faults() + self._replay_faults()

    def _claim_faults(self) -> list[str]:
        """
        Return where a record was found below a claim (T3), though its partition was known.

        A partition that grew may hold records older than what was claimed before it was noticed.
        """
        faults = []
        for task in range(self.settings.ingest_task_count):
            for key, value in self._rows("ingest", task).items():
                _, _, topic_and_number = key.decode().partition("#source|")
                topic, _, number = topic_and_number.partition("|")
                if topic in SOURCE_TOPICS and int(number) < self.known_count[topic]:
                    row = decode_source_row(value)
                    if row.clamped_ms_max:
                        late_ms = row.clamped_ms_max
                        faults.append(f"{topic}/{number}: a claim was above a record, {late_ms} ms")
        return faults

    def _replay_faults(self) -> list[str]:
        """Compare outputs and rows with an uncrashed production replay of the journal."""
        task_count = self.settings.lifecycle_task_count
        journal = self._topic(JOURNAL_TOPIC)
        wanted: dict[tuple[str, bytes | None], list[bytes | None]] = defaultdict(list)
        faults = []
        for task in range(task_count):
            mine = range(task, len(journal), task_count)
            replayed = replay(
                LifecycleFold(task, task_count),
                (record for number in mine for record in journal[number]),
                sources=[(JOURNAL_TOPIC, number) for number in mine],
            )
            for output in replayed.outputs:
                wanted[output.topic, output.key].append(output.value)
            rows = self._rows("lifecycle", task)
            rows.pop(OFFSETS_KEY, None)
            if rows != replayed.rows:
                faults.append(f"lifecycle task {task}: rows differ from those of a replay")
        made: dict[tuple[str, bytes | None], list[bytes | None]] = defaultdict(list)
        for topic in OUTPUT_TOPICS:
            for partition in self._topic(topic):
                for record in partition:
                    made[topic, record.key].append(record.value)
        if made != wanted:
            faults.append("outputs differ from those of a replay")
        return faults

    def _create_topics(self) -> None:
        broker, settings = self.cluster.broker, self.settings
        for topic, count in self.known_count.items():
            broker.create_topic(topic, count)
        for topic in (REJECTED_TOPIC, *OUTPUT_TOPICS):
            broker.create_topic(topic, 3)
        broker.create_topic(PROGRESS_TOPIC, 1)
        broker.create_topic(JOURNAL_TOPIC, settings.journal_partition_count)
        broker.create_topic(STATE_TOPICS["ingest"], settings.ingest_task_count)
        broker.create_topic(STATE_TOPICS["clock"], 1)
        broker.create_topic(STATE_TOPICS["lifecycle"], settings.lifecycle_task_count)

    async def _produce(self, coming: Sequence[Upstream]) -> None:
        """Append chunk by chunk, some in transactions that stay open while others go on."""
        async with asyncio.TaskGroup() as transactions:
            place = 0
            while place < len(coming):
                chunk = coming[place : place + self.chance.randint(1, CHUNK_COUNT_MAX)]
                place += len(chunk)
                await asyncio.sleep(self.chance.uniform(0, 2 * FEED_S * len(chunk) / RECORD_COUNT))
                if self.chance.random() < PLAIN_RATIO:
                    for record in chunk:
                        self.cluster.broker.append(self._placed(record))
                else:
                    transactions.create_task(self._in_transaction(chunk))

    async def _in_transaction(self, chunk: Sequence[Upstream]) -> None:
        """Append a chunk in a transaction; one that is taken back is sent again."""
        transaction = self.cluster.broker.open_transaction()
        for record in chunk:
            transaction.append(self._placed(record))
        await asyncio.sleep(self.chance.uniform(0, OPEN_S_MAX))
        aborted = self.chance.random() < ABORT_RATIO
        transaction.end(Outcome.ABORTED if aborted else Outcome.COMMITTED)
        if aborted:
            await self._in_transaction(chunk)

    async def _grow(self) -> None:
        """Give a source topic more partitions."""
        await asyncio.sleep(self.chance.uniform(0, FEED_S))
        topic = self.chance.choice(SOURCE_TOPICS[:-1])
        count = self.cluster.broker.partition_count(topic) + self.chance.randint(1, 2)
        self.cluster.broker.create_topic(topic, count)

    def _placed(self, record: Upstream) -> OutputRecord:
        """Return a record as its producer appends it: by key."""
        return OutputRecord(record.topic, record.key, record.value, record.headers)

    def _topic(self, name: str) -> list[list[StoredRecord]]:
        """Return every committed record of a topic by partition."""
        broker = self.cluster.broker
        partitions = [
            broker.partition(SourcePartition(name, number))
            for number in range(broker.partition_count(name))
        ]
        return [partition.read(0, partition.highwater)[0] for partition in partitions]

    def _rows(self, fold: str, task: int) -> dict[bytes, bytes]:
        """Return what the changelog of a task would hold once compacted."""
        rows = {record.key or b"": record.value for record in self._topic(STATE_TOPICS[fold])[task]}
        return {key: value for key, value in rows.items() if value is not None}

    def _read_to(self, fold: str) -> dict[tuple[str, int], int]:
        """Return the next offset of every source partition that a fold has read."""
        read_to = {}
        for task in range(self.cluster.broker.partition_count(STATE_TOPICS[fold])):
            if (row := self._rows(fold, task).get(OFFSETS_KEY)) is not None:
                for topic, partitions in decode_offsets_row(row).items():
                    read_to.update({(topic, number): at for number, at in partitions.items()})
        return read_to


def _checkable(topic: list[list[StoredRecord]]) -> Topic:
    """Return a topic as the checker reads it."""
    return [[LogRecord(*record) for record in partition] for partition in topic]
