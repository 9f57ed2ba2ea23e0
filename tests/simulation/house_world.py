"""
The whole house: two banks through all folds, judged by the independent checker.

A *brief* house is over within seconds and has few customers; a *long* one has the banks of the
proof on a real Kafka for a minute. At times a bank comes with a history instead of live sources.
"""

import random
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Final

from msgspec import Struct

from agents.specs import fold_specs
from schemas.codec import decode_offsets_row
from schemas.records import OutputRecord
from schemas.routing import (
    DECISIONS_TOPIC,
    INSIGHT_TOPIC,
    JOURNAL_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    PROGRESS_TOPIC,
    REJECTED_TOPIC,
    SOURCE_TOPICS,
    STATE_TOPICS,
    TRIGGER_TOPICS,
    SourceBinding,
)
from schemas.state import OFFSETS_KEY
from streams.settings import FoldName, Settings
from streams.topic_table import FOLDS
from tests.proof import world as proof
from tests.proof.forms import Upstream
from tests.proof.world import TENANTS
from tests.simulation import history
from tests.simulation.cluster import EPOCH_MS, Cluster
from tests.simulation.feed import Feed, Timed
from tests.simulation.judge import judge
from tests.simulation.misfortunes import BRIEF, LONG, Weather
from tests.simulation.short_lives import TOPICS, lives


CAMPAIGNS: Final = Path(__file__).parent / "campaigns"
CONTROL_TOPIC: Final = "marketing.control.v1"
OUTPUT_TOPICS: Final = (*TRIGGER_TOPICS.values(), DECISIONS_TOPIC, OUTCOMES_TOPIC, OFFERS_TOPIC)


class Shape(Struct, frozen=True, kw_only=True):
    """
    How much of a house there is.

    `feed_s` is how long its producers are busy, `over_s` when it may end at the earliest. A history
    (in so many of the houses) ends at `history_s`, above all that any of its records tells: what
    is above the end of another partition would wait for ever.
    """

    weather: Weather
    feed_s: float
    over_s: float
    partition_count_max: int
    worker_count_max: int
    history_ratio: float
    history_s: float
    campaigns: Path
    topics: tuple[str, ...]


BRIEF_HOUSE: Final = Shape(
    weather=BRIEF,
    feed_s=2.6,
    over_s=4.3,
    partition_count_max=2,
    worker_count_max=2,
    history_ratio=0.1,
    history_s=4.5,
    campaigns=CAMPAIGNS,
    topics=(*TOPICS, CONTROL_TOPIC),
)
LONG_HOUSE: Final = Shape(
    weather=LONG,
    feed_s=50.0,
    over_s=80.0,
    partition_count_max=3,
    worker_count_max=3,
    history_ratio=0.5,
    history_s=120.0,
    campaigns=proof.CAMPAIGNS,
    topics=SOURCE_TOPICS,
)
LONG_RECORD_COUNT: Final = 500


