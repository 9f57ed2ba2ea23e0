"""
Keep how far an ingest task has read: the claims of its source partitions and of its tenants.

A tenant's claim is the minimum over the partitions that hold its watermark (SEMANTICS T3). What is
held here, and what journal times are raised above, is the claim last published: it commits in the
transaction that carries its progress record, so it is true by construction and a successor finds
it in the row `#claims`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from schemas.codec import decode_row, encode_json, encode_row
from schemas.journal import Progress
from schemas.records import OutputRecord, Row
from schemas.routing import PROGRESS_TOPIC, SourceBinding
from schemas.state_source import ClockRow, SourceRow


STEP_MS: Final = 1_000
"""How far a claim must move to be worth a progress record, and a watermark to be worth a tick."""

CLAIMS_KEY: Final = b"#claims"
JOINING_MAX: Final = 0
"""Greatest claim of a tenant whose first partition this task has just got: 0 when the task joins
for the first time, then -1, -2, ...: the clock's rows may still tell of an earlier time."""


class SourcePartition:
    """One source partition of this task, and what its row remembers."""

    __slots__ = ("binding", "changed", "is_history", "key", "row", "waits")

    def __init__(self, key: bytes, binding: SourceBinding, row: SourceRow) -> None:
        """Take the restored or a new row, and the key it is saved under."""
        self.binding = binding
        self.key = key
        self.row = row
        self.is_history = binding.time_source == "records"
        self.changed = False
        self.waits = False

    def raise_claim(self, claim_at_ms: int) -> None:
        """Take a later claim; an earlier one changes nothing."""
        self.row.claim_at_ms = max(self.row.claim_at_ms, claim_at_ms)

    def count(self, key: str) -> None:
        """Count one record."""
        counts = self.row.counts
        counts[key] = counts.get(key, 0) + 1
        self.changed = True

    def saved_row(self) -> Row | None:
        """Return the row if a record has changed it; a claim alone is soon sampled again."""
        if not self.changed:
            return None
        self.changed = False
        return Row(self.key, encode_row(self.row))


class TaskClaims:
    """
    The claims of one task by tenant, as last published; missing where the watermark is held.

    A task that had no partition of a tenant (claim None) and gets its first one may hold records
    older than the tenant's watermark. It joins: it publishes a claim of 0 or below which it has
    not used before; that holds the watermark. And it lets the tenant's records wait until the
    clock's own row shows that it has taken this; the watermark seen then can rise no more, and
    becomes the claim.
    """

    def __init__(
        self, task: int, task_count: int, tenants: Collection[str], backfill: Collection[str]
    ) -> None:
        """Begin without any claim; `backfill` are the tenants whose history is being loaded."""
        self.published: dict[str, int | None] = {}
        self.watermarks: dict[str, int] = {}
        self._joins = 0
        self._joins_key = f"#joins|{task}".encode()
        self._task = task
        self._task_count = task_count
        self._tenants = tuple(sorted(tenants))
        self._backfill = tuple(sorted(backfill))
        self._holders: Mapping[str, Sequence[SourcePartition]] = {}
        self._shared: Sequence[SourcePartition] = ()
        self._unpublished = False
        self._unsaved = False

    def restore(self, row: Row) -> None:
        """Take a row of a predecessor, if it is one of ours: `#claims`, or how often we joined."""
        if row.value is not None and row.key == CLAIMS_KEY:
            self.published = decode_row(row.value, dict[str, int | None])
        elif row.value is not None and row.key == self._joins_key:
            self._joins = decode_row(row.value, int)

    def open(self, sources: Iterable[SourcePartition]) -> None:
        """Learn which partitions hold whose watermark; begin to join where there were none."""
        holding = [source for source in sources if source.binding.holds_watermark]
        self._shared = [source for source in holding if source.binding.tenant == "*"]
        self._holders = {
            tenant: [source for source in holding if source.binding.tenant == tenant]
            for tenant in self._tenants
        }
        for tenant in self._tenants:
            if tenant in self.published and self.published[tenant] is None and self._held(tenant):
                self._publish(tenant, JOINING_MAX - self._joins)
                self._joins += 1

    def observe_watermark(self, tenant: str, row: ClockRow) -> None:
        """Take a tenant's tick as the clock has committed it."""
        self.watermarks[tenant] = max(self.watermarks.get(tenant, 0), row.watermark_at_ms)

    def observe_claims(self, claims: Mapping[str, int | None]) -> None:
        """Take what the clock remembers of this task; who was joining has joined."""
        for tenant, claim in claims.items():
            if self.joining(tenant) and claim == self.published[tenant]:
                self._publish(tenant, max(self.watermarks.get(tenant, 0), JOINING_MAX + 1))

    def joining(self, tenant: str) -> bool:
        """Return whether the clock has still to learn that this task reads of the tenant."""
        claim = self.published.get(tenant)
        return claim is not None and claim <= JOINING_MAX

    def close_slice(self) -> OutputRecord | None:
        """Return the progress record if a tenant's claim appeared or moved by a second."""
        for tenant in self._tenants:
            self._advance(tenant)
        if not self._unpublished:
            return None
        self._unpublished = False
        self._unsaved = True
        self.published = {
            tenant: self.published[tenant] for tenant in self._tenants if tenant in self.published
        }
        progress = Progress(
            task=self._task,
            task_count=self._task_count,
            claims=self.published,
            tenants=self._tenants,
            backfill=self._backfill,
        )
        key = str(self._task).encode()
        return OutputRecord(PROGRESS_TOPIC, key, encode_json(progress), partition=0)

    def saved_rows(self) -> list[Row]:
        """Return the rows `#claims` and, of who ever joined, `#joins`, where they have changed."""
        if not self._unsaved:
            return []
        self._unsaved = False
        rows = [Row(CLAIMS_KEY, encode_row(self.published))]
        if self._joins:
            rows.append(Row(self._joins_key, encode_row(self._joins)))
        return rows

    def _held(self, tenant: str) -> bool:
        """Return whether a partition of this task holds the tenant's watermark."""
        return bool(self._shared or self._holders[tenant])

    def _advance(self, tenant: str) -> None:
        """Move one tenant's claim, if it is worth a record."""
        known = tenant in self.published
        before = self.published.get(tenant)
        if self.joining(tenant):
            return
        holders = (*self._shared, *self._holders[tenant])
        claim = min((source.row.claim_at_ms for source in holders), default=None)
        if claim is None:
            appeared = not known or before is not None
        elif before is None:
            appeared = claim > 0  # 0: a partition was never heard from
        else:
            appeared = claim >= before + STEP_MS
        if appeared:
            self._publish(tenant, claim)

    def _publish(self, tenant: str, claim: int | None) -> None:
        """Hold this claim from now on; the slice's end writes it down."""
        self.published[tenant] = claim
        self._unpublished = True
