"""
Read what the worker has counted, from the rows that it commits with its work.

Every row is committed in one transaction with what it speaks of, so these figures are exact: they
come out of the log and not out of the worker's memory (docs/core.md, rows of ingest, clock and
lifecycle).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from confluent_kafka import Message

from schemas.codec import (
    decode_clock_row,
    decode_counts_row,
    decode_offer_row,
    decode_offsets_row,
    decode_source_row,
)
from schemas.routing import STATE_TOPICS
from schemas.state import OFFSETS_KEY
from schemas.state_source import ClockRow, SourceRow
from streams.port import SourcePartition


SOURCE_PREFIX: Final = b"#source|"
COUNTS_PREFIX: Final = b"#counts|"
TICK_PREFIX: Final = b"#tick|"
OFFER_PREFIX: Final = b"#offer|"

Counts = Counter[tuple[str, ...]]
"""The parts of a count's key, as in docs/core.md 3.7, to the number."""


class Ledger:
    """The newest rows of the changelogs; of learning's only how far it has read."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self.positions: dict[SourcePartition, int] = {}
        """The next offset that a task reads of each partition of its sources."""
        self.sources: dict[SourcePartition, SourceRow] = {}
        self.ticks: dict[str, ClockRow] = {}
        """Tenant to its newest tick."""
        self._counts: dict[bytes, dict[str, int]] = {}
        self._taken: dict[tuple[str, ...], int] = {}

    def take(self, messages: Iterable[Message]) -> None:
        """Read rows; those of customers are passed over."""
        for message in messages:
            key, value = message.key(), message.value()
            if key is None or value is None or not key.startswith(b"#"):
                continue
            if message.topic() == STATE_TOPICS["insight"]:  # `cli.demo.effects` reads it
                continue
            if key == OFFSETS_KEY:
                self._take_positions(value)
            elif message.topic() != STATE_TOPICS["learning"]:  # its counts are of another kind
                self._take(key, value)

    def read_count(self, source: SourcePartition) -> int:
        """Return how many records of a source partition ingest has accounted for."""
        return sum(count for key, count in self._source_counts(source) if key[0] != "clamped")

    def ingested(self) -> Counts:
        """Return the counts of ingest over all source partitions."""
        found: Counts = Counter()
        for source in self.sources:
            found.update(dict(self._source_counts(source)))
        return found

    def decided(self) -> Counts:
        """Return the counts of lifecycle over all journal partitions."""
        found: Counts = Counter()
        for counts in self._counts.values():
            found.update({tuple(key.split("|")): count for key, count in counts.items()})
        return found

    def taken(self) -> Counter[tuple[str, str]]:
        """Return how many units are taken, by tenant and offer, over all journal partitions."""
        found: Counter[tuple[str, str]] = Counter()
        for (_, tenant, offer_id), count in self._taken.items():
            found[tenant, offer_id] += count
        return found

    def _take(self, key: bytes, value: bytes) -> None:
        """Take a row of ingest, clock or lifecycle that is no customer's."""
        if key.startswith(COUNTS_PREFIX):
            self._counts[key] = decode_counts_row(value)
        elif key.startswith(SOURCE_PREFIX):
            topic, partition = key.removeprefix(SOURCE_PREFIX).decode().rsplit("|", 1)
            self.sources[SourcePartition(topic, int(partition))] = decode_source_row(value)
        elif key.startswith(TICK_PREFIX):
            self.ticks[key.removeprefix(TICK_PREFIX).decode()] = decode_clock_row(value)
        elif key.startswith(OFFER_PREFIX):
            place = tuple(key.removeprefix(OFFER_PREFIX).decode().split("|"))
            self._taken[place] = decode_offer_row(value).taken_count

    def _source_counts(self, source: SourcePartition) -> list[tuple[tuple[str, ...], int]]:
        """Return the counts of one source partition, their keys in parts."""
        row = self.sources.get(source)
        return [(tuple(key.split("|")), count) for key, count in row.counts.items()] if row else []

    def _take_positions(self, value: bytes) -> None:
        """Take the offsets row of one task: its own partitions only."""
        for topic, partitions in decode_offsets_row(value).items():
            for partition, offset in partitions.items():
                self.positions[SourcePartition(topic, partition)] = offset


def total(counts: Counts, kind: str, tenant: str | None = None) -> int:
    """
    Return the sum of one kind, of one tenant or of all.

    >>> total(Counter({("applied", "a", "card.issued"): 2, ("ignored", "a", "X"): 1}), "applied")
    2
    """
    return sum(
        count
        for key, count in counts.items()
        if key[0] == kind and (tenant is None or key[1] == tenant)
    )


def by_last(counts: Counts, kind: str, tenant: str | None = None) -> dict[str, int]:
    """
    Return the sums of one kind by the last part of their keys, in order of the names.

    >>> by_last(Counter({("ignored", "a", "X"): 2, ("ignored", "b", "X"): 1}), "ignored")
    {'X': 3}
    """
    found: Counter[str] = Counter()
    for key, count in counts.items():
        if key[0] == kind and (tenant is None or key[1] == tenant):
            found[key[-1]] += count
    return dict(sorted(found.items()))
