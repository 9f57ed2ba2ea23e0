"""Meet the shell: a task's journal partitions, fed record by record and drained as bytes."""

from collections.abc import Mapping, Sequence

from lifecycle.counts import total
from lifecycle.partition import NO_SECRETS, Given, Partitions
from lifecycle.printing import printed
from lifecycle.restore import ERASED_PREFIX, restore_customers, restore_own
from lifecycle.step import step
from schemas.codec import decode_envelope
from schemas.records import Applied, Claim, Drained, OutputRecord, Row, SourceRecord


class LifecycleFold:
    """The lifecycle fold of one task (port: `streams.fold.Fold`); partitions share nothing."""

    def __init__(
        self,
        task: int,
        task_count: int,
        *,
        erasure_secrets: Mapping[str, str] = NO_SECRETS,
        unsigned_allowed: bool = True,
        journal_partition_count: int = 1,
    ) -> None:
        """
        Begin with nothing restored.

        `erasure_secrets` by tenant key the markers of erased customers (SEMANTICS B5): a tenant's
        must never change, or its late events would bring the erased back. `unsigned_allowed`
        policies are for development settings (SEMANTICS P3). Offers and budgets are shared by
        the journal's partitions, whose number never changes (SEMANTICS C3).
        """
        self.task = task
        self.task_count = task_count
        self._restored: dict[bytes, bytes] = {}
        self._restored_own: dict[bytes, bytes] = {}
        self._partitions = Partitions(
            Given(erasure_secrets, unsigned_allowed, journal_partition_count)
        )
        self._outputs: list[OutputRecord] = []

    def restore(self, row: Row) -> None:
        """Take one changelog row, oldest first; later rows of a key win, value None deletes."""
        own = row.key.startswith(b"#") and not row.key.startswith(ERASED_PREFIX)
        rows = self._restored_own if own else self._restored
        if row.value is None:
            rows.pop(row.key, None)
        else:
            rows[row.key] = row.value

    def open(self, sources: Sequence[tuple[str, int]]) -> None:
        """
        Put back what was restored; called again with more sources when they grow.

        Of very many customers only some: `apply` puts back the others first, a bite at a time. A
        million in one go would stop the event loop, and so the heartbeats, for 10 s.
        """
        restore_own(self._restored_own, self._partitions)
        self._restored_own = {}
        restore_customers(self._restored, self._partitions)
        for _, number in sources:
            self._partitions.begun(number)

    def observe(self, row: Row) -> None:
        """Ignore the clock's rows: ticks come through the journal."""

    def apply(self, record: SourceRecord) -> Applied:
        """
        Fold one record of the journal.

        AGAIN while a tick has more customers to fire, or customers are still to be put back.
        """
        if self._restored:
            restore_customers(self._restored, self._partitions)
            return Applied.AGAIN
        if record.value is None:
            raise ValueError(f"wanted a journal record at {record.offset}, found a tombstone")
        effects = step(self._partitions[record.partition], decode_envelope(record.value))
        if effects.records:
            self._outputs.extend(map(printed, effects.records))
        return Applied.AGAIN if effects.more else Applied.DONE

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """Do nothing: the journal's time is in its envelopes."""

    def drain(self) -> Drained:
        """Return changed rows, each once, and new outputs since the last drain, as bytes."""
        rows: list[Row] = []
        for partition in self._partitions.values():
            partition.drain(rows)
        outputs, self._outputs = self._outputs, []
        return Drained(rows, outputs)

    def counts(self) -> Mapping[str, int]:
        """Return the running counts over all partitions of the task; keys as in `#counts|p`."""
        return total(partition.counts for partition in self._partitions.values())
