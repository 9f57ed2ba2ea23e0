"""
Run the production shell in simulated worker processes that die, stop, wake up and come back.

What a supervisor and the group coordinator do around the processes is done here; everything that
a worker does is the code that runs in production, except that a queue stands where Faust's
channel and agent are.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from typing import Any, Final

from agents.runtime import run_together
from agents.slices import fold_slices
from streams.fold import FoldSpec
from streams.memory_broker import MemoryBroker
from streams.memory_log import MemoryLog
from streams.port import FencedError, Transaction
from streams.shell import Shell
from streams.slices import Slice
from streams.task import Task, TaskOptions
from tests.simulation.fate import Fate, Killed, Life
from tests.simulation.virtual_loop import VirtualLoop, start_in


SESSION_S: Final = 10.0
SOON_RATIO: Final = 0.8
"""How many of the killed come back before their session has ended."""
CHANNEL_SLICES: Final = 1024
"""As `agents.app` sets it."""
EPOCH_MS: Final = 1_700_000_000_000

Share = tuple[FoldSpec, int]
"""A fold and how many tasks its work is shared among."""


class Quiet:
    """Watches a shell for the number of its commits only (port: `ShellObserver`)."""

    def __init__(self) -> None:
        """Begin at none."""
        self.commit_count = 0

    def joined(self, fold: str) -> None:
        """Ignore."""

    def task_assigned(self, task: Task) -> None:
        """Ignore."""

    def rows_restored(self, task: Task, remaining_count: int) -> None:
        """Ignore."""

    def task_opened(self, task: Task, seconds: float) -> None:
        """Ignore."""

    def task_closed(self, task: Task) -> None:
        """Ignore."""

    def committed(
        self, _task: Task, _transaction: Transaction, _record_count: int, _seconds: float
    ) -> None:
        """Count it."""
        self.commit_count += 1


class Cluster:
    """
    Some workers over one broker.

    Attributes:
        faults: what no worker may ever do, as sentences; empty in a correct house.
    """

    def __init__(self, loop: VirtualLoop, fate: Fate) -> None:
        """Start the broker; its clock is the loop's."""
        self.loop = loop
        self.fate = fate
        self.broker = MemoryBroker(self.now_ms)
        self.faults: list[str] = []
        self.observer = Quiet()
        self.lives: dict[str, Life] = {}
        self._shares: Sequence[Share] = ()
        self._halting = False
        self._zombie_seen = False  # who wakes up after its session may fence, until it notices
        self._options: TaskOptions | None = None
        fate.on_kill = self._killed
        fate.on_freeze = self._frozen

    def now_ms(self) -> int:
        """Return the time in epoch milliseconds."""
        return EPOCH_MS + int(self.loop.time() * 1000)

    def start(self, names: Sequence[str], shares: Sequence[Share], options: TaskOptions) -> None:
        """Start a worker of each name; each has its share of every fold."""
        self._shares, self._options = shares, options
        self._halting = False
        for name in names:
            self._start(name)

    async def halt(self) -> None:
        """Ask every worker to end in order, for good, and wait until the last one has."""
        self._halting = True
        mains = [life.main for life in self.lives.values() if life.main is not None]
        for main in mains:
            main.cancel()
        await asyncio.gather(*mains, return_exceptions=True)
        for life in self.lives.values():
            self._evict(life)  # who was stopped while it joined could not leave
        self.broker.time_out()  # and a zombie that found its place taken leaves a transaction

    async def deploy(self, duration_s: float) -> None:
        """Now and then ask a worker to end in order (SIGTERM); it is started again."""
        until_s = self.loop.time() + duration_s
        while self.loop.time() < until_s:
            await asyncio.sleep(self.fate.random.uniform(0, duration_s))
            life = self.lives[self.fate.random.choice(sorted(self.lives))]
            frozen = life.frozen_until_s > self.loop.time()
            if not life.dead and not frozen and life.main is not None:
                self.fate.note(life.name, "asked to stop")
                life.main.cancel()

    def _start(self, name: str) -> None:
        """Start a worker, or start it again."""
        before = self.lives.get(name)
        life = self.lives[name] = Life(name, before.incarnation + 1 if before else 0)
        self.fate.note(name, "starts")
        life.main = start_in(life, self.loop, self._run(life))

    async def _run(self, life: Life) -> None:
        """Be a worker process, as `agents.runtime` is."""

        def fail(error: BaseException) -> None:
            self._failed(life, error)

        log = MemoryLog(self.broker, life.name, self.fate.pause_of(life))
        try:
            await log.open()
            await run_together(self._shells(log, fail), fail)
        except asyncio.CancelledError:
            await log.close()
            if not life.dead:
                life.end()
                self._restart_later(life, self.fate.random.uniform(0.1, 3))
            raise
        except BaseException as error:  # noqa: BLE001 (any doubt ends the process)
            fail(error)

    def _shells(
        self, log: MemoryLog, fail: Callable[[BaseException], None]
    ) -> Iterator[Coroutine[Any, Any, None]]:
        """Start an agent for each fold, and yield what runs its shell."""
        assert self._options is not None
        for spec, task_count in self._shares:
            channel: asyncio.Queue[Slice] = asyncio.Queue(CHANNEL_SLICES)
            self.loop.create_task(fold_slices(_stream(channel), fail))
            shell = Shell(
                spec,
                log=log,
                options=self._options,
                deliver=channel.put,
                observer=self.observer,
                fail=fail,
            )
            yield shell.run(task_count)

    def _failed(self, life: Life, error: BaseException) -> None:
        """End a process that is in doubt (exit 70); note it if it had no reason to be."""
        if life.dead or isinstance(error, Killed):
            return
        life.end()
        self.fate.note(life.name, f"exits: {type(error).__name__} {error}")
        if not (self._zombie_seen and isinstance(error, FencedError)):
            where = "".join(traceback.format_exception(error)[-3:])
            self.faults.append(f"{life.name} failed without a reason: {error!r}\n{where}")
        self._restart_later(life, self.fate.random.uniform(0.1, 3))

    def _killed(self, life: Life) -> None:
        """Start a killed process again, before or after its session has ended."""
        chance = self.fate.random
        if chance.random() < SOON_RATIO:
            self._restart_later(life, chance.uniform(0.2, 0.4 * SESSION_S))
        else:
            self.loop.call_later(SESSION_S, self._evict, life)
            self._restart_later(life, chance.uniform(1.1 * SESSION_S, 2 * SESSION_S))

    def _frozen(self, life: Life) -> None:
        """Let the coordinator lose patience with a process that stands still for too long."""
        if life.frozen_until_s - self.loop.time() > SESSION_S:
            self.loop.call_later(SESSION_S, self._evict, life)

    def _restart_later(self, life: Life, seconds: float) -> None:
        if not self._halting:
            self.loop.call_later(seconds, self._start, life.name)

    def _evict(self, life: Life) -> None:
        """End the session of a process, unless a newer one has its place."""
        if self.lives[life.name] is life:
            self.fate.note(life.name, "session ends")
            self._zombie_seen = self._zombie_seen or not life.dead
            for spec, _ in self._shares:
                self.broker.group(spec.name, spec.changelog_topic).evict(life.name)


async def _stream(channel: asyncio.Queue[Slice]) -> AsyncIterator[Slice]:
    """Yield slices as a Faust agent gets them from its channel."""
    while True:
        yield await channel.get()
