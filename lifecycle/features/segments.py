"""Which of the bank's segments a customer is in, and what they have begun to spend on."""

from collections.abc import Sequence
from functools import lru_cache
from math import isqrt
from typing import Final

from lifecycle.features import recent
from lifecycle.features.context import PPM, Context, Feature
from lifecycle.features.habits import shares_ppm
from lifecycle.features.spend import amount_30d_minor, currency_of
from schemas.scenes import SCENES


TIERS: Final = ("light", "regular", "heavy", "top")
"""By how much is spent, beside the bank's other customers."""

SLACK_PPM: Final = 500_000
CHANGED_PPM: Final = 7_000_000
"""
Seven standard deviations, beyond which a habit has changed.

By simulation: of 2,500 who keep their habits 2.4 % are beyond it, of those who give half of their
next eight purchases to something new 51 %.
"""

CHANGE_COUNT_MIN: Final = 10
"""With fewer purchases a half says nothing of what is usual."""


def _spend_tier(context: Context) -> str:
    segments = context.segments
    edges = segments.edges_minor.get(currency_of(context)) if segments else None
    if edges is None:
        return ""
    spent_minor = amount_30d_minor(context)
    return TIERS[sum(spent_minor > edge for edge in edges)]


def _spend_cluster(context: Context) -> str:
    """Return the nearest cluster's name, the first of equals."""
    shares = shares_ppm(context.row.recent_spend)
    if context.segments is None or not shares:
        return ""
    clusters = context.segments.clusters
    return min(
        clusters,
        key=lambda name: sum(
            (shares.get(scene, 0) - clusters[name].get(scene, 0)) ** 2 for scene in SCENES
        ),
        default="",
    )


def _life_change_scene(context: Context) -> str:
    return changed_scene(tuple(recent.scenes(context.row.recent_spend)))


@lru_cache(recent.KNOWN_COUNT)
def changed_scene(scenes: Sequence[str]) -> str:
    """
    Return what has become frequent in the newer half of purchases, "" for nothing.

    A standardised cumulative sum a scene (Page 1954), in whole numbers; `scenes` oldest first.
    """
    if len(scenes) < CHANGE_COUNT_MIN:
        return ""
    middle = len(scenes) // 2
    older, newer = scenes[:middle], scenes[middle:]
    sums = {scene: _sum_ppm(older.count(scene), middle, newer, scene) for scene in sorted({*newer})}
    greatest = max(sums, key=lambda scene: sums[scene])
    return greatest if sums[greatest] > CHANGED_PPM else ""


def _sum_ppm(known_count: int, older_count: int, newer: Sequence[str], scene: str) -> int:
    """Return where a scene's cumulative sum ends, in millionths of a standard deviation."""
    share_ppm = (known_count + 1) * PPM // (older_count + 2)
    deviation_ppm = isqrt(share_ppm * (PPM - share_ppm))
    sum_ppm = 0
    for one in newer:
        above_ppm = ((PPM if one == scene else 0) - share_ppm) * PPM // deviation_ppm
        sum_ppm = max(0, sum_ppm + above_ppm - SLACK_PPM)
    return sum_ppm


SEGMENTS: Final = {
    "spend_tier": Feature(
        "string",
        "",
        "",
        "by amount_30d_minor among the bank's customers: light regular heavy top",
        _spend_tier,
        behavioural=True,
    ),
    "spend_cluster": Feature(
        "string",
        "",
        "",
        "kind of spending that is most like theirs, by share of scenes",
        _spend_cluster,
        behavioural=True,
    ),
    "life_change_scene": Feature(
        "string",
        "",
        "",
        "scene that has become frequent lately (CUSUM); needs 10 purchases",
        _life_change_scene,
        behavioural=True,
    ),
}