class HouseWorld:
    """What goes in, and what must come out."""

    def __init__(self, cluster: Cluster, chance: random.Random, shape: Shape) -> None:
        """Make the topics and start the workers."""
        self.cluster, self.shape, self._chance = cluster, shape, chance
        self.contracts = {topic: topic for topic in shape.topics}
        self.with_history = chance.random() < shape.history_ratio
        if self.with_history:
            self.contracts |= history.TOPICS
        both = self.with_history or shape is not BRIEF_HOUSE or chance.random() < 0.4
        self.tenants = TENANTS if both else TENANTS[:1]
        self.settings = self._draw_settings()
        count_max = shape.partition_count_max
        self.known_count = {topic: chance.randint(1, count_max) for topic in self.contracts}
        self._create_topics()
        self.coming = self._draw_coming()
        self._specs = fold_specs(self.settings)
        names = [f"worker-{number}" for number in range(chance.randint(1, shape.worker_count_max))]
        cluster.start(names, self._specs, self.settings)

    async def feed(self, kept: Collection[int] | None) -> None:
        """Play the control plane, then the banks' events with the numbers in `kept` (None: all)."""
        cluster = self.cluster
        for record in self._controls():
            cluster.broker.append(_placed(record))
        growing = [topic for topic in self.contracts if topic != CONTROL_TOPIC]
        chance = random.Random(self._chance.random())  # noqa: S311 (chance that can be told again)
        feed = Feed(cluster.broker, cluster.fate, chance, growing)
        await feed.play(self.coming, kept)
        for topic in history.TOPICS if self.with_history else ():
            for partition in range(cluster.broker.partition_count(topic)):
                ended = history.end(topic, partition, EPOCH_MS + int(self.shape.history_s * 1000))
                cluster.broker.append(OutputRecord(topic, None, ended.value, (), partition))

    def finished(self) -> bool:
        """Return whether every fold has read what is there for it."""
        broker = self.cluster.broker
        return (
            broker.nothing_open
            and self._is_read("lifecycle", [JOURNAL_TOPIC])
            and self._is_read("ingest", self.contracts)
            and self._is_read("learning", [OUTCOMES_TOPIC])
            and self._is_read("insight", [DECISIONS_TOPIC, OUTCOMES_TOPIC])
            and self._has_ticks()
        )

    def faults(self) -> list[str]:
        """Return which rules are broken, and where."""
        return judge(self.cluster.broker, self.settings, self.contracts, self.known_count)

    def _has_ticks(self) -> bool:
        """Return whether the clock has ticked for every tenant."""
        rows = {record.key for record in self.cluster.broker.committed(STATE_TOPICS["clock"])[0]}
        return all(f"#tick|{tenant}".encode() in rows for tenant in self.tenants)

    def _draw_settings(self) -> Settings:
        """Return how this house is set up."""
        chance = self._chance
        bindings = tuple(
            SourceBinding(
                topic=topic,
                lateness_ms=chance.choice([0, 0, 300, 900]),
                clock_skew_ms=chance.choice([0, 0, 30]),
            )
            for topic in self.shape.topics
        )
        task_count_max = self.shape.partition_count_max
        lifecycle_task_count = chance.randint(1, task_count_max)
        return Settings(
            tenants=self.tenants,
            bindings=(*bindings, *(history.bindings() if self.with_history else ())),
            backfill_lead_ms=history.LEAD_MS,
            journal_partition_count=lifecycle_task_count + chance.randint(0, 1),
            ingest_task_count=chance.randint(1, task_count_max),
            lifecycle_task_count=lifecycle_task_count,
            learning_task_count=lifecycle_task_count,
            insight_task_count=lifecycle_task_count,
            transaction_record_count_max=chance.choice([10, 100, 500]),
            linger_idle_ms=chance.choice([0, 20]),
            linger_busy_ms=chance.choice([0, 20, 50]),
            metadata_refresh_ms=int(chance.choice([0.5, 2]) * self.shape.weather.session_s * 1000),
        )

    def _draw_coming(self) -> list[Timed]:
        """Return what the banks' producers will append, and when."""
        if self.shape is BRIEF_HOUSE:
            told: list[tuple[float, Upstream]] = list(
                lives(self._chance, self.tenants, epoch_ms=EPOCH_MS, feed_s=self.shape.feed_s)
            )
        else:
            seed = self._chance.randrange(1_000_000)
            records = list(
                proof.records(LONG_RECORD_COUNT, seed=seed, at_ms=EPOCH_MS + 40_000, label="s")
            )
            pace_s = self.shape.feed_s / len(records)
            told = [(number * pace_s, record) for number, record in enumerate(records)]
        if self.with_history:
            told = [(at_s, past) for at_s, one in told if (past := history.written(one))]
        return [Timed(at_s, _placed(record)) for at_s, record in told]

    def _controls(self) -> list[Upstream]:
        """Return what makes the banks live: in a brief house one or two of the campaigns."""
        names, records = _all_controls(self.shape.campaigns)
        told = set(self._chance.sample(names, self._chance.choice([1, 1, 2])))
        left_out = set(names) - told if self.shape is BRIEF_HOUSE else set()
        left_out |= set(TENANTS) - set(self.tenants)
        return [
            record
            for record in records
            if not any(b'"%b"' % name.encode() in (record.value or b"") for name in left_out)
        ]

    def _create_topics(self) -> None:
        """Create every topic; a broker's clock may be as far behind as its binding says."""
        broker, settings = self.cluster.broker, self.settings
        for binding in settings.bindings:
            broker.create_topic(binding.topic, self.known_count[binding.topic], create_time=True)
            broker.behind_ms[binding.topic] = binding.clock_skew_ms
        for topic in (REJECTED_TOPIC, INSIGHT_TOPIC, *OUTPUT_TOPICS):
            broker.create_topic(topic, self.shape.partition_count_max)
        broker.create_topic(PROGRESS_TOPIC, 1)
        broker.create_topic(JOURNAL_TOPIC, settings.journal_partition_count)
        for name in FOLDS:
            broker.create_topic(STATE_TOPICS[name], settings.task_count(name))

    def _is_read(self, fold: FoldName, topics: Collection[str]) -> bool:
        """Return whether a fold's offsets rows say that it has read all there is."""
        read_to: dict[tuple[str, int], int] = {}
        for rows in self.cluster.broker.committed(STATE_TOPICS[fold]):
            newest = next((row for row in reversed(rows) if row.key == OFFSETS_KEY), None)
            offsets = decode_offsets_row(newest.value) if newest and newest.value else {}
            for topic, partitions in offsets.items():
                read_to |= {(topic, number): at for number, at in partitions.items()}
        return all(
            partition[-1].offset < read_to.get((topic, number), 0)
            for topic in topics
            for number, partition in enumerate(self.cluster.broker.committed(topic))
            if partition
        )


@lru_cache
def _all_controls(folder: Path) -> tuple[tuple[str, ...], tuple[Upstream, ...]]:
    """Return every campaign's name, and what publishes all; the files are read once a process."""
    names = tuple(sorted(path.stem for path in folder.glob("*.yaml")))
    return names, tuple(proof.controls(EPOCH_MS, folder))


def _placed(record: Upstream) -> OutputRecord:
    """Return a record as its producer appends it: by key."""
    return OutputRecord(record.topic, record.key, record.value, record.headers)
