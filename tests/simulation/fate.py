"""
Decide at every await of the log whether the process goes on, waits or dies.

All choices come from one seed, in the order in which the coroutines reach their awaits: the same
seed tells the same story.
"""

import asyncio
import hashlib
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from tests.simulation.life import Killed, Life
from tests.simulation.misfortunes import BY_PLACE, BY_TIME, Misfortune, Weather
from tests.simulation.virtual_loop import VirtualLoop


TRACE_LENGTH: Final = 60
STALL_S_MAX: Final = 3.0
JITTER_S: Final = 0.02
HEARTBEAT_RATIO: Final = 0.3
"""How long a heartbeat may be away, in sessions; until then a zombie works on as if it lived."""
BRISK, SLOW = 0.6, 0.94
"""Below: go on at once; above: wait up to `JITTER_S`; between: let the others run."""


class Fate:
    """
    What befalls a simulated world, and the record of it.

    Attributes:
        calm_after_s: from then on nothing goes wrong any more.
        struck: what went wrong, as sentences with time, victim and place.
        counts: how often each kind of misfortune struck.
        killed_at: how often a process was killed at each place.
        reached: every place of the log and the channel that somebody came by.
        on_strike: told of what strikes by time, for whoever rules over the processes.
        on_rebalance: told of a fold whose members shall give up their tasks, and for how long.
        on_kill: told of a process that was killed.
        on_freeze: told of a process that stands still.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        chance: random.Random,
        weather: Weather,
        misfortunes: Sequence[Misfortune],
    ) -> None:
        """Begin; `chance` decides what is no misfortune: who goes first, and how long it takes."""
        self.loop = loop
        self.weather = weather
        self.calm_after_s = weather.calm_after_s
        self.struck: list[str] = []
        self.counts: Counter[str] = Counter()
        self.killed_at: Counter[str] = Counter()
        self.reached: set[str] = set()
        self.on_strike: Callable[[Misfortune], None] = _nobody_hears
        self.on_rebalance: Callable[[str, float], None] = _nobody_hears
        self.on_kill: Callable[[Life], None] = _nobody_hears
        self.on_freeze: Callable[[Life], None] = _nobody_hears
        self._chance = chance
        self._stall_ratio = chance.choice(weather.stalls_per_mille) / 1000
        self._lines: list[tuple[float, str, str]] = []
        self._coming: dict[str, deque[Misfortune]] = defaultdict(deque)
        for misfortune in misfortunes:
            if misfortune.kind in BY_TIME:
                loop.call_at(misfortune.at_s, self._strike, misfortune)
            else:
                queue = "" if misfortune.kind in BY_PLACE else misfortune.kind
                self._coming[queue].append(misfortune)
        self._blows = self._coming[""]

    @property
    def digest(self) -> str:
        """Return a fingerprint of everything that has happened."""
        return hashlib.blake2b(msgspec.msgpack.encode(self._lines), digest_size=8).hexdigest()

    def trace(self, length: int = TRACE_LENGTH) -> list[str]:
        """Return the last lines of the story; length 0: all of them."""
        return [f"{at_s:.6f} {who} {what}" for at_s, who, what in self._lines[-length:]]

    def pause_of(self, life: Life) -> Callable[[str], Any]:
        """Return the hook for the log of one process."""
        return partial(self.at, life)

    async def at(self, life: Life, place: str) -> None:
        """
        Go on at once, later, or never.

        Raises:
            Killed: the process is dead.
        """
        if life.dead:
            raise Killed
        now_s = self.loop.time()
        self._lines.append((now_s, life.name, place))
        self.reached.add(place)
        calm = now_s >= self.calm_after_s
        if self._blows and now_s >= self._blows[0].at_s and not calm:
            self._maybe_strike(life, place, now_s)
        chance = self._chance.random()
        if chance < self._stall_ratio and not calm:
            stall_s = self._chance.expovariate(1 / self.weather.stall_s_mean)
            await asyncio.sleep(min(STALL_S_MAX, stall_s))
        elif chance > SLOW:
            await asyncio.sleep((chance - SLOW) / (1 - SLOW) * JITTER_S)
        elif chance > BRISK:
            await asyncio.sleep(0)
        if life.frozen_until_s > self.loop.time():
            await self._thaw(life, place)
        if life.dead:
            raise Killed

    def note(self, who: str, what: str) -> None:
        """Write a line of the story."""
        self._lines.append((self.loop.time(), who, what))

    def take(self, kind: str, who: str) -> Misfortune | None:
        """Return a misfortune of this kind if one is due; it strikes `who`."""
        coming = self._coming.get(kind)
        if not coming or not coming[0].at_s <= self.loop.time() < self.calm_after_s:
            return None
        misfortune = coming.popleft()
        self.strikes(misfortune, who)
        return misfortune

    def strikes(self, misfortune: Misfortune, who: str, place: str = "") -> None:
        """Write down that a misfortune has struck."""
        self.counts[misfortune.kind] += 1
        what = f"{misfortune.kind} at {place}" if place else misfortune.kind
        self.note(who, what)
        lasting = f" for {misfortune.seconds:.2f} s" if misfortune.seconds else ""
        self.struck.append(f"{self.loop.time():.3f} s: {what}{lasting}, {who}")

    def kill(self, life: Life, place: str) -> None:
        """End a process without a word."""
        self.killed_at[place] += 1
        life.end()
        self.on_kill(life)

    async def _thaw(self, life: Life, place: str) -> None:
        """Stand still; who wakes up hears of the group with the next heartbeat only."""
        await asyncio.sleep(life.frozen_until_s - self.loop.time())
        if place.startswith("membership:"):
            heartbeat_s = HEARTBEAT_RATIO * self.weather.session_s
            await asyncio.sleep(self._chance.uniform(0, heartbeat_s))

    def _strike(self, misfortune: Misfortune) -> None:
        """Let a misfortune strike whose moment has come."""
        self.on_strike(misfortune)

    def _maybe_strike(self, life: Life, place: str, now_s: float) -> None:
        """Kill the process here, or freeze it, if it is its turn."""
        blow = self._blows[0]
        if now_s < blow.at_s + self.weather.patience_s:
            if place != blow.place:
                return
            if blow.skipped_count:
                self._blows[0] = blow._replace(skipped_count=blow.skipped_count - 1)
                return
        self._blows.popleft()
        self.strikes(blow, life.name, place)
        if blow.kind == "kill":
            self.kill(life, place)
            raise Killed
        life.frozen_until_s = now_s + blow.seconds
        self.on_freeze(life)


def _nobody_hears(*_what: object) -> None:
    """Stand where a supervisor will be."""
