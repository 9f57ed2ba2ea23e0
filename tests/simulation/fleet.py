"""
Tell the stories of many seeds, several processes side by side, and add up what happened.

A story never depends on those told before it, so how the seeds are shared out changes nothing.
"""

import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from tests.simulation.story import Story, Variant, tell
from tests.simulation.worlds import SETTINGS, world_of


CHUNK_COUNT: Final = 20
"""Seeds that a process is given at a time."""
REPORTED_EVERY_S: Final = 30.0


class Wrong(Struct, frozen=True):
    """A seed that went wrong, with its world and the first fault."""

    seed: int
    world: str
    fault: str


class Outcome(Struct):
    """What has happened in some seeds, added up."""

    worlds: Counter[str] = field(default_factory=Counter)
    killed_at: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    event_count: int = 0
    commit_count: int = 0
    virtual_s: float = 0.0
    wrong: list[Wrong] = field(default_factory=list)

    def add(self, world: str, story: Story) -> None:
        """Add a story."""
        self.worlds[world] += 1
        self.killed_at += story.killed_at
        self.counts += story.counts
        self.event_count += story.event_count
        self.commit_count += story.commit_count
        self.virtual_s += story.virtual_s
        if story.faults:
            self.wrong.append(Wrong(story.variant.seed, world, story.faults[0]))

    def merge(self, other: "Outcome") -> None:
        """Add what another process has told."""
        self.worlds += other.worlds
        self.killed_at += other.killed_at
        self.counts += other.counts
        self.event_count += other.event_count
        self.commit_count += other.commit_count
        self.virtual_s += other.virtual_s
        self.wrong += other.wrong


def tell_some(seeds: Sequence[int], world: str = "") -> Outcome:
    """Tell the stories of some seeds in this process; `world` "" leaves it to the seed."""
    outcome = Outcome()
    gc.disable()  # garbage is taken out between two stories, not within one
    try:
        for seed in seeds:
            name = world or world_of(seed)
            outcome.add(name, tell(Variant(seed), SETTINGS[name], trace_length=1))
            gc.collect()
            if not gc.get_freeze_count():
                gc.freeze()  # what every story needs is loaded: nobody has to walk it again
    finally:
        gc.enable()
    return outcome


def tell_all(
    seeds: Sequence[int],
    world: str,
    *,
    process_count: int,
    told: Callable[[Outcome], None],
) -> Outcome:
    """Tell the stories of all seeds; `told` hears now and then how far it is."""
    outcome, heard_s = Outcome(), time.monotonic()
    tell_some(seeds[:1], world)  # whatever is loaded late is loaded once, before we fork
    with multiprocessing.get_context("fork").Pool(process_count) as pool:
        chunks = ((chunk, world) for chunk in _chunks(seeds))
        for some in pool.imap_unordered(_tell_chunk, chunks):
            outcome.merge(some)
            if time.monotonic() - heard_s > REPORTED_EVERY_S:
                heard_s = time.monotonic()
                told(outcome)
    outcome.wrong.sort(key=lambda wrong: wrong.seed)
    return outcome


def _tell_chunk(work: tuple[Sequence[int], str]) -> Outcome:
    """Tell the stories of a few seeds."""
    return tell_some(*work)


def _chunks(seeds: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the seeds, a few at a time."""
    for place in range(0, len(seeds), CHUNK_COUNT):
        yield seeds[place : place + CHUNK_COUNT]
