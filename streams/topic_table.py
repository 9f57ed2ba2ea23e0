"""
Say of every topic its partitions, its rules and what it is for: the one table.

`must` is what we would be wrong without, so `cardcue topics check` refuses anything else;
`prefers` is what we create with, and a bank may know better.
"""

from collections.abc import Iterator
from typing import Final, get_args

from msgspec import Struct

from schemas.routing import (
    DECISIONS_TOPIC,
    INSIGHT_TOPIC,
    JOURNAL_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    PROGRESS_TOPIC,
    REJECTED_TOPIC,
    REPLAYED_TOPIC,
    STATE_TOPICS,
    TRIGGER_TOPICS,
    SourceBinding,
)
from schemas.topic_meanings import TOPICS
from streams.settings import FoldName, Settings


FOLDS: Final[tuple[FoldName, ...]] = get_args(FoldName)
"""In the order of the way of an event."""

DAY_MS: Final = 86_400_000
FOR_EVER: Final = {"retention.ms": "-1", "retention.bytes": "-1"}

SOURCE_RETENTION_MS: Final = 7 * DAY_MS
"""Longer than any outage of ours that a bank would sleep through; the journal has it after that."""
TRIGGER_RETENTION_MS: Final = 30 * DAY_MS
"""Triggers expire within days; a gateway's month is for reading them once more."""
OUTCOME_RETENTION_MS: Final = 1_095 * DAY_MS
"""Three years of what is learnt from; the journal makes it anew, whole, at any time."""
REJECTED_RETENTION_MS: Final = 90 * DAY_MS
"""Long enough to correct and replay; not for ever, for what it holds nobody has validated."""

QUIET_SOURCES: Final = frozenset(
    {
        "card.application.v1",
        "card.instalment.v1",
        "card.limit.v1",
        "card.status.v1",
        "customer.risk.v1",
        "customer.service.v1",
        "gateway.response.v1",
        "marketing.control.v1",
    }
)
"""What happens to a customer a few times a year, or to a few of them."""

QUIET_PARTITION_COUNT: Final = 2
"""
Of a quiet source, for its partitions cost as much as busy ones while nothing comes.

Each is fetched again and again, must be heard from before a watermark moves, and has a claim of
its own: 19 sources of 8 would be 38 partitions for each of 4 ingest tasks, so they are 22 or 30. A
task without a partition of a source lacks nothing: it claims by the others (docs/core.md 1).
"""

KEPT_SOURCES: Final = frozenset({"marketing.control.v1"})
"""What `cardcue policy` reads from the beginning: what is active, and who signed it (P3)."""

DELETE: Final = {"cleanup.policy": "delete"}
"""Never compacted: two events, decisions or triggers of one customer are not one."""

# Retention goes by record timestamps: with the broker's own clock a record stays as long as said.
BROKER_TIME: Final = {"message.timestamp.type": "LogAppendTime"}
WRITER_TIME: Final = {"message.timestamp.type": "CreateTime"}

HISTORY_SEGMENT_MS: Final = 3_650 * DAY_MS
"""Segments roll by record time too: two years of history at a week each would be 100 files."""

COMPACTION: Final = {
    # the newest segment is never compacted: at the default 1 GiB a restore reads 3 million stale
    # rows, half a minute of them
    "segment.bytes": str(64 * 2**20),
    # a row that was erased is gone from the disks within two days (SEMANTICS B5)
    "max.compaction.lag.ms": str(DAY_MS),
    "delete.retention.ms": str(DAY_MS),
}


class Topic(Struct, frozen=True, kw_only=True):
    """
    One topic.

    `partition_count_fixed` says that any other count than `partition_count` is an error: keys
    would move to another partition, or tasks would have none. `ours` is False for topics that
    producers own and we only read.
    """

    name: str
    partition_count: int
    partition_count_fixed: bool
    ours: bool
    purpose: str
    must: dict[str, str]
    prefers: dict[str, str]


def topic_table(settings: Settings) -> tuple[Topic, ...]:
    """Return every topic, in the order of the way of an event, each name once."""
    return (*_sources(settings), *_between(settings), *_outputs(settings), *_changelogs(settings))


def _sources(settings: Settings) -> Iterator[Topic]:
    """Yield what producers write."""
    for binding in settings.bindings:
        must, prefers = _source_rules(binding)
        carried = binding.contract or binding.topic
        whose = "tenants named by the producer" if binding.tenant == "*" else binding.tenant
        yield Topic(
            name=binding.topic,
            partition_count=_source_partition_count(binding, settings),
            partition_count_fixed=False,  # producers key and grow it as they like
            ours=False,
            purpose=f"source {carried} of {whose}: {TOPICS[carried].lower()}",
            must=must,
            prefers=prefers,
        )


