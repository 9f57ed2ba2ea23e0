"""Tell the story of one seed: a world, its fate, and what was wrong in the end."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from tests.simulation.cluster import Cluster
from tests.simulation.fate import Fate, Odds
from tests.simulation.virtual_loop import Stuck, VirtualLoop, run_virtual


PATIENCE_S: Final = 600
"""How long after the last crash everything must be done."""
AFTERMATH_S: Final = 20.0
"""How long we go on listening then for what may come twice."""


class World(Protocol):
    """What goes into a cluster, and what must come out of it."""

    async def feed(self) -> None:
        """Play everything outside the workers, to its end."""

    def finished(self) -> bool:
        """Return whether all that must come has come."""

    async def end(self) -> None:
        """Bring the workers to an end at which everything can be judged."""

    def faults(self) -> list[str]:
        """Return what is wrong in the end, as sentences."""


class Story(NamedTuple):
    """What happened in one simulated world."""

    seed: int
    faults: Sequence[str]
    digest: str
    killed_at: Counter[str]
    frozen_at: Counter[str]
    reached: Counter[str]
    commit_count: int
    virtual_s: float
    trace: Sequence[str]


def tell(
    seed: int,
    make_world: Callable[[Cluster], World],
    odds: Odds | None = None,
    told: Callable[[str], None] | None = None,
) -> Story:
    """
    Live through one seed; the same seed gives the same story, `digest` for `digest`.

    `told` hears every line of it instead of the trace.
    """
    fate = Fate(seed, odds)
    if told is not None:
        fate.told = told
    faults: list[str] = []
    commit_count, virtual_s = 0, 0.0

    async def main(loop: VirtualLoop) -> None:
        nonlocal commit_count, virtual_s
        cluster = Cluster(loop, fate)
        world = make_world(cluster)
        await world.feed()
        await _settle(world, fate.odds.calm_after_s)
        await world.end()
        faults.extend([*cluster.faults, *world.faults()])
        commit_count, virtual_s = cluster.observer.commit_count, loop.time()

    try:
        run_virtual(main)
    except Stuck as error:
        faults.append(str(error))
    return Story(
        seed,
        faults,
        fate.digest,
        fate.killed_at,
        fate.frozen_at,
        fate.reached,
        commit_count,
        virtual_s,
        list(fate.trace),
    )


async def _settle(world: World, calm_after_s: float) -> None:
    """Wait until the world has calmed down and finished, and a little longer."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(calm_after_s - loop.time())
    for _ in range(100):
        if world.finished():
            break
        await asyncio.sleep(PATIENCE_S / 100)
    await asyncio.sleep(AFTERMATH_S)
