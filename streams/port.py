"""
Define the narrow port through which the shell meets the log.

Two implementations, Kafka (`streams.kafka_log`) and in-memory (`streams.memory_log`), stand under
one contract suite (`tests/streams/test_log_contract.py`).
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from schemas.records import Claim, OutputRecord, Row, SourceRecord


class SourcePartition(NamedTuple):
    """One partition of one source topic."""

    topic: str
    partition: int


class Transaction(NamedTuple):
    """
    What one commit makes visible, all or nothing.

    `rows` go to partition `task` of the changelog; `positions` are the next offsets to read,
    written as the group's committed offsets for lag tools (the row `#offsets` decides, not they).
    """

    outputs: Sequence[OutputRecord]
    rows: Sequence[Row]
    positions: Mapping[SourcePartition, int]


class Polled(NamedTuple):
    """Records in offset order within each partition, and how far each partition now is read."""

    records: Sequence[SourceRecord]
    claims: Sequence[Claim]


class Restored(NamedTuple):
    """Rows of a changelog partition, oldest first, and how many records are still to come."""

    rows: Sequence[Row]
    remaining_count: int


class LogError(Exception):
    """The log cannot be trusted to go on; the process must end and be restarted."""


class FencedError(LogError):
    """Another owner has taken over this task's transactional id; nothing was committed."""


class OffsetsLostError(LogError):
    """The position to read from does not exist any more (retention, truncation)."""


class Writer(Protocol):
    """The transactional producer of one task; at most one transaction is in flight."""

    async def fence(self) -> None:
        """Abort what a predecessor left open and shut it out; must precede restoring rows."""

    async def commit(self, transaction: Transaction) -> None:
        """
        Append outputs and rows, await every acknowledgement, then positions, then commit.

        Raises:
            FencedError: a successor owns the task; nothing of this transaction is visible.
            LogError: the outcome is not known to be good; the process must end.

        """

    async def close(self) -> None:
        """Release connections; aborts nothing that was committed."""


class Reader(Protocol):
    """The groupless read_committed reader of one task."""

    async def assign(self, positions: Mapping[SourcePartition, int | None]) -> None:
        """
        Read exactly these partitions from these offsets (None: from the beginning).

        Called again with a larger mapping when a topic has grown; partitions already read keep
        their own position whatever the mapping says.
        """

    async def poll(self, timeout_ms: int, record_count_max: int) -> Polled:
        """
        Return what has arrived, waiting at most `timeout_ms` for the first record.

        Claims (SEMANTICS T3), one for each partition that was heard from: at the end of the
        partition (an open transaction is unread, so not the last stable offset) the time of the
        *previous* poll's response, else the timestamp of the last record returned.

        Raises:
            OffsetsLostError: a position is out of range; nothing was skipped.

        """

    def lag_counts(self) -> Mapping[SourcePartition, int]:
        """Return how many offsets of each partition that was heard from are not yet read."""

    def hold(self, partitions: Collection[SourcePartition]) -> None:
        """Fetch nothing from these partitions until told otherwise; replaces the last call."""

    async def close(self) -> None:
        """Release connections."""


class MembershipListener(Protocol):
    """Whoever must know which tasks are ours."""

    async def tasks_revoked(self, tasks: Collection[int]) -> None:
        """Stop these tasks; when this returns another member may start them."""

    async def tasks_assigned(self, tasks: Collection[int]) -> None:
        """Start these tasks."""


class Membership(Protocol):
    """A place in the group of one fold's workers: says which tasks are ours, carries no record."""

    async def join(self, listener: MembershipListener) -> None:
        """Become a member; the listener is called from within `join` and `poll`."""

    async def poll(self) -> None:
        """Stay a member; must be called about each second."""

    async def leave(self) -> None:
        """Give up the place, after the listener was told to revoke everything."""


class Log(Protocol):
    """The log as a whole: makes readers, writers and memberships."""

    async def open(self) -> None:
        """Connect."""

    async def partition_counts(self, topics: Collection[str]) -> Mapping[str, int]:
        """
        Return the partition count of each topic, freshly read; a missing topic is 0.

        Raises:
            LogError: a topic cannot be looked at.

        """

    def writer(self, *, fold: str, task: int, changelog_topic: str) -> Writer:
        """Return the writer of one task, not yet started."""

    def reader(self) -> Reader:
        """Return a reader, not yet assigned."""

    def read_rows(self, topic: str, partition: int) -> AsyncIterator[Restored]:
        """Yield every committed record of a changelog partition up to its end as of the call."""

    def membership(self, *, fold: str, changelog_topic: str) -> Membership:
        """Return a place in the fold's group, not yet joined."""

    async def close(self) -> None:
        """Disconnect."""
