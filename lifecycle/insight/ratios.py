"""Test whether the arms of a version are as large as they should be (docs/insight.md 3)."""

from collections.abc import Mapping

from lifecycle.effect.evidence import PPM
from lifecycle.effect.sample_ratio import SampleRatio


def sample_ratio(
    declared_ppm: Mapping[str, int], snapshot: tuple[float, ...]
) -> SampleRatio | None:
    """
    Return the test of the arms that were declared, None where there is nothing to compare.

    Raises:
        ValueError: a snapshot of other shares.

    """
    shares = declared_ppm.values()
    if len(declared_ppm) <= 1 or min(shares) < 1 or sum(shares) != PPM:
        return None
    return SampleRatio.restored(declared_ppm, snapshot) if snapshot else SampleRatio(declared_ppm)
