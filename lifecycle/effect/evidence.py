"""
Keep how much speaks against a null hypothesis: an e-value, and the p-value that is always valid.

An e-process is what a bettor has who began with 1 and bets against the null at fair or worse
odds. While the null is true it ever reaches 1 / alpha with a probability of at most alpha (Ville
1939), whoever looks, however often: so 1 / (its greatest value so far) is a p-value at any time.

Source: Ramdas, Grünwald, Vovk, Shafer (2023), "Game-theoretic statistics and safe anytime-valid
inference", Statistical Science 38(4).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


PPM: Final = 1_000_000

ALPHA_PPM: Final = 50_000
"""Of intervals and tests that are told: each is wrong, ever, in at most one case of twenty."""


@dataclass(slots=True)
class Evidence:
    """The logarithm of an e-process, natural, and the greatest that it ever was; 0 says nothing."""

    log_e: float = 0.0
    max_log_e: float = 0.0

    def multiply(self, log_factor: float) -> None:
        """Take what one more bet brought, its logarithm."""
        self.reach(self.log_e + log_factor)

    def reach(self, log_e: float) -> None:
        """Take what the e-process is now, where that follows from counts alone."""
        self.log_e = log_e
        self.max_log_e = max(self.max_log_e, log_e)

    @property
    def p_value(self) -> float:
        """Return the p-value that is valid however often one looks."""
        return math.exp(-self.max_log_e)

    @property
    def p_ppm(self) -> int:
        """Return the same as an integer to decide by (SEMANTICS B6): rounded up, 1 at least."""
        return max(1, math.ceil(self.p_value * PPM))

    def snapshot(self) -> tuple[float, float]:
        """Return all there is, as two floats."""
        return self.log_e, self.max_log_e


def log_mean_exp(logs: Sequence[float]) -> float:
    """Return the logarithm of the mean of what these are the logarithms of."""
    greatest = max(logs)
    total = math.fsum([math.exp(one - greatest) for one in logs])
    return greatest + math.log(total / len(logs))


def checked(values: Sequence[float], count: int) -> Sequence[float]:
    """
    Return the numbers of a snapshot.

    Raises ValueError where they are not `count`, or one is not finite (SEMANTICS L3).
    """
    if len(values) != count or not all(map(math.isfinite, values)):
        raise ValueError(f"wanted {count} finite numbers, found {list(values)}")
    return values


def checked_ppm(name: str, ppm: int) -> int:
    """Return a share or rate that is neither nothing nor all; raises ValueError else."""
    if not 1 <= ppm < PPM:
        raise ValueError(f"wanted {name} from 1 to {PPM - 1:,}, found {ppm:,}")
    return ppm
