"""
Define what travels between the folds: journal envelope, tick and progress.

The journal is the whole input of the lifecycle fold: the same journal gives the same bytes.
"""

from typing import Final

from msgspec import Struct

from schemas.events import AnyEvent
from schemas.insight import ChoicePublished, GuardrailTripped
from schemas.learning import ModelPublished
from schemas.segments import SegmentsPublished


SEMANTICS_VERSION: Final = 1
"""Raised by every release that changes golden bytes (SEMANTICS B3)."""


class Tick(Struct, frozen=True, kw_only=True, tag_field="event_type", tag="tick"):
    """
    A tenant's two clocks (SEMANTICS T2), epoch milliseconds UTC.

    `now_at_ms` is the newest journal time known, `watermark_at_ms` how far every source of the
    tenant has been read; both never decrease. While `backfill` is true they are equal.
    """

    now_at_ms: int
    watermark_at_ms: int
    backfill: bool = False


class SourceCoordinates(Struct, frozen=True, array_like=True):
    """Where a record came from: printed as `[topic, partition, offset]`."""

    topic: str
    partition: int
    offset: int


class JournalEnvelope(Struct, frozen=True, kw_only=True):
    """
    One record of the journal (SEMANTICS B3).

    `journal_at_ms` is journal time (T1), `occurred_at_ms` event time; `lateness_ms` is what the
    source declared and bounds absence timers from below (T5); `event_source` + `event_id` are
    the deduplication key (B2). Records that concern everybody have `customer_token` "".
    `backfill` says that the tenant's history is being loaded, so this record moves no clock (T7).
    """

    v: int = 1
    tenant: str
    customer_token: str
    journal_at_ms: int
    occurred_at_ms: int
    event_id: str
    event_source: str
    source: SourceCoordinates
    lateness_ms: int = 0
    backfill: bool = False
    key_id: str = ""
    semantics_version: int = SEMANTICS_VERSION
    record: (
        AnyEvent | Tick | ModelPublished | GuardrailTripped | ChoicePublished | SegmentsPublished
    )


class Progress(Struct, frozen=True, kw_only=True):
    """
    How far one ingest task has read, by tenant (SEMANTICS T3).

    A tenant with a claim of None has no source partition in this task, so the task does not hold
    its watermark; a tenant that is bound but was never heard from is missing and holds it.
    `backfill` lists the tenants whose history is being loaded.
    """

    v: int = 1
    task: int
    task_count: int
    claims: dict[str, int | None]
    tenants: tuple[str, ...]
    backfill: tuple[str, ...] = ()
