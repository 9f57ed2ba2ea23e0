"""
Fold the progress of the ingest tasks into ticks: the two clocks of every tenant (SEMANTICS T2).

Section 2 of docs/core.md. Ticks are made at the end of a slice only, so a catch-up gives one tick
for all the progress it has read, not one for each.
"""

from collections.abc import Mapping, Sequence

from lifecycle.claims import STEP_MS
from schemas.codec import (
    customer_key,
    decode_clock_row,
    decode_progress,
    decode_row,
    encode_json,
    encode_row,
)
from schemas.journal import JournalEnvelope, SourceCoordinates, Tick
from schemas.records import BROADCAST, Applied, Claim, Drained, OutputRecord, Row, SourceRecord
from schemas.routing import JOURNAL_TOPIC
from schemas.state_source import ClockRow, ProgressRow


class ClockFold:
    """The one task of the clock (port: `streams.fold.Fold`)."""

    def __init__(self, task: int, task_count: int) -> None:
        """
        Prepare.

        Raises:
            ValueError: more than one task; each would tick for itself.

        """
        if (task, task_count) != (0, 1):
            raise ValueError(f"wanted clock task 0 of 1, found {task} of {task_count}")
        self._progress: dict[int, ProgressRow] = {}
        self._ingest_task_count = 0
        self._ticks: dict[str, ClockRow] = {}
        self._newest: SourceCoordinates | None = None
        self._changed_tasks: dict[int, None] = {}
        self._changed_ticks: dict[str, None] = {}
        self._outputs: list[OutputRecord] = []

    def restore(self, row: Row) -> None:
        """Take one row of `clock.state.v1`."""
        kind, _, name = row.key.decode().partition("|")
        if kind == "#tick":
            if row.value is None:
                self._ticks.pop(name, None)
            else:
                self._ticks[name] = decode_clock_row(row.value)
        elif kind == "#claims":
            if row.value is None:
                self._progress.pop(int(name), None)
            else:
                self._remember(int(name), decode_row(row.value, ProgressRow))

    def open(self, sources: Sequence[tuple[str, int]]) -> None:
        """Begin; there is no index to build."""

    def observe(self, row: Row) -> None:
        """Ignore: the clock's rows are its own."""

    def apply(self, record: SourceRecord) -> Applied:
        """Take the newest word of one ingest task."""
        if record.value:
            said = decode_progress(record.value)
            row = ProgressRow(said.task_count, said.claims, said.tenants, said.backfill)
            self._remember(said.task, row)
            self._changed_tasks[said.task] = None
            self._newest = SourceCoordinates(record.topic, record.partition, record.offset)
        return Applied.DONE

    def close_slice(self, claims: Sequence[Claim]) -> None:  # noqa: ARG002 (it reads progress)
        """Tick for every tenant whose watermark has moved by a second."""
        if self._newest is None:
            return
        tenants = {tenant for row in self._progress.values() for tenant in row.tenants}
        for tenant in sorted(tenants):
            clocks = self._clocks(tenant)
            if clocks is not None:
                self._tick(tenant, clocks, self._newest)
        self._newest = None

    def drain(self) -> Drained:
        """
        Return what has changed since the last drain.

        Ticks come before the words of ingest tasks: a task that reads its own word in these rows
        has read every tick that was made without it.
        """
        rows = [
            Row(f"#tick|{tenant}".encode(), encode_row(self._ticks[tenant]))
            for tenant in self._changed_ticks
        ]
        rows += [
            Row(f"#claims|{task}".encode(), encode_row(self._progress[task]))
            for task in self._changed_tasks
        ]
        self._changed_ticks.clear()
        self._changed_tasks.clear()
        outputs, self._outputs = self._outputs, []
        return Drained(rows, outputs)

    def counts(self) -> Mapping[str, int]:
        """Return nothing: the clock counts nothing."""
        return {}

    def _remember(self, task: int, row: ProgressRow) -> None:
        """Keep a task's word; the newest one says how many tasks there are."""
        self._progress[task] = row
        self._ingest_task_count = row.task_count

    def _clocks(self, tenant: str) -> ClockRow | None:
        """Return both clocks as the claims have them now, None while a task holds the tenant."""
        claims: list[int] = []
        backfill = False
        for task in range(self._ingest_task_count):
            row = self._progress.get(task)
            if row is None or row.task_count != self._ingest_task_count or tenant not in row.claims:
                return None
            claim = row.claims[tenant]
            if claim is not None:
                claims.append(claim)
            backfill = backfill or tenant in row.backfill
        if not claims or min(claims) <= 0:
            return None
        watermark_at_ms = min(claims)
        now_at_ms = watermark_at_ms if backfill else max(claims)
        return ClockRow(now_at_ms, watermark_at_ms, backfill)

    def _tick(self, tenant: str, clocks: ClockRow, cause: SourceCoordinates) -> None:
        """Write one tick to every journal partition, if the watermark has moved by a second."""
        last = self._ticks.get(tenant)
        if last is not None:
            if clocks.watermark_at_ms < last.watermark_at_ms + STEP_MS:
                return
            now_at_ms = max(last.now_at_ms, clocks.now_at_ms)
            clocks = ClockRow(now_at_ms, clocks.watermark_at_ms, clocks.backfill)
        self._ticks[tenant] = clocks
        self._changed_ticks[tenant] = None
        now_at_ms, watermark_at_ms = clocks.now_at_ms, clocks.watermark_at_ms
        envelope = JournalEnvelope(
            tenant=tenant,
            customer_token="",
            journal_at_ms=now_at_ms,
            occurred_at_ms=now_at_ms,
            event_id=f"tick-{tenant}-{now_at_ms}-{watermark_at_ms}",
            event_source="cardcue/clock",
            source=cause,
            backfill=clocks.backfill,
            record=Tick(
                now_at_ms=now_at_ms,
                watermark_at_ms=watermark_at_ms,
                backfill=clocks.backfill,
            ),
        )
        key = customer_key(tenant, "")
        self._outputs.append(
            OutputRecord(JOURNAL_TOPIC, key, encode_json(envelope), partition=BROADCAST)
        )
