"""Which of the bank's segments a customer is in, and what they have begun to spend on."""

from typing import Final

from lifecycle.features.context import Context, Feature
from lifecycle.features.habits import shares_ppm
from lifecycle.features.scene_habits import changed_scene
from lifecycle.features.spend import amount_30d_minor, currency_of
from schemas.scenes import SCENES


TIERS: Final = ("light", "regular", "heavy", "top")
"""By how much is spent, beside the bank's other customers."""


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
    return changed_scene(context.row.scene_habits, context.row.recent_spend)


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
        "scene that has become a habit (CUSUM), told for 16 purchases; needs 16 before",
        _life_change_scene,
        behavioural=True,
    ),
}
