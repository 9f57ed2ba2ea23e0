"""
Commit what a task has folded: one transaction in flight, what is folded meanwhile joins the next.

Group commit: batches grow with the load by themselves. A transaction costs milliseconds of the
worker and as much of the broker, so a commit lingers for company: the small ones longer
(`linger_idle_ms`), as they are the many; a large one has its company (`linger_busy_ms`).
"""

import asyncio
from typing import Final, Protocol

from streams.port import Transaction
from streams.task import Task


BUSY_RECORD_COUNT: Final = 32
"""A transaction of more records than this says that the task is under load."""

POSITIONS_EVERY_S: Final = 1.0
"""How often the group's committed offsets, a copy for lag tools, are brought up to date."""


class CommitObserver(Protocol):
    """Whoever counts commits."""

    def committed(
        self, task: Task, transaction: Transaction, record_count: int, seconds: float
    ) -> None:
        """Take note of one transaction: what it held, of how many records, how long it took."""


class Committer:
    """The only caller of one task's writer."""

    def __init__(self, task: Task, observer: CommitObserver) -> None:
        """Prepare for one task."""
        self._task = task
        self._observer = observer
        self._busy = False
        self._positions_due_s = 0.0

    async def run(self) -> None:
        """Commit whenever there is work, until the task stops."""
        task = self._task
        while not task.stopping:
            await task.work.wait()
            task.work.clear()
            linger_ms = task.options.linger_busy_ms if self._busy else task.options.linger_idle_ms
            if linger_ms and not task.stopping:
                await asyncio.sleep(linger_ms / 1000)
            await self.commit()

    async def commit(self) -> None:
        """Commit what is folded now; nothing folded commits nothing."""
        task = self._task
        folded_count = task.folded_count
        transaction = task.take()
        if transaction is None:
            task.saved.set()  # bites that gave nothing wait for this all the same
            return
        counts = dict(task.fold.counts())
        record_count = folded_count - task.committed_count
        started_s = asyncio.get_running_loop().time()
        await task.writer.commit(self._with_positions_when_due(transaction, started_s))
        task.committed_count = folded_count
        task.committed_counts = counts
        task.saved.set()
        self._busy = record_count > BUSY_RECORD_COUNT
        seconds = asyncio.get_running_loop().time() - started_s
        self._observer.committed(task, transaction, record_count, seconds)

    def _with_positions_when_due(self, transaction: Transaction, now_s: float) -> Transaction:
        """Return the transaction, without positions while the group's copy is fresh enough."""
        if now_s < self._positions_due_s:
            return transaction._replace(positions={})
        self._positions_due_s = now_s + POSITIONS_EVERY_S
        return transaction
