"""
Own everything of one task: producer, rows, offsets row, reader, fold.

A task object lives for one ownership: fence, restore, read, fold, commit, close; never reused.
Every loop of it that fails ends the process (the shell sees to that): restart is the recovery.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final, Protocol

from schemas.codec import decode_offsets_row, encode_row
from schemas.records import Applied, Claim, Row, SourceRecord
from schemas.state import OFFSETS_KEY
from streams.fold import Fold, FoldSpec
from streams.port import Log, LogError, OffsetsLostError, SourcePartition, Transaction
from streams.slices import Slice


POLL_MS: Final = 500
"""How long a poll waits for a first record; also how often an idle claim moves."""

RECORDS_PER_BITE: Final = 256
"""Records folded before the event loop gets a turn (at 20 us each: 5 ms)."""


class TaskOptions(Protocol):
    """The settings a task reads."""

    @property
    def transaction_record_count_max(self) -> int: ...  # noqa: D102
    @property
    def linger_idle_ms(self) -> int: ...  # noqa: D102
    @property
    def linger_busy_ms(self) -> int: ...  # noqa: D102
    @property
    def metadata_refresh_ms(self) -> int: ...  # noqa: D102


class Task:
    """One numbered share of a fold's work, for one ownership."""

    def __init__(
        self,
        spec: FoldSpec,
        *,
        number: int,
        task_count: int,
        log: Log,
        options: TaskOptions,
        deliver: Callable[[Slice], Awaitable[None]],
    ) -> None:
        """Prepare; nothing is read or written before `open`."""
        self.spec = spec
        self.number = number
        self.task_count = task_count
        self.options = options
        self.fold: Fold = spec.make(number, task_count)
        self.writer = log.writer(fold=spec.name, task=number, changelog_topic=spec.changelog_topic)
        self.reader = log.reader()
        self.log = log
        self.deliver = deliver
        self.positions: dict[SourcePartition, int] = {}
        self.restored_row_count = 0
        self.read_count = 0
        self.folded_count = 0
        self.committed_count = 0
        self.committed_counts: Mapping[str, int] = {}
        self.stopping = False
        self.work = asyncio.Event()
        self.saved = asyncio.Event()
        self.unsaved_bite_count = 0
        self._sources: tuple[SourcePartition, ...] | None = None
        self._held: dict[SourcePartition, deque[SourceRecord]] = {}
        self._sending = asyncio.Lock()
        self._slices_sent = 0
        self._slices_folded = 0

    async def open(self, progress: Callable[["Task", int], None]) -> None:
        """
        Fence the predecessor, restore rows, find the position, begin to read.

        Raises:
            OffsetsLostError: rows without the offsets row; nothing may be guessed.
            LogError: a partition that was read before is not there.

        """
        await self.writer.fence()
        await self._restore(progress)
        await self.refresh_sources()
        self.committed_counts = dict(self.fold.counts())  # known only once the fold is open

    async def refresh_sources(self) -> bool:
        """Read metadata; take in partitions that are new, from their beginning; True if any."""
        counts = await self.log.partition_counts(self.spec.source_topics)
        sources = tuple(
            SourcePartition(topic, partition)
            for topic in self.spec.source_topics
            for partition in range(self.number, counts[topic], self.task_count)
        )
        if self._sources is None:
            self._check_known(sources)
        # metadata may shrink for a moment: only growth is news
        grown = tuple(dict.fromkeys((*(self._sources or ()), *sources)))
        # a task without any partition is opened too (it claims None), a reader that is closed not
        if grown == self._sources or self.stopping:
            return False
        self._sources = grown
        self.fold.open(grown)
        await self.reader.assign({source: self.positions.get(source) for source in grown})
        return True

    async def read(self) -> None:
        """Poll and deliver numbered slices until stopped; waits for room (its own only)."""
        while not self.stopping:
            await self._wait_for_room()
            self.reader.hold(self._held)
            polled = await self.reader.poll(POLL_MS, self.options.transaction_record_count_max)
            if self.stopping:
                return
            self.read_count += len(polled.records)
            await self.send(polled.records, polled.claims)

    async def observe(self) -> None:
        """Follow the rows of the observed changelog, from its beginning, until stopped."""
        reader = self.log.reader()
        try:
            await reader.assign({SourcePartition(self.spec.observed_topic, 0): None})
            while not self.stopping:
                polled = await reader.poll(POLL_MS, self.options.transaction_record_count_max)
                rows = [Row(record.key or b"", record.value) for record in polled.records]
                if rows and not self.stopping:
                    await self.send((), (), rows)
        finally:
            await reader.close()

    async def send(
        self,
        records: Sequence[SourceRecord],
        claims: Sequence[Claim],
        observed: Sequence[Row] = (),
    ) -> None:
        """Number a slice and pass it to the agent."""
        async with self._sending:  # two loops send: at a full channel one would overtake the other
            number = self._slices_sent
            self._slices_sent += 1
            await self.deliver(Slice(self, number, records, claims, observed))

    async def apply(self, part: Slice) -> None:
        """Fold one slice; called by the agent, in the order of numbers."""
        if part.number != self._slices_folded:
            raise RuntimeError(f"wanted slice {self._slices_folded}, found {part.number}")
        self._slices_folded += 1
        if self.stopping:
            return
        for row in part.observed:
            self.fold.observe(row)
        if self._held:
            await self._retry_held()
            self.reader.hold(self._held)  # what waits no more is fetched now, not a poll later
        await self._fold_records(part.records)
        if self.stopping:
            return
        self.fold.close_slice(part.claims)
        self.work.set()

    def take(self) -> Transaction | None:
        """
        Return what to commit now, or None; no await: rows are exactly what was folded.

        The offsets row goes into every transaction, so rows and position can never part.
        """
        drained = self.fold.drain()
        self.unsaved_bite_count = 0
        if not drained.rows and not drained.outputs and self.folded_count == self.committed_count:
            return None
        rows = [*drained.rows, Row(OFFSETS_KEY, self._encode_positions())]
        return Transaction(drained.outputs, rows, dict(self.positions))

    def lag_counts(self) -> Mapping[SourcePartition, int]:
        """Return how many offsets of each source partition are not yet folded."""
        return self.reader.lag_counts() if self._sources else {}

    async def close(self) -> None:
        """Release reader and writer."""
        await self.reader.close()
        await self.writer.close()

    @property
    def backlog_count(self) -> int:
        """Records read and not yet committed, those that wait for the watermark apart."""
        held_count = sum(len(waiting) for waiting in self._held.values())
        return self.read_count - self.committed_count - held_count

    @property
    def _limit(self) -> int:
        """Two transactions' worth: one commits while the next is folded."""
        return 2 * self.options.transaction_record_count_max

    async def _restore(self, progress: Callable[["Task", int], None]) -> None:
        """Read the changelog to its end into the fold, and the offsets row into positions."""
        offsets: bytes | None = None
        async for restored in self.log.read_rows(self.spec.changelog_topic, self.number):
            for row in restored.rows:
                if row.key == OFFSETS_KEY:
                    offsets = row.value
                else:
                    self.fold.restore(row)
            self.restored_row_count += len(restored.rows)
            progress(self, restored.remaining_count)
        if offsets is None:
            if self.restored_row_count:
                raise OffsetsLostError(
                    f"wanted the offsets row of {self.spec.name} task {self.number}, found none"
                )
            return
        for topic, partitions in decode_offsets_row(offsets).items():
            for partition, offset in partitions.items():
                self.positions[SourcePartition(topic, partition)] = offset

    def _check_known(self, sources: Collection[SourcePartition]) -> None:
        """
        Refuse metadata without a partition that was read before.

        A broker that lags may leave it out for a moment; opened without it, the task would claim
        time that it has not read (SEMANTICS T3: unread, a partition holds the watermark).
        """
        for known in self.positions:
            if known.topic in self.spec.source_topics and known not in sources:
                where = f"{known.topic}/{known.partition}"
                raise LogError(f"wanted {where}, which was read before, found no such partition")

    async def _wait_for_room(self) -> None:
        """Wait until what is read but not committed fits in two transactions."""
        while self.backlog_count >= self._limit and not self.stopping:
            self.saved.clear()
            await self.saved.wait()

    async def _breathe(self) -> None:
        """Between two bites: let the committer and the other tasks have the loop."""
        self.unsaved_bite_count += 1
        self.work.set()
        await asyncio.sleep(0)
        while self.unsaved_bite_count * RECORDS_PER_BITE >= self._limit and not self.stopping:
            self.saved.clear()
            await self.saved.wait()

    async def _fold_records(self, records: Sequence[SourceRecord]) -> None:
        """Fold records in order; what waits at the head of its partition holds what follows."""
        held = self._held
        for index, record in enumerate(records):
            if index % RECORDS_PER_BITE == RECORDS_PER_BITE - 1:
                await self._breathe()
            if self.stopping:
                return
            if held:
                source = SourcePartition(record.topic, record.partition)
                if source in held:
                    held[source].append(record)
                    continue
            await self._fold_one(record)

    async def _fold_one(self, record: SourceRecord) -> bool:
        """Fold one record to its end; False if it must wait or the task is stopping."""
        applied = self.fold.apply(record)
        while applied is Applied.AGAIN:
            await self._breathe()
            if self.stopping:
                return False
            applied = self.fold.apply(record)
        source = SourcePartition(record.topic, record.partition)
        if applied is Applied.WAIT:
            self._held.setdefault(source, deque()).append(record)
            return False
        self.positions[source] = record.offset + 1
        self.folded_count += 1
        return True

    async def _retry_held(self) -> None:
        """Offer the head of each held partition again, as far as they go."""
        for source in tuple(self._held):
            waiting = self._held.pop(source)
            for count in itertools.count(1):
                if not waiting or self.stopping or not await self._fold_one(waiting.popleft()):
                    break
                if count % RECORDS_PER_BITE == 0:
                    await self._breathe()
            if waiting:
                self._held.setdefault(source, deque()).extend(waiting)

    def _encode_positions(self) -> bytes:
        """Return the offsets row."""
        offsets: dict[str, dict[int, int]] = {}
        for (topic, partition), offset in self.positions.items():
            offsets.setdefault(topic, {})[partition] = offset
        return encode_row(offsets)
