"""
Say whom an effect compares, and how large each arm was declared to be (docs/insight.md 3).

A campaign's arms are compared with its own control. Who is held out gets no other campaign either,
so they are the comparison of all contacts together, campaign "", and of nothing else.
"""

from collections.abc import Mapping

from lifecycle.effect.evidence import PPM
from lifecycle.experiment import CONTROL, DEFAULT, HOLDOUT


def kept_back(campaign_id: str) -> str:
    """Return the arm that the others of a campaign, or of the tenant itself, are compared with."""
    return CONTROL if campaign_id else HOLDOUT


def declared_ppm(
    campaign_id: str, shares_ppm: Mapping[str, int], holdout_ppm: int
) -> Mapping[str, int]:
    """
    Return the share of every arm that is compared, in parts per million of all of them.

    >>> declared_ppm("bind", {"control": 200_000, "default": 800_000}, 50_000)
    {'control': 200000, 'default': 800000}
    >>> declared_ppm("", {"default": 1_000_000}, 50_000)
    {'holdout': 50000, 'default': 950000}
    """
    if campaign_id:
        return shares_ppm
    return {HOLDOUT: holdout_ppm, DEFAULT: PPM - holdout_ppm}


def ratio_key(campaign_id: str, holdout_ppm: int) -> int:
    """Return under which share of the holdout a sample ratio is kept: 0 of a campaign."""
    return 0 if campaign_id else holdout_ppm
