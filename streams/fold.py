"""
Say what the shell asks of a fold; the folds in `lifecycle/` meet it without knowing it.

A fold object serves one task for one ownership: it is made, restored, opened, fed and drained,
and never reused. It is deterministic: no clock, no I/O, no randomness.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from schemas.records import Applied, Claim, Drained, Row, SourceRecord


class Fold(Protocol):
    """The state of one task and the one function that changes it."""

    def restore(self, row: Row) -> None:
        """Take one changelog row, oldest first, later rows of a key win; value None deletes."""

    def open(self, sources: Sequence[tuple[str, int]]) -> None:
        """
        Begin, once every row is restored: build indexes.

        `sources` are the (topic, partition) pairs of this task. Called again, with the whole
        list, when a source topic has grown.
        """

    def observe(self, row: Row) -> None:
        """Take a row of the clock's changelog (ingest only; the others ignore it)."""

    def apply(self, record: SourceRecord) -> Applied:
        """Fold one record; records of one partition come in offset order, none twice."""

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """End a slice: `claims` were sampled just after its records were read (SEMANTICS T3)."""

    def drain(self) -> Drained:
        """
        Return changed rows and new outputs since the last drain, as bytes, and forget them.

        Runs without awaiting, so that a commit carries the rows of exactly what was folded.
        """

    def counts(self) -> Mapping[str, int]:
        """Return the running counts, for metrics; keys as in the fold's counts rows."""


class FoldSpec(Protocol):
    """What the shell must know of a fold before it makes one."""

    @property
    def name(self) -> str:
        """Short name: `ingest`, `clock`, `lifecycle`, `learning` or `insight`."""

    @property
    def source_topics(self) -> Sequence[str]:
        """Topics whose partitions the tasks read."""

    @property
    def changelog_topic(self) -> str:
        """Topic of the rows; its partition count is the number of tasks."""

    @property
    def observed_topic(self) -> str:
        """Changelog whose rows every task follows beside its sources, "" for none."""

    @property
    def make(self) -> Callable[[int, int], Fold]:
        """Return a new fold for (task, task_count)."""
