"""
Decide at every await of the log, from one seed, whether the process goes on, waits or dies.

All choices come from one generator, in the order in which the coroutines reach their awaits: the
same seed tells the same story.
"""

import asyncio
import hashlib
import random
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct


WEIGHTS: Final = {"commit": 8.0, "fence": 8.0, "rows": 8.0, "join": 4.0, "membership": 2.0}
"""How much more often than elsewhere a process dies or freezes where it does delicate things."""
TRACE_LENGTH: Final = 60


class Killed(BaseException):
    """`kill -9`: nothing of this process runs any more; no `except Exception` may see it."""


class Odds(Struct, frozen=True, kw_only=True):
    """How rough the world is; rates are per thousand awaits."""

    kills_per_mille: float = 1.0
    freezes_per_mille: float = 0.1
    stalls_per_mille: float = 10.0
    calm_after_s: float = 60.0


class Life:
    """
    One incarnation of a worker process.

    Attributes:
        dead: nothing of it may touch the log any more.
        frozen_until_s: it stands still until then (SIGSTOP).
        main: what it was started with.
    """

    def __init__(self, name: str, incarnation: int) -> None:
        """Begin to live."""
        self.name = name
        self.incarnation = incarnation
        self.dead = False
        self.frozen_until_s = 0.0
        self.main: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[Any]] = []

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Take note of a coroutine of this life."""
        self._tasks = [known for known in self._tasks if not known.done()]
        self._tasks.append(task)
        if self.dead:
            task.cancel()

    def end(self) -> None:
        """Die: every coroutine ends where it is, and the log is out of reach for what they say."""
        self.dead = True
        for task in self._tasks:
            task.cancel()


class Fate:
    """The one source of chance of a simulated world, and the record of what it did."""

    def __init__(self, seed: int, odds: Odds | None = None) -> None:
        """Begin the story of this seed; without `odds` the seed says how rough it is."""
        self.random = random.Random(seed)  # noqa: S311 (chance that can be told again)
        self.odds = odds or Odds(
            kills_per_mille=self.random.choice([0.3, 1, 4, 12]),
            freezes_per_mille=self.random.choice([0.05, 0.3, 1]),
            stalls_per_mille=self.random.choice([1, 10, 40]),
        )
        self.killed_at: Counter[str] = Counter()
        self.frozen_at: Counter[str] = Counter()
        self.reached: Counter[str] = Counter()
        self.trace: deque[str] = deque(maxlen=TRACE_LENGTH)
        self.told: Callable[[str], None] = self.trace.append
        self._digest = hashlib.blake2b(digest_size=8)
        self.on_kill: Callable[[Life], None] = _nobody_hears
        self.on_freeze: Callable[[Life], None] = _nobody_hears

    @property
    def digest(self) -> str:
        """Return a fingerprint of everything that has happened."""
        return self._digest.hexdigest()

    def pause_of(self, life: Life) -> Callable[[str], Any]:
        """Return the hook for the log of one process."""

        async def pause(place: str) -> None:
            await self.at(life, place)

        return pause

    async def at(self, life: Life, place: str) -> None:
        """
        Go on at once, later, or never.

        Raises:
            Killed: the process is dead.
        """
        if life.dead:
            raise Killed
        self.note(life.name, place)
        self._maybe_end(life, place)
        await self._maybe_wait(life)
        if life.dead:
            raise Killed

    def note(self, who: str, what: str) -> None:
        """Write a line of the story."""
        line = f"{asyncio.get_running_loop().time():.6f} {who} {what}"
        self.reached[what] += 1
        self._digest.update(line.encode())
        self.told(line)

    def _maybe_end(self, life: Life, place: str) -> None:
        """Kill the process here, or freeze it, or not."""
        now_s = asyncio.get_running_loop().time()
        if now_s >= self.odds.calm_after_s:
            return
        weight = WEIGHTS.get(place.partition(":")[0], 1.0)
        chance = self.random.random() * 1000 / weight
        if chance < self.odds.kills_per_mille:
            self.killed_at[place] += 1
            self.note(life.name, f"killed at {place}")
            life.end()
            self.on_kill(life)
            raise Killed
        if chance < self.odds.kills_per_mille + self.odds.freezes_per_mille:
            self.frozen_at[place] += 1
            self.note(life.name, f"frozen at {place}")
            life.frozen_until_s = now_s + self.random.uniform(1, 30)
            self.on_freeze(life)

    async def _maybe_wait(self, life: Life) -> None:
        """Run on, let others run, or stand still for a while."""
        loop = asyncio.get_running_loop()
        calm = loop.time() >= self.odds.calm_after_s
        chance = self.random.random()
        if not calm and chance * 1000 < self.odds.stalls_per_mille:
            await asyncio.sleep(self.random.uniform(0, 2))
        elif chance > 0.9:
            await asyncio.sleep(self.random.uniform(0, 0.02))
        elif chance > 0.3:
            await asyncio.sleep(0)
        if loop.time() < life.frozen_until_s:
            await asyncio.sleep(life.frozen_until_s - loop.time())


def _nobody_hears(_life: Life) -> None:
    """Stand where a supervisor will be."""
