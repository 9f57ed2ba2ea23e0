"""Say under which terms a rejected record may be given back, and what it is then."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from cli.rejected.filters import Filter
from cli.rejected.record import Rejected
from schemas.records import OutputRecord
from schemas.rejects import HEADER_REPLAY_COUNT, HEADER_REPLAY_OF
from schemas.routing import ROUTES


CONTROL_TOPICS: Final = frozenset(route.topic for route in ROUTES if route.concerns == "tenant")
"""Contracts whose records count in the order of the journal: an old one would undo a newer."""


class Terms(Struct, frozen=True, kw_only=True):
    """
    What a replay may do.

    `contracts` has the contract of each source topic that the settings bind, `partition_counts`
    how many partitions each has now. No record is given back more than `replay_count_max` times.
    """

    chosen: Filter
    contracts: Mapping[str, str]
    partition_counts: Mapping[str, int]
    replay_count_max: int

    def refusal(self, rejected: Rejected) -> str:
        """Return why this record is not given back, "" where it is."""
        if rejected.flaw:
            return rejected.flaw
        if rejected.replay_count >= self.replay_count_max:
            wanted = f"wanted a record given back less than {self.replay_count_max} times"
            return f"{wanted}, found {rejected.replay_count}"
        topic, partition, _ = rejected.original
        if topic not in self.contracts:
            return "wanted a source topic of the settings, found another"
        if partition >= (count := self.partition_counts.get(topic, 0)):
            return f"wanted its partition, found {count} of them"
        if self.contracts[topic] in CONTROL_TOPICS and not self.chosen.names(rejected):
            return "wanted its coordinates, as its order among control records counts, found none"
        return ""


def given_back(rejected: Rejected) -> OutputRecord:
    """Return the record as its producer sent it, to its own partition, and ours in two headers."""
    added = (
        (HEADER_REPLAY_OF, str(rejected.original).encode()),
        (HEADER_REPLAY_COUNT, str(rejected.replay_count + 1).encode()),
    )
    # a null header stays null: the client writes it, though its type does not say so
    headers: tuple[tuple[str, bytes], ...] = (*rejected.headers, *added)  # type: ignore[arg-type]
    topic, partition, _ = rejected.original
    return OutputRecord(topic, rejected.key, rejected.value, headers, partition)
