"""
Name what can go wrong in a simulated world, and draw from a seed what will.

A story's misfortunes are a list that is drawn before it begins, so that the story can be told
again with some of them left out (`tests.simulation.shrink`).
"""

import random
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from msgspec import Struct


KINDS: Final = {
    "kill": "kill -9 of who comes by a place of the log",
    "kill_anywhere": "kill -9 of a process wherever it waits",
    "freeze": "SIGSTOP of who comes by a place of the log, then SIGCONT",
    "stop": "SIGTERM, and a new start",
    "rebalance": "a stranger joins a fold's group, and is thrown out again",
    "send_lost": "a batch that the broker never appends; its future fails",
    "send_unheard": "a batch whose acknowledgement is lost; its future fails",
    "slow_commit": "a commit that takes seconds",
    "slice_late": "slices that reach the agent late, half of the time past a rebalance",
    "slice_repeated": "a slice that the channel delivers twice",
    "slice_lost": "a slice that the channel loses",
    "open_transaction": "an upstream producer that dies with its transaction open",
    "lagging_source": "a source topic that is silent for a while, and then tells everything",
    "repeated_batch": "a producer that publishes its last records once more",
    "growth": "a source topic that gets more partitions",
}
"""Every kind of misfortune with its meaning."""

PLACES: Final = {
    "commit:before-append": 4,
    "commit:before-acknowledgement": 2,
    "commit:before-positions": 1,
    "commit:before-end": 3,
    "commit:before-marker": 4,
    "fence:before": 1,
    "fence:after": 1,
    "rows:before-read": 1,
    "open": 1,
    "assign": 1,
    "counts": 1,
    "join:before": 1,
    "membership:before-poll": 2,
    "membership:before-return": 1,
    "poll:before-fetch": 2,
    "poll:before-wait": 1,
    "poll:before-response": 2,
    "channel:before-put": 2,
    "reader:close": 1,
    "writer:close": 1,
    "leave:before": 1,
    "close": 1,
}
"""
Every await of the log and of the channel, and how often a process is struck there.

What a process has done is what it has done to the log: to die anywhere between two of these
awaits is the same to all others as to die at the second.
"""
BUSY: Final = ("commit", "poll", "channel")
"""Places that are passed all the time: there others are let pass first, elsewhere nobody."""
SKIPPED_MAX: Final = 12

BY_PLACE: Final = ("kill", "freeze")
BY_TIME: Final = ("kill_anywhere", "stop", "rebalance")
"""What strikes at its moment whatever anybody is doing; the others wait for their victim."""

SECONDS_MAX: Final = {
    "freeze": 3.0,
    "rebalance": 0.5,
    "slow_commit": 0.5,
    "slice_late": 1.5,
    "open_transaction": 0.5,
    "lagging_source": 0.7,
}
"""How long each lasts at most, in sessions."""


class Misfortune(NamedTuple):
    """
    Something that goes wrong, no sooner than `at_s`.

    Where it strikes whoever comes to `place`, `skipped_count` pass there before; otherwise `whom`
    (0 to 1) picks among those it may strike. `seconds` is how long it lasts.
    """

    at_s: float
    kind: str
    place: str = ""
    skipped_count: int = 0
    seconds: float = 0.0
    whom: float = 0.0

    def __str__(self) -> str:
        """Return it for people."""
        where = f" at {self.place}, after {self.skipped_count} others" if self.place else ""
        lasting = f" for {self.seconds:.2f} s" if self.seconds else ""
        return f"{self.kind} from {self.at_s:.2f} s on{where}{lasting}"


class Weather(Struct, frozen=True, kw_only=True):
    """
    How rough a world is until `calm_after_s`.

    `count_min` to `count_max` misfortunes of kinds weighed by `weights`; none in the last
    `patience_s`, for which one waits for its victim. `session_s` is how long the group's
    coordinator waits for a silent process, `stall_s_mean` how long one of `stalls_per_mille`
    awaits takes.
    """

    count_min: int
    count_max: int
    weights: Mapping[str, float]
    calm_after_s: float
    patience_s: float
    session_s: float
    stall_s_mean: float
    stalls_per_mille: Sequence[int] = (0, 1, 5, 20)


BRIEF: Final = Weather(
    count_min=1,
    count_max=4,
    weights=MappingProxyType(
        dict.fromkeys(KINDS, 1.0)
        | {"kill": 6.0, "kill_anywhere": 2.0, "freeze": 2.0, "slice_late": 1.5, "rebalance": 2.0}
    ),
    calm_after_s=3.4,
    patience_s=0.6,
    session_s=1.1,
    stall_s_mean=0.1,
)
"""Over within seconds."""

LONG: Final = Weather(
    count_min=3,
    count_max=30,
    weights=MappingProxyType(
        dict.fromkeys(KINDS, 1.0) | {"kill": 12.0, "freeze": 2.0, "slice_lost": 0.5}
    ),
    calm_after_s=60.0,
    patience_s=5.0,
    session_s=10.0,
    stall_s_mean=0.15,
)
"""A minute, and then some for zombies to wake up in."""

CALM: Final = Weather(
    count_min=0,
    count_max=0,
    weights=MappingProxyType({}),
    calm_after_s=5.0,
    patience_s=0.0,
    session_s=1.5,
    stall_s_mean=0.0,
    stalls_per_mille=(0,),
)
"""Nothing goes wrong."""


def draw(chance: random.Random, weather: Weather) -> list[Misfortune]:
    """Return what will go wrong, in order of time."""
    kinds = list(weather.weights)
    count = chance.randint(weather.count_min, weather.count_max)
    struck = chance.choices(kinds, list(weather.weights.values()), k=count) if count else []
    return sorted(_drawn(chance, kind, weather) for kind in struck)


def kept(
    misfortunes: Sequence[Misfortune], numbers: Collection[int] | None
) -> Sequence[Misfortune]:
    """Return those with these numbers, all for None."""
    if numbers is None:
        return misfortunes
    return [one for number, one in enumerate(misfortunes) if number in numbers]


def _drawn(chance: random.Random, kind: str, weather: Weather) -> Misfortune:
    """Return a misfortune of a kind."""
    at_s = chance.uniform(0.05 * weather.calm_after_s, weather.calm_after_s - weather.patience_s)
    place, skipped_count = "", 0
    if kind in BY_PLACE:
        place = chance.choices(list(PLACES), list(PLACES.values()))[0]
        if place.startswith(BUSY):
            skipped_count = chance.randint(0, SKIPPED_MAX)
    longest_s = SECONDS_MAX.get(kind, 0.0) * weather.session_s
    seconds = chance.uniform(0.1, 1) * longest_s
    return Misfortune(at_s, kind, place, skipped_count, seconds, chance.random())
