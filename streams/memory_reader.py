"""Read one task's source partitions from memory, and claim how far time has come."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from schemas.records import Claim, StoredRecord
from streams.memory_broker import MemoryBroker
from streams.memory_partition import MemoryPartition
from streams.memory_pause import Pause
from streams.port import Polled, SourcePartition


class _Fetched(NamedTuple):
    """What the broker answered for one partition, and where it ended at that moment."""

    records: Sequence[StoredRecord]
    position: int
    highwater: int


class MemoryReader:
    """The groupless read_committed reader of one task."""

    def __init__(self, broker: MemoryBroker, pause: Pause) -> None:
        """Make a reader of nothing."""
        self._broker = broker
        self._pause = pause
        self._positions: dict[SourcePartition, int | None] = {}
        self._partitions: dict[SourcePartition, MemoryPartition] = {}
        self._held: frozenset[SourcePartition] = frozenset()
        self._last_at_ms: dict[SourcePartition, int] = {}  # of the last record returned
        self._response_at_ms: dict[SourcePartition, int] = {}  # of the previous poll
        self._lag_counts: dict[SourcePartition, int] = {}
        self._turn = 0
        self._look_again: Callable[[], None] = _nobody_waits  # tells a poll that waits

    async def assign(self, positions: Mapping[SourcePartition, int | None]) -> None:
        """Read exactly these partitions; those already read keep their own position."""
        await self._pause("assign")
        known = self._positions
        self._positions = {place: known.get(place, at) for place, at in positions.items()}
        self._look_again()

    async def poll(self, timeout_ms: int, record_count_max: int) -> Polled:
        """
        Return what has arrived, waiting at most `timeout_ms` of the event loop's time.

        Raises:
            OffsetsLostError: a position is out of range; nothing was skipped.
            LogError: a partition does not exist.
        """
        await self._pause("poll:before-fetch")
        deadline_s = asyncio.get_running_loop().time() + timeout_ms / 1000
        fetched, in_time = self._fetch(record_count_max), True
        while in_time and not any(each.records for each in fetched.values()):
            in_time = await self._change(deadline_s)
            fetched = self._fetch(record_count_max)
        await self._pause("poll:before-response")
        return self._take(fetched)

    def lag_counts(self) -> Mapping[SourcePartition, int]:
        """Return how many offsets were not yet read when each partition was last heard from."""
        return dict(self._lag_counts)

    def hold(self, partitions: Collection[SourcePartition]) -> None:
        """Fetch nothing from these partitions, and from all others again."""
        if self._held != (held := frozenset(partitions)):
            self._held = held
            self._look_again()

    async def close(self) -> None:
        """Do no more."""
        await self._pause("reader:close")

    def _fetch(self, record_count_max: int) -> dict[SourcePartition, _Fetched]:
        """Ask the broker; partitions take turns in being first."""
        places = [place for place in self._positions if place not in self._held]
        self._turn = (self._turn + 1) % max(1, len(places))
        fetched = {}
        for place in places[self._turn :] + places[: self._turn]:
            partition, position = self._partition(place), self._positions[place]
            start = partition.log_start if position is None else position
            records, position = partition.read(start, record_count_max)
            fetched[place] = _Fetched(records, position, partition.highwater)
            record_count_max -= len(records)
        return fetched

    def _partition(self, place: SourcePartition) -> MemoryPartition:
        """Return a partition; one that was there stays."""
        partition = self._partitions.get(place)
        if partition is None:
            partition = self._partitions[place] = self._broker.partition(place)
        return partition

    async def _change(self, deadline_s: float) -> bool:
        """Return True when a partition that is read has changed, False at the deadline."""
        changed = asyncio.Event()
        wake = changed.set
        expired: list[bool] = []
        places = [place for place in self._positions if place not in self._held]
        partitions = [self._partition(place) for place in places]
        for partition in partitions:
            partition.watchers[wake] = None
        self._look_again = wake
        loop = asyncio.get_running_loop()
        timer = loop.call_at(deadline_s, _expire, expired, wake)
        try:
            await self._pause("poll:before-wait")
            await changed.wait()
        finally:
            timer.cancel()
            self._look_again = _nobody_waits
            for partition in partitions:
                del partition.watchers[wake]
        return not expired

    def _take(self, fetched: Mapping[SourcePartition, _Fetched]) -> Polled:
        """Move the positions and sample the claims; what was held meanwhile was not fetched."""
        answers = {
            place: answer
            for place, answer in fetched.items()
            if place in self._positions and place not in self._held
        }
        for place, answer in answers.items():
            self._positions[place] = answer.position
            self._lag_counts[place] = answer.highwater - answer.position
            if answer.records:
                self._last_at_ms[place] = answer.records[-1].timestamp
        times = {place: self._claim_at_ms(place, answer) for place, answer in answers.items()}
        self._response_at_ms = dict.fromkeys(answers, self._broker.clock())
        return Polled(
            list(chain.from_iterable(answer.records for answer in answers.values())),
            [Claim(*place, at_ms) for place, at_ms in times.items() if at_ms is not None],
        )

    def _claim_at_ms(self, place: SourcePartition, answer: _Fetched) -> int | None:
        """
        Return SEMANTICS T3's claim, None for a partition that was not heard from.

        A partition that the previous poll did not ask about (held, or new) has no previous
        response, at its end neither.
        """
        if answer.position == answer.highwater and place in self._response_at_ms:
            return self._response_at_ms[place]
        return self._last_at_ms.get(place)


def _expire(expired: list[bool], wake: Callable[[], None]) -> None:
    """Let a wait end at its deadline: the loop's clock may still be a hair before it."""
    expired.append(True)
    wake()


def _nobody_waits() -> None:
    """Stand where a poll that waits will be."""
