"""
Keep one partition in memory: what stands at which offset, and how much of it a reader sees.

Readers are read_committed: they get no further than the first transaction without a marker.
"""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from schemas.records import StoredRecord
from streams.port import OffsetsLostError, SourcePartition


if TYPE_CHECKING:
    from streams.memory_transaction import MemoryTransaction


class Outcome(Enum):
    """What the coordinator has decided about a transaction; decided once, for ever."""

    OPEN = "open"
    COMMITTED = "committed"
    ABORTED = "aborted"


class Entry(NamedTuple):
    """What stands at one offset: a record, or a transaction's marker (None)."""

    record: StoredRecord | None
    transaction: "MemoryTransaction | None"


class MemoryPartition:
    """
    One partition: entries at consecutive offsets, of which a reader sees the committed records.

    Attributes:
        log_start: lowest offset that still exists.
        highwater: the offset that the next entry gets.
        watchers: called whenever something may have become readable, in the order of arrival.
    """

    def __init__(self, topic: str, number: int) -> None:
        """Make an empty partition."""
        self.place = SourcePartition(topic, number)
        self.log_start = 0
        self.highwater = 0
        self.watchers: dict[Callable[[], None], None] = {}
        self._entries: list[Entry] = []
        self._undecided: dict[MemoryTransaction, int] = {}  # without a marker here: first offset

    @property
    def stable_end(self) -> int:
        """Return the last stable offset: where the first transaction without a marker begins."""
        return min(self._undecided.values()) if self._undecided else self.highwater

    def append(self, record: StoredRecord, transaction: "MemoryTransaction | None") -> None:
        """Store a record whose offset is the highwater."""
        if transaction is not None:
            self._undecided.setdefault(transaction, self.highwater)
        self._entries.append(Entry(record, transaction))
        self.highwater += 1

    def mark(self, transaction: "MemoryTransaction") -> None:
        """Write the marker of a decided transaction, which occupies an offset."""
        self._entries.append(Entry(None, transaction))
        self.highwater += 1
        del self._undecided[transaction]

    def read(
        self, offset: int, record_count_max: int, end: int | None = None
    ) -> tuple[list[StoredRecord], int]:
        """
        Return committed records from `offset` on, below `end`, and the offset to go on from.

        Raises:
            OffsetsLostError: `offset` is below the log's start or above its end.
        """
        highwater = self.highwater
        if offset == highwater:
            return [], offset  # nothing new, which is what most polls find
        if not self.log_start <= offset <= highwater:
            found = f"{self.log_start} to {highwater}"
            raise OffsetsLostError(f"wanted offset {offset} of {self.place}, found {found}")
        records: list[StoredRecord] = []
        end = self.stable_end if end is None else min(end, self.stable_end)
        while offset < end and len(records) < record_count_max:
            record, transaction = self._entries[offset - self.log_start]
            if record and (transaction is None or transaction.outcome is Outcome.COMMITTED):
                records.append(record)
            offset += 1
        return records, offset

    def wake(self) -> None:
        """Tell the watchers that something may have become readable."""
        for watcher in tuple(self.watchers):
            watcher()

    def read_uncommitted(self) -> list[StoredRecord]:
        """Return every record, also of open and aborted transactions."""
        return [entry.record for entry in self._entries if entry.record]

    def delete_before(self, offset: int) -> None:
        """Forget what stands below `offset`, as retention does."""
        del self._entries[: offset - self.log_start]
        self.log_start = max(offset, self.log_start)
