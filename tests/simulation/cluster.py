"""
Run workers in simulated processes that die, stop, wake up and come back.

What a supervisor and the group coordinator do around the processes is done here; everything that
a worker does is the code that runs in production (`tests.simulation.worker`).
"""

import asyncio
import random
import traceback
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from streams.fold import FoldSpec
from streams.port import FencedError
from streams.settings import Settings
from tests.simulation.fate import Fate
from tests.simulation.life import Killed, Life
from tests.simulation.misfortunes import Misfortune
from tests.simulation.simulated_log import SimulatedBroker
from tests.simulation.virtual_loop import VirtualLoop, start_in
from tests.simulation.worker import Around, Quiet, work


SOON_RATIO: Final = 0.8
"""How many of the killed come back before their session has ended."""
EPOCH_MS: Final = 1_700_000_000_000
FAULTS_MAX: Final = 5


class Cluster:
    """
    Some workers over one broker.

    Attributes:
        faults: what no worker may ever do, as sentences; empty in a correct house.
    """

    def __init__(self, loop: VirtualLoop, fate: Fate, chance: random.Random) -> None:
        """Start the broker; its clock is the loop's."""
        self.loop = loop
        self.fate = fate
        self.broker = SimulatedBroker(self.now_ms)
        self.faults: list[str] = []
        self.watch = Quiet()
        self._around = Around(self.broker, fate, self.watch)
        self.lives: dict[str, Life] = {}
        self._chance = chance
        self._specs: Mapping[Any, FoldSpec] = {}
        self._settings = Settings()
        self._halting = False
        self._zombie_seen = False  # who wakes up after its session may fence, until it notices
        self._session_s = fate.weather.session_s
        fate.on_kill = self._killed
        fate.on_freeze = self._frozen
        fate.on_strike = self._struck
        fate.on_rebalance = self._disturb

    def now_ms(self) -> int:
        """Return the time in epoch milliseconds."""
        return EPOCH_MS + int(self.loop.time() * 1000)

    def start(
        self, names: Sequence[str], specs: Mapping[Any, FoldSpec], settings: Settings
    ) -> None:
        """Start a worker of each name; each has its share of every fold."""
        self._specs, self._settings = specs, settings
        self._halting = False
        for name in names:
            self._start(name)

    def end(self) -> None:
        """Kill every worker for good; what is then committed can be judged."""
        self._halting = True
        for life in self.lives.values():
            life.end()
        self.broker.time_out()

    def _start(self, name: str) -> None:
        """Start a worker, or start it again, unless all are asked to end."""
        if self._halting:
            return
        before = self.lives.get(name)
        life = self.lives[name] = Life(name, before.incarnation + 1 if before else 0)
        self.fate.note(name, "starts")
        life.main = start_in(life, self.loop, self._run(life))

    async def _run(self, life: Life) -> None:
        """Be a worker process, and start it again when it has ended in order."""
        fail = partial(self._failed, life)
        try:
            await work(life, self._around, self._specs, self._settings, fail)
        except asyncio.CancelledError:
            if not life.dead:
                life.end()
                self._restart_soon(life)
            raise
        except BaseException as error:  # noqa: BLE001 (any doubt ends the process)
            fail(error)

    def _failed(self, life: Life, error: BaseException) -> None:
        """End a process that is in doubt (exit 70); note it if it had no reason to be."""
        if life.dead or isinstance(error, Killed):
            return
        life.end()
        self.fate.note(life.name, f"exits: {type(error).__name__} {error}")
        excused = isinstance(error, life.excuses)
        known = len(self.faults) >= FAULTS_MAX
        if not (known or excused) and not (self._zombie_seen and isinstance(error, FencedError)):
            where = "".join(traceback.format_exception(error)[-3:])
            self.faults.append(f"{life.name} failed without a reason: {error!r}\n{where}")
        self._restart_soon(life)

    def _struck(self, misfortune: Misfortune) -> None:
        """Let a misfortune befall whoever it picks among those it can befall."""
        if misfortune.kind == "rebalance":
            fold = list(self._specs)[int(misfortune.whom * len(self._specs))]
            self.fate.strikes(misfortune, fold)
            self._disturb(fold, misfortune.seconds)
            return
        able = [life for _, life in sorted(self.lives.items()) if not life.dead]
        if misfortune.kind == "stop":
            able = [life for life in able if life.frozen_until_s <= self.loop.time()]
        if not able or self._halting:
            return
        life = able[int(misfortune.whom * len(able))]
        self.fate.strikes(misfortune, life.name)
        if misfortune.kind == "stop":
            assert life.main is not None
            life.main.cancel()
        else:
            self.fate.kill(life, "anywhere")

    def _disturb(self, fold: str, seconds: float) -> None:
        """Let a stranger join a group, who does nothing, and is thrown out after a while."""
        group = self.broker.group(fold, self._specs[fold].changelog_topic)
        group.enter("stranger")
        self.loop.call_later(seconds, group.evict, "stranger")

    def _killed(self, life: Life) -> None:
        """Start a killed process again, before or after its session has ended."""
        chance, session_s = self._chance, self._session_s
        if chance.random() < SOON_RATIO:
            self._restart_later(life, chance.uniform(0.02, 0.4) * session_s)
        else:
            self.loop.call_later(session_s, self._evict, life)
            self._restart_later(life, chance.uniform(1.1, 2) * session_s)

    def _frozen(self, life: Life) -> None:
        """Let the coordinator lose patience with a process that stands still for too long."""
        if life.frozen_until_s - self.loop.time() > self._session_s:
            self.loop.call_later(self._session_s, self._evict, life)

    def _restart_soon(self, life: Life) -> None:
        """Start a process again that has ended by itself."""
        self._restart_later(life, self._chance.uniform(0.01, 0.3) * self._session_s)

    def _restart_later(self, life: Life, seconds: float) -> None:
        self.loop.call_later(seconds, self._start, life.name)

    def _evict(self, life: Life) -> None:
        """End the session of a process, unless a newer one has its place."""
        if self.lives[life.name] is life:
            self.fate.note(life.name, "session ends")
            self._zombie_seen = self._zombie_seen or not life.dead
            for spec in self._specs.values():
                self.broker.group(spec.name, spec.changelog_topic).evict(life.name)
