"""Tell the shell which folds there are and how one is made; settings in, specifications out."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from agents.learning import learning_fold
from lifecycle.clock import ClockFold
from lifecycle.fold import LifecycleFold
from lifecycle.ingest import IngestFold
from lifecycle.insight.fold import InsightFold
from schemas.routing import (
    DECISIONS_TOPIC,
    JOURNAL_TOPIC,
    OUTCOMES_TOPIC,
    PROGRESS_TOPIC,
    STATE_TOPICS,
)
from streams.fold import Fold
from streams.settings import FoldName, Settings


class Spec(Struct, frozen=True, kw_only=True):
    """What the shell must know of a fold (port: `streams.fold.FoldSpec`)."""

    name: FoldName
    source_topics: tuple[str, ...]
    changelog_topic: str
    make: Callable[[int, int], Fold]
    observed_topic: str = ""


def fold_specs(settings: Settings) -> Mapping[FoldName, Spec]:
    """Return the specification of every fold, in the order of the way of an event."""
    return {
        "ingest": Spec(
            name="ingest",
            source_topics=tuple(binding.topic for binding in settings.bindings),
            changelog_topic=STATE_TOPICS["ingest"],
            # for the pace of a history (T7), and so that a task which gets its first partition
            # of a tenant learns how far the watermark is (T3)
            observed_topic=STATE_TOPICS["clock"],
            make=_ingest(settings),
        ),
        "clock": Spec(
            name="clock",
            source_topics=(PROGRESS_TOPIC,),
            changelog_topic=STATE_TOPICS["clock"],
            make=ClockFold,
        ),
        "lifecycle": Spec(
            name="lifecycle",
            source_topics=(JOURNAL_TOPIC,),
            changelog_topic=STATE_TOPICS["lifecycle"],
            make=_lifecycle(settings),
        ),
        "learning": Spec(
            name="learning",
            source_topics=(OUTCOMES_TOPIC,),
            changelog_topic=STATE_TOPICS["learning"],
            make=learning_fold,
        ),
        "insight": Spec(
            name="insight",
            source_topics=(DECISIONS_TOPIC, OUTCOMES_TOPIC),
            changelog_topic=STATE_TOPICS["insight"],
            make=InsightFold,
        ),
    }


def _ingest(settings: Settings) -> Callable[[int, int], Fold]:
    """Return what makes an ingest fold of (task, task_count)."""
    return lambda task, task_count: IngestFold(
        task,
        task_count,
        bindings=settings.bindings,
        tenants=settings.tenants,
        backfill_lead_ms=settings.backfill_lead_ms,
    )


def _lifecycle(settings: Settings) -> Callable[[int, int], Fold]:
    """Return what makes a lifecycle fold of (task, task_count)."""
    return lambda task, task_count: LifecycleFold(
        task,
        task_count,
        erasure_secrets=settings.erasure_secrets,
        unsigned_allowed=settings.profile == "development",
        journal_partition_count=settings.journal_partition_count,
    )