def _source_partition_count(binding: SourceBinding, settings: Settings) -> int:
    """Return how many partitions to begin with; a history comes at once, so none of it is quiet."""
    quiet = (binding.contract or binding.topic) in QUIET_SOURCES and binding.time_source == "append"
    most = QUIET_PARTITION_COUNT if quiet else settings.source_partition_count
    return min(most, settings.source_partition_count)


def _source_rules(binding: SourceBinding) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a source must and should be: live by the broker's clock, history kept whole."""
    if binding.time_source == "append":
        # T1: claims are true only of timestamps that the broker gives in the order of the log
        carried = binding.contract or binding.topic
        kept = FOR_EVER if carried in KEPT_SOURCES else {"retention.ms": str(SOURCE_RETENTION_MS)}
        return {**DELETE, **BROKER_TIME}, kept
    # old record timestamps are past any retention: the broker would delete the history at once
    return {**DELETE, **FOR_EVER}, {**WRITER_TIME, "segment.ms": str(HISTORY_SEGMENT_MS)}


def _between(settings: Settings) -> Iterator[Topic]:
    """Yield what one fold writes for another."""
    yield Topic(
        name=JOURNAL_TOPIC,
        partition_count=settings.journal_partition_count,
        partition_count_fixed=True,
        ours=True,
        purpose="the whole input of lifecycle, by customer; kept for ever: replay starts here (B4)",
        must={**DELETE, **WRITER_TIME},
        prefers={**FOR_EVER, **_replicas(settings)},
    )
    yield Topic(
        name=PROGRESS_TOPIC,
        partition_count=1,
        partition_count_fixed=True,
        ours=True,
        purpose="how far each ingest task has read; as long as the sources",
        must=DELETE,
        prefers={
            **BROKER_TIME,
            "retention.ms": str(SOURCE_RETENTION_MS),
            **_replicas(settings),
        },
    )


def _outputs(settings: Settings) -> Iterator[Topic]:
    """Yield what others read."""
    kept = {
        **dict.fromkeys(TRIGGER_TOPICS.values(), TRIGGER_RETENTION_MS),
        OFFERS_TOPIC: TRIGGER_RETENTION_MS,
        DECISIONS_TOPIC: -1,
        OUTCOMES_TOPIC: OUTCOME_RETENTION_MS,
        REJECTED_TOPIC: REJECTED_RETENTION_MS,
    }
    purposes = {
        **{topic: f"triggers for the {name} gateway" for name, topic in TRIGGER_TOPICS.items()},
        OFFERS_TOPIC: "units of offers that the bank's offer system is asked to grant",
        DECISIONS_TOPIC: "every decision, sends and non-sends; kept for ever: it is the audit",
        OUTCOMES_TOPIC: "exposures and what came of them: what models and effects are made from",
        REJECTED_TOPIC: "what ingest could not read: original bytes and a reason",
    }
    for name, purpose in purposes.items():
        yield Topic(
            name=name,
            partition_count=settings.output_partition_count,
            # the key of a model's records must not move: they are learnt from in one order (L1)
            partition_count_fixed=name == OUTCOMES_TOPIC,
            ours=True,
            purpose=purpose,
            must=DELETE,
            prefers={
                **BROKER_TIME,
                **FOR_EVER,
                "retention.ms": str(kept[name]),
                **_replicas(settings),
            },
        )


def _changelogs(settings: Settings) -> Iterator[Topic]:
    """Yield what is compacted: the rows of each fold, one partition a task, and what is newest."""
    for fold in FOLDS:
        yield Topic(
            name=STATE_TOPICS[fold],
            partition_count=settings.task_count(fold),
            partition_count_fixed=True,
            ours=True,
            purpose=f"rows of the {fold} fold, its place in the log among them",
            must={"cleanup.policy": "compact"},
            prefers={**COMPACTION, **_replicas(settings)},
        )
    yield Topic(
        name=INSIGHT_TOPIC,
        partition_count=settings.output_partition_count,
        partition_count_fixed=False,
        ours=True,
        purpose="what campaigns have caused and where cards stand, the newest of each partition",
        must={"cleanup.policy": "compact"},
        prefers={**COMPACTION, **_replicas(settings)},
    )
    yield Topic(
        name=REPLAYED_TOPIC,
        partition_count=1,  # markers by the thousand; `cardcue rejected replay` reads them all
        partition_count_fixed=True,
        ours=True,
        purpose="which rejected records were given back, by coordinates, so that none is twice",
        must={"cleanup.policy": "compact"},
        prefers={**COMPACTION, **_replicas(settings)},
    )


def _replicas(settings: Settings) -> dict[str, str]:
    """Return how many replicas must have a record before it counts: one may always be away."""
    return {"min.insync.replicas": "2" if settings.replication_factor >= 3 else "1"}  # noqa: PLR2004
