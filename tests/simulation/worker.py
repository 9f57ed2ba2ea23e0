"""
Be one simulated worker process: production's app, agents, channels and shells over its own log.

What `agents.worker` composes at import is composed here, life by life.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import faust
from faust.types import AgentT, ChannelT, StreamT

from agents.app import build_app
from agents.clock import attach_clock
from agents.ingest import attach_ingest
from agents.insight import attach_insight
from agents.learning import attach_learning
from agents.lifecycle import attach_lifecycle
from agents.runtime import Runtime
from agents.slices import fold_slices
from streams.fold import FoldSpec
from streams.port import Transaction
from streams.settings import Settings
from streams.shell import Shell
from streams.slices import Slice
from streams.task import Task
from tests.simulation.fate import Fate
from tests.simulation.life import Life
from tests.simulation.simulated_log import SimulatedBroker, SimulatedLog


Fail = Callable[[BaseException], object]

LAPTOP: Final = Settings()
PAST_A_REBALANCE_RATIO: Final = 0.5


def attach_tally(app: faust.App, channel: ChannelT[Slice], fail: Fail) -> AgentT[Slice]:
    """Register the agent of the tally, written as the others are."""

    @app.agent(channel, name="tally")
    async def tally(slices: StreamT[Slice]) -> None:
        await fold_slices(slices, fail)

    return tally


ATTACH: Final[Mapping[str, Callable[[faust.App, Any, Fail], AgentT[Slice]]]] = {
    "ingest": attach_ingest,
    "clock": attach_clock,
    "lifecycle": attach_lifecycle,
    "learning": attach_learning,
    "insight": attach_insight,
    "tally": attach_tally,
}


class Quiet:
    """Watches shells for the number of their commits only (port: `agents.runtime.Watching`)."""

    def __init__(self) -> None:
        """Begin at none."""
        self.commit_count = 0

    @contextlib.asynccontextmanager
    async def serving(self, shells: Sequence[Shell]) -> AsyncIterator[None]:  # noqa: ARG002
        """Serve nothing."""
        yield

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


class Passage:
    """The way into an agent's channel, which may be slow, lose a slice or deliver it twice."""

    def __init__(self, channel: ChannelT[Slice], fate: Fate, life: Life) -> None:
        """Lead into `channel`, which carries any value as it is."""
        self._channel: Any = channel
        self._fate, self._life = fate, life
        self._late: deque[Slice] = deque()

    async def put(self, part: Slice) -> None:
        """Deliver a slice, if all goes well once and at once."""
        await self._fate.at(self._life, "channel:before-put")
        who = f"{self._life.name} {part.task.spec.name}"
        if self._fate.take("slice_lost", who):
            self._life.excuses += (RuntimeError,)
            return
        if late := self._fate.take("slice_late", who):
            asyncio.get_running_loop().create_task(self._deliver_late(late.seconds))
            self._late.append(part)
            if late.whom < PAST_A_REBALANCE_RATIO:
                self._fate.on_rebalance(part.task.spec.name, 0.1 * late.seconds)
        elif self._late:
            self._late.append(part)
        else:
            await self._channel.put(part)
        if self._fate.take("slice_repeated", who):
            self._life.excuses += (RuntimeError,)
            await self._channel.put(part)

    async def _deliver_late(self, seconds: float) -> None:
        """Deliver what has gathered meanwhile, in its order."""
        await asyncio.sleep(seconds)
        while self._late:
            await self._channel.put(self._late[0])
            self._late.popleft()


class Around(NamedTuple):
    """What all workers of a cluster have around them."""

    broker: SimulatedBroker
    fate: Fate
    watch: Quiet


async def work(
    life: Life,
    around: Around,
    specs: Mapping[Any, FoldSpec],
    settings: Settings,
    fail: Fail,
) -> None:
    """
    Run a worker until it is told to stop; its failures go to `fail`.

    As `agents.worker` does it: channels, agents, flow control resumed once, then the runtime.
    """
    app = build_app(LAPTOP)  # it reads nothing of them but names
    app.conf, app.consumer = _faust_parts()
    channels = {name: app.channel() for name in specs}
    agents = [ATTACH[name](app, channel, fail) for name, channel in channels.items()]
    app.flow_control.resume()
    for agent in agents:
        # or Faust would restart what dies with its process
        life.at_end.append(agent._stopped.set)  # type: ignore[attr-defined] # noqa: SLF001
        await agent.start()
    fate = around.fate
    passages: Any = {name: Passage(channel, fate, life) for name, channel in channels.items()}
    runtime = Runtime(settings, specs, passages, fail)
    await runtime.serve(SimulatedLog(around.broker, fate, life), around.watch)


@lru_cache
def _faust_parts() -> tuple[Any, Any]:
    """Return what Faust works out for an app before it starts: the same for all of ours."""
    app = build_app(LAPTOP)
    return app.conf, app.consumer
