"""
Say whether something of a customer's is declining: a one-sided cumulative sum, in whole numbers.

Page, E. S. (1954), "Continuous inspection schemes", Biometrika 41, 100-115.
"""

from collections.abc import Sequence
from math import isqrt
from operator import mul
from typing import Final

from lifecycle.features.context import PPM


SLACK_PPM: Final = 500_000
"""Half a standard deviation: what is allowed to each value, so that shifts of a whole one count."""

DRIFT_COUNT_MIN: Final = 8
"""With fewer purchases a half says nothing of what is usual."""

DRIFT_PPM_MAX: Final = 1_000_000_000
"""Where it stops: a thousand standard deviations; a rule's integers have 64 bits."""

_PPM_SQUARED: Final = PPM * PPM


def decline_ppm(values: Sequence[int]) -> int:
    """
    Return how far the newer half has fallen below the older, in millionths of its deviation.

    The older half (the lesser of two that differ) says mean and standard deviation, that of a
    population. 0: no decline, or the older half does not vary. Every newer value adds how many
    deviations it is below the mean, less `SLACK_PPM`; the sum never falls below 0.
    """
    count = len(values) // 2
    older, newer = values[:count], values[count:]
    total = sum(older)
    squares = count * sum(map(mul, older, older)) - total * total
    if squares <= 0:
        return 0
    spread = isqrt(squares * _PPM_SQUARED)  # count times the deviation, in millionths
    drift_ppm = 0
    for value in newer:
        below_ppm = (total - count * value) * _PPM_SQUARED // spread
        drift_ppm = max(0, drift_ppm + below_ppm - SLACK_PPM)
    return min(drift_ppm, DRIFT_PPM_MAX)
