"""Simulate customers in two arms, and follow an interval that is looked at after every one."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from lifecycle.effect.evidence import ALPHA_PPM, PPM
from lifecycle.effect.interval import Sums
from lifecycle.effect.rates import Arm


LOOK_EVERY: Final = 200
_ARMS: Final[tuple[Arm, Arm]] = ("control", "contact")


class Stream(NamedTuple):
    """Who was contacted and who converted, in the order in which their windows closed."""

    contacted: np.ndarray
    converted: np.ndarray

    def customers(self) -> Iterator[tuple[Arm, int]]:
        """Yield arm and outcome of each."""
        contacted, converted = (side.astype(int).tolist() for side in self)
        for arm, outcome in zip(contacted, converted, strict=True):
            yield _ARMS[arm], outcome


def drawn(seed: Sequence[int], count: int, control_ppm: int, rates: tuple[float, float]) -> Stream:
    """Return customers put into arms and converted by chance, at the rates of control, contact."""
    random = np.random.default_rng(seed)
    contacted = random.random(count) >= control_ppm / PPM
    return Stream(contacted, random.random(count) < np.where(contacted, rates[1], rates[0]))


class Watch:
    """
    Looks at an interval after every customer.

    `missed`: it ever missed the truth; `excluded_at`: the customer at whom it left out 0, 0 for
    none. A bound only grows with what was seen: an earlier one clears a customer without reckoning.
    """

    def __init__(self, truth: float) -> None:
        """Begin to watch for this truth."""
        self.truth, self.missed, self.excluded_at = truth, False, 0
        self._of_truth = self._of_nothing = 0.0

    def look(self, sums: Sums) -> None:
        """Look once more."""
        if abs(sums.total - sums.customer_count * self.truth) > self._of_truth:
            found = sums.interval(ALPHA_PPM)
            self._of_truth = (found.high - found.estimate) * sums.customer_count
            self.missed |= not found.low <= self.truth <= found.high
        if not self.excluded_at and abs(sums.total) > self._of_nothing:
            found = sums.interval(ALPHA_PPM)
            self._of_nothing = (found.high - found.estimate) * sums.customer_count
            self.excluded_at = 0 if found.low <= 0.0 <= found.high else sums.customer_count


def mean(values: Iterable[float]) -> float:
    """Return a mean, of truth values a share."""
    return statistics.fmean(map(float, values))


def customers_median(first_at: Iterable[int]) -> float:
    """Return the median of when something first was so, never (0) as later than all."""
    return statistics.median([at or float("inf") for at in first_at])
