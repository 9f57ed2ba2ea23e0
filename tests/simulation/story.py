"""Tell the story of one seed: a world, its fate, and what was wrong in the end."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, Protocol

from streams import clock
from tests.simulation.cluster import Cluster
from tests.simulation.fate import Fate
from tests.simulation.grain import bites
from tests.simulation.misfortunes import Weather, draw, kept
from tests.simulation.virtual_loop import Stuck, VirtualLoop, run_virtual


TRACE_LENGTH: Final = 60
WEATHER_SEED: Final = 1 << 40
JITTER_SEED: Final = 2 << 40
SUPERVISOR_SEED: Final = 3 << 40
GRAIN_SEED: Final = 4 << 40
"""Sources of chance of their own, so that one misfortune less does not make another world."""


class World(Protocol):
    """What goes into a cluster, and what must come out of it."""

    @property
    def coming(self) -> Sequence[object]: ...  # noqa: D102

    async def feed(self, kept: Collection[int] | None) -> None:
        """Play everything outside the workers; of `coming` what has a number in `kept`."""

    def finished(self) -> bool:
        """Return whether all that must come has come, so that this moment can be judged."""

    def faults(self) -> list[str]:
        """Return what is wrong in the end, as sentences."""


class Setting(NamedTuple):
    """
    A kind of world and its weather.

    It is not over before `over_s`. From then on we look every `step_s` whether all is done, at
    most `look_count_max` times.
    """

    make_world: Callable[[Cluster, random.Random], World]
    weather: Weather
    over_s: float
    step_s: float
    look_count_max: int


class Variant(NamedTuple):
    """
    A seed's story, or what is left of it.

    `events` and `misfortunes` are the numbers of those that happen, None for all.
    """

    seed: int
    events: frozenset[int] | None = None
    misfortunes: frozenset[int] | None = None


class Story(NamedTuple):
    """What happened in one simulated world."""

    variant: Variant
    faults: Sequence[str]
    digest: str
    killed_at: Counter[str]
    reached: frozenset[str]
    counts: Counter[str]
    struck: Sequence[str]
    event_count: int
    misfortune_count: int
    commit_count: int
    virtual_s: float
    trace: Sequence[str]


def tell(variant: Variant, setting: Setting, trace_length: int = TRACE_LENGTH) -> Story:
    """
    Live through one seed; the same variant gives the same story, `digest` for `digest`.

    What is wrong in the end is judged with production's own sizes of bites.
    """
    telling = Telling(variant, setting)
    telling.tell()
    return telling.story(trace_length)


@contextmanager
def machine_clock(now_ms: Callable[[], int]) -> Iterator[None]:
    """Let the machine's wall clock be the world's, for whoever asks `streams.clock`."""
    module: Any = clock
    real = module.time
    module.time = SimpleNamespace(time_ns=lambda: now_ms() * 1_000_000)
    try:
        yield
    finally:
        module.time = real


class Telling:
    """
    A story that is being told.

    Attributes:
        faults: what was wrong before anybody judged.
        world: once it is made, and after its end.
    """

    def __init__(self, variant: Variant, setting: Setting) -> None:
        """Draw what will go wrong."""
        self.variant, self.setting = variant, setting
        self.faults: list[str] = []
        self._misfortunes = draw(_chance(variant.seed, WEATHER_SEED), setting.weather)
        self._cluster: Cluster | None = None
        self.world: World | None = None

    def now_ms(self) -> int:
        """Return the world's time, epoch milliseconds UTC."""
        return self._cluster.now_ms() if self._cluster else 0

    def tell(self) -> None:
        """Tell it to its end."""
        grain = _chance(self.variant.seed, GRAIN_SEED)
        with bites(grain), machine_clock(self.now_ms):
            try:
                run_virtual(self._live)
            except Stuck as error:
                self.faults.append(f"liveness: {error}")

    async def _live(self, loop: VirtualLoop) -> None:
        """Make the world, play what happens in it, and bring it to its end."""
        variant, setting = self.variant, self.setting
        happening = kept(self._misfortunes, variant.misfortunes)
        jitter = _chance(variant.seed, JITTER_SEED)
        fate = Fate(loop, jitter, setting.weather, happening)
        cluster = self._cluster = Cluster(loop, fate, _chance(variant.seed, SUPERVISOR_SEED))
        world = self.world = setting.make_world(cluster, _chance(variant.seed, 0))
        await world.feed(variant.events)
        await asyncio.sleep(max(setting.over_s, setting.weather.calm_after_s) - loop.time())
        for _ in range(setting.look_count_max):
            if world.finished():
                break
            await asyncio.sleep(setting.step_s)
        else:
            self.faults.append("liveness: wanted all to be done, found something undone")
        cluster.end()

    def story(self, trace_length: int) -> Story:
        """Return what happened, and what was wrong with it."""
        cluster, world = self._cluster, self.world
        assert cluster is not None
        assert world is not None
        fate = cluster.fate
        return Story(
            variant=self.variant,
            faults=[*self.faults, *cluster.faults, *world.faults()],
            digest=fate.digest,
            killed_at=fate.killed_at,
            reached=frozenset(fate.reached),
            counts=fate.counts,
            struck=fate.struck,
            event_count=len(world.coming),
            misfortune_count=len(self._misfortunes),
            commit_count=cluster.watch.commit_count,
            virtual_s=cluster.loop.time(),
            trace=fate.trace(trace_length),
        )


def _chance(seed: int, purpose: int) -> random.Random:
    """Return the source of chance of a seed for one purpose."""
    return random.Random(seed + purpose)  # noqa: S311 (chance that can be told again)
