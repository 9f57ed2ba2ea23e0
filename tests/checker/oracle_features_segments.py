"""Say which of the bank's segments a customer is in, and what they begin to buy: core.md §3.20."""

from math import isqrt

from tests.checker.oracle_features_spend import (
    MILLION,
    currency,
    decayed_minor,
    scene_share_ppm,
    scenes,
)
from tests.checker.oracle_recent import SCENES
from tests.checker.oracle_subject import Subject


CHANGE_COUNT_MIN = 10
SLACK_PPM = 500_000
CHANGED_PPM = 7_000_000


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
    """Return what has become frequent in the newer half of the purchases, "" for nothing."""
    found = scenes(subject)
    if len(found) < CHANGE_COUNT_MIN:
        return ""
    ends = {label: _risen(found, label) for label, _ in SCENES}
    changed = [label for label, sum_ppm in ends.items() if sum_ppm > CHANGED_PPM]
    return min(changed, key=lambda label: (-ends[label], label), default="")


def _risen(found: list[str], label: str) -> int:
    """Return where Page's cumulative sum of a scene ends, oldest purchases first."""
    m = len(found) // 2
    usual = (found[:m].count(label) + 1) * MILLION // (m + 2)
    deviation = isqrt(usual * (MILLION - usual))
    risen = 0
    for one in found[m:]:
        x = MILLION if one == label else 0
        risen = max(0, risen + (x - usual) * MILLION // deviation - SLACK_PPM)
    return risen


SEGMENTS = {
    "spend_tier": ("string", spend_tier),
    "spend_cluster": ("string", spend_cluster),
    "life_change_scene": ("string", life_change_scene),
}
