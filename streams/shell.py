"""
Run the tasks of one fold that are ours: membership, ownership, loops, growth; crash-only.

Any exception in any loop is given to `fail`, which ends the process in a worker: there is no
state of doubt to repair, restart is the recovery path.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final, Protocol

from streams.committer import CommitObserver, Committer
from streams.exit import asked_for, failing
from streams.fold import FoldSpec
from streams.port import Log, LogError
from streams.slices import Slice
from streams.task import Task, TaskOptions
from streams.whereabouts import tell_whereabouts


MEMBERSHIP_POLL_S: Final = 1.0

JOIN_S_MAX: Final = 300.0
"""By then a group has told each member what is its, if only that nothing is: the sessions of those
who are gone have ended long before."""


class ShellObserver(CommitObserver, Protocol):
    """Whoever watches the tasks of a shell."""

    def joined(self, fold: str) -> None:
        """Take note that the fold has its place in the group."""

    def task_assigned(self, task: Task) -> None:
        """Take note that a task is ours and begins to restore."""

    def rows_restored(self, task: Task, remaining_count: int) -> None:
        """Take note of how far a restore is."""

    def task_opened(self, task: Task, seconds: float) -> None:
        """Take note that a task has restored its rows and reads."""

    def task_closed(self, task: Task) -> None:
        """Take note that a task is no longer ours."""


class Shell:
    """The tasks of one fold in this process (port: `streams.port.MembershipListener`)."""

    def __init__(
        self,
        spec: FoldSpec,
        *,
        log: Log,
        options: TaskOptions,
        deliver: Callable[[Slice], Awaitable[None]],
        observer: ShellObserver,
        fail: Callable[[BaseException], object],
    ) -> None:
        """Prepare; nothing runs before `run`."""
        self.spec = spec
        self.log = log
        self.options = options
        self.deliver = deliver
        self.observer = observer
        self.fail = fail
        self.running: dict[int, Ownership] = {}
        self.task_count = 0
        self.joined = False
        self.leaving = False

    async def run(self, expected_task_count: int) -> None:
        """
        Join the group and serve what it gives us, until cancelled.

        Raises:
            LogError: the changelog does not have one partition for each task.

        """
        topic = self.spec.changelog_topic
        counts = await self.log.partition_counts([topic])
        if counts[topic] != expected_task_count:
            raise LogError(
                f"wanted {expected_task_count} partitions of {topic}, found {counts[topic]}"
            )
        self.task_count = expected_task_count
        membership = self.log.membership(fold=self.spec.name, changelog_topic=topic)
        await membership.join(self)
        try:
            await self._serve(membership.poll)
        except asyncio.CancelledError as error:
            if not asked_for(error):
                raise
            # told to stop: in order. Any other exception passes: nothing in doubt is tidied up.
            self.leaving = True
            await self.tasks_revoked(tuple(self.running))
            await membership.leave()
            raise

    async def tasks_assigned(self, tasks: Collection[int]) -> None:
        """Start these tasks in the background: the group must not wait for a restore."""
        with failing(self.fail):  # aiokafka logs what a listener raises, and goes on
            self.joined = True
            self.observer.joined(self.spec.name)  # only now: before, nobody knows what is ours
            if self.leaving:  # another who left has left us theirs: nobody would stop them again
                return
            for number in tasks:
                self._start(number)

    async def tasks_revoked(self, tasks: Collection[int]) -> None:
        """Stop reading, commit what is folded, close."""
        with failing(self.fail):
            stopping = [self.running.pop(number) for number in tasks if number in self.running]
            await asyncio.gather(*(ownership.stop() for ownership in stopping))

    def _start(self, number: int) -> None:
        """Make a task and let it open in the background."""
        task = Task(
            self.spec,
            number=number,
            task_count=self.task_count,
            log=self.log,
            options=self.options,
            deliver=self.deliver,
        )
        self.observer.task_assigned(task)
        self.running[number] = Ownership(task, self.observer, self.fail)
        self.running[number].start()

    async def _serve(self, poll: Callable[[], Awaitable[None]]) -> None:
        """Stay a member, and notice source topics that grow."""
        refresh_s = self.options.metadata_refresh_ms / 1000
        loop = asyncio.get_running_loop()
        refresh_due_s = loop.time() + refresh_s
        join_due_s = loop.time() + JOIN_S_MAX
        while True:
            await poll()
            await asyncio.sleep(MEMBERSHIP_POLL_S)
            if not self.joined and loop.time() >= join_due_s:
                tell_whereabouts()
                raise LogError(f"wanted a place in the group within {JOIN_S_MAX:.0f} s, found none")
            if loop.time() >= refresh_due_s:
                refresh_due_s = loop.time() + refresh_s
                for ownership in tuple(self.running.values()):
                    await ownership.refresh_sources()


class Ownership:
    """One task while it is ours: opening, its loops, and its end."""

    def __init__(
        self, task: Task, observer: ShellObserver, fail: Callable[[BaseException], object]
    ) -> None:
        """Prepare for one task."""
        self.task = task
        self.committer = Committer(task, observer)
        self.observer = observer
        self.fail = fail
        self.opened = False
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Open the task in the background and run its loops."""
        self._spawn(self._open)

    async def refresh_sources(self) -> None:
        """Take in partitions by which a source topic has grown."""
        if self.opened and not self.task.stopping:
            await self.task.refresh_sources()

    async def stop(self) -> None:
        """Stop reading, commit what is folded, close; what is not folded dies with the task."""
        task = self.task
        task.stopping = True
        task.saved.set()
        reading = [loop for loop in self._loops if loop.get_name() != "commit"]
        for loop in reading:
            loop.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        task.work.set()
        await asyncio.gather(*self._loops, return_exceptions=True)
        if self.opened:
            await self.committer.commit()
        await task.close()
        self.observer.task_closed(task)

    async def _open(self) -> None:
        """Fence, restore, then read, follow and commit."""
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        await self.task.open(self.observer.rows_restored)
        self.opened = True
        self.observer.task_opened(self.task, loop.time() - started_s)
        self._spawn(self.committer.run, name="commit")
        self._spawn(self.task.read)
        if self.task.spec.observed_topic:
            self._spawn(self.task.observe)

    def _spawn(self, loop: Callable[[], Awaitable[None]], name: str = "") -> None:
        """Run a loop of this task; its failure is the process's."""
        running = asyncio.create_task(self._guard(loop), name=name or "read")
        self._loops.append(running)

    async def _guard(self, loop: Callable[[], Awaitable[None]]) -> None:
        """Hand every failure on; to be cancelled is how a loop is told to stop."""
        with failing(self.fail):
            await loop()
