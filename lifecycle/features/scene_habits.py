"""
Know what a customer usually buys, and tell what has become a habit (core.md 3.20).

A standardised cumulative sum for each scene (Page, E. S. (1954), "Continuous inspection schemes",
Biometrika 41, 100-115), in whole numbers. A row keeps of it what is behind its newest purchases:
44 bytes, big-endian, namely the scene told (its place + 1, 0 for none) and the count of purchases
in 1 each, then for every scene its count in 1, then for every scene its sum in 2. It goes on over
the newest at reading, so that late arrivals among them change nothing (SEMANTICS T6).
"""

from functools import cache, lru_cache
from math import isqrt
from struct import Struct
from typing import Final

from lifecycle.features import recent
from lifecycle.features.context import PPM
from schemas.scenes import SCENES


LEARN_COUNT: Final = 16
"""Purchases before anything is told, and for which it is told: so long a new habit is learnt."""

COUNT_MAX: Final = 128
"""Purchases at which all counts are halved: what is usual is that of some months."""

SHARE_PPM_MIN: Final = 100_000
"""
What a scene's share counts as at least.

Of a share of .01 two purchases in a row would be far out, and a dozen rare scenes are watched.
"""

SLACK: Final = 500
CHANGED: Final = 12_000
"""
In thousandths of a standard deviation.

By simulation, of 120 purchases each (tests/lifecycle/features/test_life_changes_told.py): fewer
than 1 % of customers who keep their habits are told to have changed; of those who give every other
purchase to what they bought least 99 % are, after 13 purchases as a rule. At 10,000, which does for
one series, 4 % are told falsely: fourteen are watched at once.
"""

_SCENE_BYTES: Final = 3
_HEAD_BYTES: Final = 2
_NOTHING: Final = bytes(_HEAD_BYTES)


class SceneHabits:
    """
    What is known of a customer's purchases up to one of them.

    `told` is the place of the scene last told, -1 for none; `count` and the scenes' `counts` are
    of purchases since then, halved at times; `sums` are in thousandths of a standard deviation.
    """

    __slots__ = ("count", "counts", "sums", "told")

    def __init__(self, known: bytes) -> None:
        """Read what a row keeps, b"" for nothing; a later release may know more scenes."""
        known = known or _NOTHING
        size = (len(known) - _HEAD_BYTES) // _SCENE_BYTES
        sums_from = _HEAD_BYTES + size
        self.told = known[0] - 1
        self.count = known[1]
        self.counts = bytearray(known[_HEAD_BYTES:sums_from])
        self.sums: list[int] = [*_shape(size).unpack_from(known, sums_from)]
        if size < len(SCENES):
            self.counts.extend(bytes(len(SCENES) - size))
            self.sums.extend([0] * (len(SCENES) - size))

    def take(self, place: int) -> None:
        """Take a purchase of the scene at a place in `SCENES`, the next in order of time."""
        if place >= len(self.counts):
            place = 0  # a later release may know more
        if self.count >= LEARN_COUNT and self._risen(place) >= CHANGED:
            self.told = place
            self._forget()
        self.count += 1
        self.counts[place] += 1
        if self.count == COUNT_MAX:
            self.count //= 2
            self.counts = bytearray(count // 2 for count in self.counts)

    def told_scene(self) -> str:
        """Return what is told to have become a habit, "" for nothing."""
        if not 0 <= self.told < len(SCENES) or self.count > LEARN_COUNT:
            return ""
        return SCENES[self.told]

    def packed(self) -> bytes:
        """Return what a row keeps."""
        head = bytes((self.told + 1, self.count))
        return head + self.counts + _shape(len(self.sums)).pack(*self.sums)

    def _risen(self, bought: int) -> int:
        """Move the sums by a purchase; return that of its scene, the only one that can rise."""
        sums, counts, count = self.sums, self.counts, self.count
        risen = max(0, sums[bought] + _steps(counts[bought], count)[0])
        for place, known in enumerate(sums):
            if known:
                fallen = known + _steps(counts[place], count)[1]
                sums[place] = max(0, fallen)
        sums[bought] = risen
        return risen

    def _forget(self) -> None:
        """Begin anew: what was usual is no more, and what is has to be learnt."""
        self.count = 0
        self.counts = bytearray(len(self.counts))
        self.sums = [0] * len(self.sums)


def learnt(known: bytes, place: int) -> bytes:
    """Return a row's `scene_habits` once it has taken a purchase that is no longer a newest."""
    habits = SceneHabits(known)
    habits.take(place)
    return habits.packed()


@lru_cache(recent.KNOWN_COUNT)
def changed_scene(known: bytes, recent_spend: bytes) -> str:
    """Return what has become a habit, as of the newest purchase, "" for nothing."""
    habits = SceneHabits(known)
    for place in recent.places(recent_spend):
        habits.take(place)
    return habits.told_scene()


@cache
def _shape(scene_count: int) -> Struct:
    """Return how the sums of so many scenes are packed."""
    return Struct(f">{scene_count}H")


@cache  # of counts up to COUNT_MAX
def _steps(scene_count: int, count: int) -> tuple[int, int]:
    """Return by what a scene's sum moves when it is bought, and when another is."""
    share_ppm = max(SHARE_PPM_MIN, (scene_count + 1) * PPM // (count + 2))
    deviation_ppm = isqrt(share_ppm * (PPM - share_ppm))
    bought = (PPM - share_ppm) * 1_000 // deviation_ppm
    return bought - SLACK, -share_ppm * 1_000 // deviation_ppm - SLACK
