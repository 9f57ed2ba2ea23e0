"""
Carry a transaction of the in-memory broker from its first record to its last marker.

Or fence it: a transactional id belongs to its newest producer.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from schemas.records import OutputRecord, StoredRecord
from streams.memory_partition import MemoryPartition, Outcome
from streams.port import FencedError, LogError, SourcePartition


if TYPE_CHECKING:
    from streams.memory_broker import MemoryBroker


class MemoryTransaction:
    """
    A transaction from its first record to the last marker.

    `decide` is the moment of truth; markers follow partition by partition, whether or not the
    client lives to see it.
    """

    def __init__(self, broker: "MemoryBroker", producer: "MemoryProducer | None" = None) -> None:
        """Begin; without a `producer` nobody can fence it."""
        self.outcome = Outcome.OPEN
        self._broker = broker
        self._producer = producer
        self._unmarked: dict[MemoryPartition, None] = {}
        self._positions: dict[tuple[str, SourcePartition], int] = {}

    @property
    def ended(self) -> bool:
        """Return whether it is decided and every marker is written."""
        return self.outcome is not Outcome.OPEN and not self._unmarked

    def append(self, output: OutputRecord, timestamp_ms: int | None = None) -> list[StoredRecord]:
        """
        Append a record that nobody sees yet; return it with its coordinates, or its copies.

        Raises:
            FencedError: a successor has the producer's id.
            LogError: the transaction is decided, or the topic does not exist.
        """
        self._check()
        partitions = self._broker.destinations(output)
        self._unmarked.update(dict.fromkeys(partitions))
        return self._broker.store(partitions, output, timestamp_ms, self)

    def move(self, group: str, positions: Mapping[SourcePartition, int]) -> None:
        """
        Set the group's offsets, if this commits.

        Raises:
            FencedError: a successor has the producer's id.
            LogError: the transaction is decided.
        """
        self._check()
        self._positions.update({(group, place): at for place, at in positions.items()})

    def decide(self, outcome: Outcome) -> None:
        """
        Commit or abort.

        Raises:
            FencedError: a successor has the producer's id.
            LogError: the transaction is decided.
        """
        self._check()
        self.outcome = outcome
        if outcome is Outcome.COMMITTED:
            self._broker.offsets.update(self._positions)

    def mark_next(self) -> bool:
        """Write one of the missing markers; return whether there was one."""
        if self.outcome is Outcome.OPEN or self.ended:
            return False
        partition = next(iter(self._unmarked))
        del self._unmarked[partition]
        partition.mark(self)
        partition.wake()
        return True

    def end(self, outcome: Outcome) -> None:
        """Decide, unless that is done, and write every missing marker; errors as in `decide`."""
        if self.outcome is Outcome.OPEN:
            self.decide(outcome)
        while self.mark_next():
            pass

    def _check(self) -> None:
        if self._producer and self._producer.fenced:
            raise FencedError(f"wanted the newest {self._producer.name}, found a successor")
        if self.outcome is not Outcome.OPEN:
            raise LogError(f"wanted an open transaction, found one {self.outcome.value}")


class MemoryProducer:
    """One incarnation of a transactional id; `fenced` once there is a newer one."""

    def __init__(self, broker: "MemoryBroker", name: str) -> None:
        """Take the id `name`."""
        self.name = name
        self.fenced = False
        self._broker = broker
        self._transaction: MemoryTransaction | None = None

    def begin(self) -> MemoryTransaction:
        """
        Begin a transaction.

        Raises:
            FencedError: a successor has the id.
            LogError: the last one is not ended.
        """
        if self.fenced:
            raise FencedError(f"wanted the newest {self.name}, found a successor")
        if self._transaction and not self._transaction.ended:
            raise LogError(f"wanted one transaction of {self.name}, found another in flight")
        self._transaction = MemoryTransaction(self._broker, self)
        return self._transaction

    def shut_out(self) -> None:
        """End what is left: abort what is open, write the markers of what is decided."""
        if self._transaction:
            self._transaction.end(Outcome.ABORTED)
        self.fenced = True
