"""Say which of the bank's segments a customer is in, and what they begin to buy: core.md §3.20."""

from tests.checker.oracle_features_spend import (
    currency,
    decayed_minor,
    scene_share_ppm,
)
from tests.checker.oracle_habits import told_of
from tests.checker.oracle_recent import SCENES
from tests.checker.oracle_subject import Subject


def spend_tier(subject: Subject) -> str:
    """Return how much is spent, beside the bank's other customers."""
    edges = (subject.segments or {"edges_minor": {}})["edges_minor"].get(currency(subject))
    if edges is None:
        return ""
    spent = decayed_minor(subject, 30)
    for name, edge in zip(("light", "regular", "heavy"), edges, strict=True):
        if spent <= edge:
            return name
    return "top"


def spend_cluster(subject: Subject) -> str:
    """Return the kind of spending that is nearest, of equals the first."""
    mine = scene_share_ppm(subject)
    if subject.segments is None or not mine:
        return ""
    nearest, least = "", None
    for name, shares in subject.segments["clusters"].items():
        apart = sum((mine.get(scene, 0) - shares.get(scene, 0)) ** 2 for scene, _ in SCENES)
        if least is None or apart < least:
            nearest, least = name, apart
    return nearest


def life_change_scene(subject: Subject) -> str:
    """Return what has become a habit, "" for nothing."""
    return told_of(subject.customer)


SEGMENTS = {
    "spend_tier": ("string", spend_tier),
    "spend_cluster": ("string", spend_cluster),
    "life_change_scene": ("string", life_change_scene),
}
