"""
Say whether the embedded broker can keep what is sent next, and what that leads to.

It keeps 5 MiB of a partition, drops the rest, and tells nobody. How many outcomes a record of the
journal leads to changes in the course of a history: at first customers are only issued cards, later
a purchase in a quiet month comes with the ticks of many days, at which windows close.
"""

from collections.abc import Mapping
from typing import Final

from streams.port import SourcePartition


JOURNAL_UNREAD_COUNT_MAX: Final = 6_000
"""A record of the journal is about 430 bytes, so two partitions keep some 24,000; the sources may
hold up to 17,000 that ingest forwards without asking anybody."""

OUTCOMES_UNREAD_COUNT_MAX: Final = 4_000
"""Of one partition, which keeps 6,000 of the largest: found and unread, and to be expected."""

SAMPLE_COUNT: Final = 500
"""Records of the journal by which it is seen how many outcomes they lead to."""


class Room:
    """What the journal's last records led to, and so how many of them may wait."""

    def __init__(self) -> None:
        """Expect one outcome of each at first."""
        self.outcomes_per_record = 1.0
        """In the partition that got most of them."""
        self._decided_count = 0
        self._outcome_counts: Mapping[SourcePartition, int] = {}

    def see(self, decided_count: int, outcome_counts: Mapping[SourcePartition, int]) -> None:
        """Take how many records were decided so far, and how many outcomes found by partition."""
        decided = decided_count - self._decided_count
        if decided < SAMPLE_COUNT:
            return
        known = self._outcome_counts
        grown = (count - known.get(place, 0) for place, count in outcome_counts.items())
        self.outcomes_per_record = max(grown, default=0) / decided
        self._decided_count, self._outcome_counts = decided_count, outcome_counts

    def is_left(self, undecided_count: int, unread_count: int) -> bool:
        """
        Return whether more may be sent.

        Args:
            undecided_count: records of the journal that lifecycle has not decided.
            unread_count: outcomes of one partition that somebody has not read.

        """
        expected_count = undecided_count * self.outcomes_per_record
        return (
            undecided_count < JOURNAL_UNREAD_COUNT_MAX
            and unread_count + expected_count < OUTCOMES_UNREAD_COUNT_MAX
        )
