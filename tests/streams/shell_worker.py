"""One worker process with one shell, in memory: its client, its channel, its agent."""

import asyncio
from collections.abc import AsyncIterator

from agents.slices import fold_slices
from streams.memory_pause import Pause, breathe
from streams.shell import Shell
from streams.slices import Slice
from tests.streams.shell_world import Notes, Options, ShellWorld, until


class ShellWorker:
    """
    One process with one shell: its client of the log, its channel, its agent.

    Attributes:
        failures: what reached `fail`, which in a worker ends the process.
        notes: what its shell reported.
        may_fold: cleared, the agent takes no further slice.
    """

    def __init__(
        self,
        world: ShellWorld,
        name: str = "first",
        *,
        options: Options | None = None,
        pause: Pause = breathe,
    ) -> None:
        """Prepare; `start` runs it."""
        self.world = world
        self.failures: list[BaseException] = []
        self.notes = Notes()
        self.channel: asyncio.Queue[Slice] = asyncio.Queue()
        self.shell = Shell(
            world.spec,
            log=world.client(name, pause),
            options=options or Options(),
            deliver=self.channel.put,
            observer=self.notes,
            fail=self.failures.append,
        )
        self.may_fold = asyncio.Event()
        self.may_fold.set()

    def start(self) -> None:
        """Run the shell and the agent."""
        self._running = asyncio.create_task(self.shell.run(self.world.task_count))
        self.start_agent()

    def start_agent(self) -> None:
        """Run the agent alone; whoever runs the shell holds it to its end."""
        self._folding = asyncio.create_task(fold_slices(self._slices(), self.failures.append))

    async def stop(self) -> None:
        """Tell the shell to stop, as SIGTERM does, and wait for it; the agent folds on."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def close(self) -> None:
        """Stop the shell, then the agent; on a real loop nothing may be left running."""
        await self.stop()
        self._folding.cancel()
        await asyncio.gather(self._folding, return_exceptions=True)

    async def ended(self) -> BaseException:
        """Wait until the shell ends by itself, and return the exception it ended with."""
        ended = (await asyncio.gather(self._running, return_exceptions=True))[0]
        assert isinstance(ended, BaseException)
        return ended

    async def opened(self) -> None:
        """Wait until every task of the shell is open."""
        shell = self.shell
        await until(
            lambda: bool(shell.running) and all(o.opened for o in shell.running.values()),
            "open tasks",
        )

    async def _slices(self) -> AsyncIterator[Slice]:
        while True:
            part = await self.channel.get()
            await self.may_fold.wait()
            yield part


def slow_at(place: str, seconds: float) -> Pause:
    """Return a pause that takes its time at one place."""

    async def pause(at: str) -> None:
        await asyncio.sleep(seconds if at == place else 0)

    return pause
