"""
Fold source records into the journal: validated, re-keyed and timed, or rejected with a reason.

Section 1 of docs/core.md, steps 7 to 9, claims, progress and pace. The fold keeps no state but
counts and claims; what a record says is read by `schemas.incoming`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from lifecycle.claims import STEP_MS, SourcePartition, TaskClaims
from lifecycle.rejected import rejected_record
from schemas.codec import (
    customer_key,
    decode_clock_row,
    decode_row,
    decode_source_row,
    encode_json,
    encode_row,
)
from schemas.incoming import Incoming, SourceReader
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.records import BROADCAST, Applied, Claim, Drained, OutputRecord, Row, SourceRecord
from schemas.rejects import RejectedError
from schemas.routing import JOURNAL_TOPIC, SourceBinding
from schemas.state_source import ProgressRow, SourceRow


LEAD_MS_MIN: Final = 2 * STEP_MS

HEADS_KEY: Final = b"#heads"
"""Row `{tenant: least event time of its history}`, which sets the pace until the first tick."""


class IngestFold:
    """One task of ingest (port: `streams.fold.Fold`)."""

    def __init__(
        self,
        task: int,
        task_count: int,
        *,
        bindings: Sequence[SourceBinding],
        tenants: Sequence[str],
        backfill_lead_ms: int = 3_600_000,
    ) -> None:
        """
        Prepare for task `task` of `task_count`; a history may run `backfill_lead_ms` ahead.

        Raises:
            ValueError: a lead so short that a record could wait for a tick that never comes, as
                claims and ticks move in steps of a second each.

        """
        if backfill_lead_ms < LEAD_MS_MIN:
            raise ValueError(f"wanted a lead of {LEAD_MS_MIN} ms or more, found {backfill_lead_ms}")
        self._bindings = {binding.topic: binding for binding in bindings}
        self._readers = {binding.topic: SourceReader(binding, tenants) for binding in bindings}
        self._backfill = frozenset(
            binding.tenant for binding in bindings if binding.time_source == "records"
        )
        self._lead_ms = backfill_lead_ms
        self._claims = TaskClaims(task, task_count, tenants, self._backfill)
        self._own_claims_key = f"#claims|{task}".encode()
        self._sources: dict[tuple[str, int], SourcePartition] = {}
        self._restored: dict[bytes, SourceRow] = {}
        self._heads: dict[str, int] = {}
        self._heads_changed = False
        self._outputs: list[OutputRecord] = []
        self._has_news = False

    def restore(self, row: Row) -> None:
        """Take one row of `ingest.state.v1`."""
        if row.value is None:
            self._restored.pop(row.key, None)
        elif row.key.startswith(b"#source|"):
            self._restored[row.key] = decode_source_row(row.value)
        elif row.key == HEADS_KEY:
            self._heads = decode_row(row.value, dict[str, int])
        else:
            self._claims.restore(row)

    def open(self, sources: Sequence[tuple[str, int]]) -> None:
        """Begin to read these partitions, or these as well."""
        for topic, partition in sources:
            if (topic, partition) not in self._sources:
                key = f"#source|{topic}|{partition}".encode()
                row = self._restored.pop(key, None) or SourceRow()
                self._sources[topic, partition] = SourcePartition(key, self._bindings[topic], row)
        self._claims.open(self._sources.values())

    def observe(self, row: Row) -> None:
        """Take a row of `clock.state.v1`: the watermarks, and what the clock knows of this task."""
        if row.value is None:
            return
        if row.key.startswith(b"#tick|"):
            tenant = row.key.removeprefix(b"#tick|").decode()
            self._claims.observe_watermark(tenant, decode_clock_row(row.value))
        elif row.key == self._own_claims_key:
            self._claims.observe_claims(decode_row(row.value, ProgressRow).claims)

    def apply(self, record: SourceRecord) -> Applied:
        """Forward, reject or note one record; or let it wait for the clock."""
        source = self._sources[record.topic, record.partition]
        try:
            incoming = self._readers[record.topic].read(record)
        except RejectedError as refusal:
            self._reject(source, record, refusal)
            return Applied.DONE
        if self._must_wait(source, incoming):
            source.waits = True
            return Applied.WAIT
        source.waits = False
        if incoming.kind.concerns == "partition":
            source.count(f"marker||{incoming.kind.event_type}")
            if source.is_history:
                source.raise_claim(incoming.occurred_at_ms)
        else:
            self._forward(source, record, incoming)
            if source.is_history:
                source.raise_claim(incoming.occurred_at_ms - 1)
        self._has_news = True
        return Applied.DONE

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """Take the claims of live partitions and publish what has moved by a second."""
        for topic, partition, sampled_at_ms in claims:
            source = self._sources.get((topic, partition))
            # a record that waits is younger than no claim; a history speaks for itself
            if source is not None and not source.is_history and not source.waits:
                source.raise_claim(sampled_at_ms - 1 - source.binding.clock_skew_ms)
        progress = self._claims.close_slice()
        if progress is not None:
            self._outputs.append(progress)
            self._has_news = True

    def drain(self) -> Drained:
        """Return what is new since the last drain; nothing at all if nothing but claims crept."""
        if not self._has_news:
            return Drained((), ())
        self._has_news = False
        touched = [source.saved_row() for source in self._sources.values()]
        saved = [row for row in touched if row is not None] + self._claims.saved_rows()
        if self._heads_changed:
            saved.append(Row(HEADS_KEY, encode_row(self._heads)))
            self._heads_changed = False
        outputs, self._outputs = self._outputs, []
        return Drained(saved, outputs)

    def counts(self) -> Mapping[str, int]:
        """Return the counts of this task's partitions, added up."""
        total: Counter[str] = Counter()
        for source in self._sources.values():
            total.update(source.row.counts)
        return total

    def _must_wait(self, source: SourcePartition, incoming: Incoming) -> bool:
        """Return whether a record comes too early for the clock (SEMANTICS T3, T7)."""
        tenant = incoming.tenant
        if self._claims.joining(tenant):
            return True
        if not source.is_history:
            return False
        occurred_at_ms = incoming.occurred_at_ms
        watermark_at_ms = self._claims.watermarks.get(tenant)
        if watermark_at_ms is None:
            watermark_at_ms = self._least_head(source, incoming) - 1
        if occurred_at_ms <= watermark_at_ms + self._lead_ms:
            return False
        source.raise_claim(occurred_at_ms - 1)
        return True

    def _least_head(self, source: SourcePartition, incoming: Incoming) -> int:
        """Return where the tenant's history begins, as far as this task knows."""
        occurred_at_ms = incoming.occurred_at_ms
        least = self._heads.get(incoming.tenant)
        if least is not None and least <= occurred_at_ms:
            return least
        if source.binding.holds_watermark:
            self._heads[incoming.tenant] = occurred_at_ms
            self._heads_changed = True
        return occurred_at_ms

    def _forward(self, source: SourcePartition, record: SourceRecord, incoming: Incoming) -> None:
        """Write one envelope, for one customer or for everybody."""
        tenant = incoming.tenant
        envelope = JournalEnvelope(
            tenant=tenant,
            customer_token=incoming.customer_token,
            journal_at_ms=self._journal_at_ms(source, record, incoming),
            occurred_at_ms=incoming.occurred_at_ms,
            event_id=incoming.event_id,
            event_source=incoming.event_source,
            source=SourceCoordinates(record.topic, record.partition, record.offset),
            lateness_ms=source.binding.lateness_ms,
            backfill=tenant in self._backfill,
            record=incoming.record,
        )
        key = customer_key(tenant, incoming.customer_token)
        if incoming.kind.concerns == "customer":
            source.count(f"forwarded|{tenant}|{incoming.kind.event_type}")
            output = OutputRecord(JOURNAL_TOPIC, key, encode_json(envelope))
        else:
            source.count(f"control|{tenant}|{incoming.kind.event_type}")
            output = OutputRecord(JOURNAL_TOPIC, key, encode_json(envelope), partition=BROADCAST)
        self._outputs.append(output)

    def _journal_at_ms(
        self, source: SourcePartition, record: SourceRecord, incoming: Incoming
    ) -> int:
        """Return journal time (SEMANTICS T1, T3): never at or below a claim made before."""
        claim_at_ms = self._claims.published.get(incoming.tenant) or 0
        if source.is_history:
            at_ms = incoming.occurred_at_ms
            claim_at_ms = max(claim_at_ms, source.row.claim_at_ms)
        else:
            at_ms = record.timestamp
        if at_ms > claim_at_ms:
            return at_ms
        raised_at_ms = claim_at_ms + 1
        source.count(f"clamped|{incoming.tenant}|")
        source.row.clamped_ms_max = max(source.row.clamped_ms_max, raised_at_ms - at_ms)
        return raised_at_ms

    def _reject(
        self, source: SourcePartition, record: SourceRecord, refusal: RejectedError
    ) -> None:
        """Keep the record as it came, and say why beside it."""
        source.waits = False
        source.count(f"rejected|{refusal.tenant}|{refusal.reason}")
        self._outputs.append(rejected_record(record, refusal))
        self._has_news = True
