"""
Define the changelog rows of ingest and of the clock: sources, claims, ticks.

As with customers' rows, fields are only ever appended, with defaults.
"""

from msgspec import Struct, field


class ClockRow(Struct, array_like=True, frozen=True):
    """A tenant's two clocks, as `clock.state.v1` (key `#tick|tenant`) and lifecycle keep them."""

    now_at_ms: int
    watermark_at_ms: int
    backfill: bool = False


class ProgressRow(Struct, array_like=True, frozen=True):
    """
    The newest word of one ingest task, as `clock.state.v1` keeps it (key `#claims|task`).

    The fields are those of `schemas.journal.Progress`.
    """

    task_count: int
    claims: dict[str, int | None]
    tenants: tuple[str, ...]
    backfill: tuple[str, ...] = ()


class SourceRow(Struct, array_like=True):
    """
    What ingest remembers of one source partition (key `#source|topic|partition`).

    `claim_at_ms` 0 means never heard from. `counts` has the keys `forwarded|tenant|event_type`,
    `control|tenant|event_type`, `marker||history.ended`, `rejected|tenant|reason` (tenant ""
    where it is not known) and `clamped|tenant|`; `clamped_ms_max` is the worst lateness clamped.
    """

    claim_at_ms: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    clamped_ms_max: int = 0
