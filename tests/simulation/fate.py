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
from math import inf
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct


PLACES: Final = {
    "commit:before-append": 4,
    "commit:before-positions": 1,
    "commit:before-end": 3,
    "commit:before-marker": 4,
    "fence:before": 1,
    "fence:after": 1,
    "rows:before-read": 1,
    "assign": 1,
    "counts": 1,
    "join:before": 1,
    "membership:before-poll": 2,
    "membership:before-return": 1,
    "poll:before-fetch": 2,
    "poll:before-wait": 1,
    "poll:before-response": 2,
    "writer:close": 1,
    "leave:before": 1,
}
"""Where a process is struck, and how often compared with elsewhere."""
BUSY: Final = ("commit", "poll")
"""Places that are passed all the time: there others are let pass first, elsewhere nobody."""
PATIENCE_S: Final = 5.0
"""A blow that found nobody at its place for so long takes whoever comes next."""
SKIPPED_MAX: Final = 12
TRACE_LENGTH: Final = 60
STALL_S_MEAN: Final = 0.15
STALL_S_MAX: Final = 3.0


class Killed(BaseException):
    """`kill -9`: nothing of this process runs any more; no `except Exception` may see it."""


class Odds(Struct, frozen=True, kw_only=True):
    """How rough the world is until it calms down."""

    kills_per_minute: float = 10
    freezes_per_minute: float = 1
    stalls_per_mille: float = 5
    calm_after_s: float = 60.0


class Blow(NamedTuple):
    """Kill or freeze who comes to `place` after `at_s`, once others have passed there."""

    at_s: float
    kind: Literal["killed", "frozen"]
    place: str
    skipped_count: int


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
            self._cancel_soon()

    def end(self) -> None:
        """Die: every coroutine ends where it is, and the log is out of reach for what they say."""
        self.dead = True
        self._cancel_soon()

    def _cancel_soon(self) -> None:
        """Cancel once those that were just created have begun, or Python warns of them."""
        asyncio.get_running_loop().call_soon(self._cancel)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()


class Fate:
    """The one source of chance of a simulated world, and the record of what it did."""

    def __init__(self, seed: int, odds: Odds | None = None) -> None:
        """Begin the story of this seed; without `odds` the seed says how rough it is."""
        self.random = random.Random(seed)  # noqa: S311 (chance that can be told again)
        self.odds = odds or Odds(
            kills_per_minute=self.random.choice([3, 10, 25]),
            freezes_per_minute=self.random.choice([0, 1, 3]),
            stalls_per_mille=self.random.choice([0, 1, 5, 20]),
        )
        self._blows = self._draw_blows()
        self._waits_since_s = inf
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

    def _draw_blows(self) -> deque[Blow]:
        """Return what will happen, in order of time."""
        odds, blows = self.odds, []
        kinds: tuple[tuple[Literal["killed", "frozen"], float], ...] = (
            ("killed", odds.kills_per_minute),
            ("frozen", odds.freezes_per_minute),
        )
        for kind, per_minute in kinds:
            for _ in range(round(per_minute * odds.calm_after_s / 60)):
                at_s = self.random.uniform(0, odds.calm_after_s - PATIENCE_S)
                place = self.random.choices(list(PLACES), list(PLACES.values()))[0]
                skipped_max = SKIPPED_MAX if place.startswith(BUSY) else 0
                blows.append(Blow(at_s, kind, place, self.random.randint(0, skipped_max)))
        return deque(sorted(blows))

    def _maybe_end(self, life: Life, place: str) -> None:
        """Kill the process here, or freeze it, if its time has come."""
        now_s = asyncio.get_running_loop().time()
        calm = now_s >= self.odds.calm_after_s
        if calm or not self._blows or now_s < self._blows[0].at_s:
            return
        blow = self._blows[0]
        self._waits_since_s = min(self._waits_since_s, now_s)
        if now_s < self._waits_since_s + PATIENCE_S:
            if place != blow.place:
                return
            if blow.skipped_count:
                self._blows[0] = blow._replace(skipped_count=blow.skipped_count - 1)
                return
        self._blows.popleft()
        self._waits_since_s = inf
        self.note(life.name, f"{blow.kind} at {place}")
        if blow.kind == "killed":
            self.killed_at[place] += 1
            life.end()
            self.on_kill(life)
            raise Killed
        self.frozen_at[place] += 1
        life.frozen_until_s = now_s + self.random.uniform(1, 30)
        self.on_freeze(life)

    async def _maybe_wait(self, life: Life) -> None:
        """Run on, let others run, or stand still for a while."""
        loop = asyncio.get_running_loop()
        calm = loop.time() >= self.odds.calm_after_s
        chance = self.random.random()
        if not calm and chance * 1000 < self.odds.stalls_per_mille:
            await asyncio.sleep(min(STALL_S_MAX, self.random.expovariate(1 / STALL_S_MEAN)))
        elif chance > 0.9:
            await asyncio.sleep(self.random.uniform(0, 0.02))
        elif chance > 0.3:
            await asyncio.sleep(0)
        if loop.time() < life.frozen_until_s:
            await asyncio.sleep(life.frozen_until_s - loop.time())


def _nobody_hears(_life: Life) -> None:
    """Stand where a supervisor will be."""
