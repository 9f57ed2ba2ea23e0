"""Test whether the arms of a version are as large as they should be (docs/insight.md 3)."""

from collections.abc import Mapping

from lifecycle.effect.evidence import PPM
from lifecycle.effect.sample_ratio import SampleRatio
from lifecycle.insight.series import HOLDOUT


def sample_ratio(
    shares_ppm: Mapping[str, int], holdout_ppm: int, snapshot: tuple[float, ...]
) -> SampleRatio | None:
    """
    Return the test of a version's arms at one holdout, None where there is nothing to compare.

    Raises:
        ValueError: a snapshot of other shares.

    """
    declared = declared_ppm(shares_ppm, holdout_ppm)
    shares = declared.values()
    if len(declared) <= 1 or min(shares) < 1 or sum(shares) != PPM:
        return None
    return SampleRatio.restored(declared, snapshot) if snapshot else SampleRatio(declared)


def declared_ppm(shares_ppm: Mapping[str, int], holdout_ppm: int) -> dict[str, int]:
    """
    Return the share of every arm, of all who are assigned; the last has what is left.

    >>> declared_ppm({"control": 333_300, "default": 666_700}, 50_000)
    {'holdout': 50000, 'control': 316635, 'default': 633365}
    """
    if not holdout_ppm:
        return dict(shares_ppm)
    declared = {HOLDOUT: holdout_ppm}
    for arm, share in shares_ppm.items():
        declared[arm] = (PPM - holdout_ppm) * share // PPM
    declared[next(reversed(declared))] += PPM - sum(declared.values())
    return declared
