"""
Test whether the arms are as large as was declared, looked at whenever one likes.

Where they are not, whoever was left out of one arm only has taken the comparison along: no effect
is to be believed before that is explained. The alternative is a Dirichlet prior around the
declared shares; the e-value follows from the counts alone, in whatever order they came.

Source: Lindon, Malek (2022), "Anytime-valid inference for multinomial count data", NeurIPS 35
(arXiv 2011.03567).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lifecycle.effect.evidence import PPM, Evidence, checked


PRIOR_COUNT: Final = 10_000
"""Customers' worth by which the alternative is held to the declared shares, as the authors do."""


@dataclass(slots=True)
class SampleRatio:
    """
    How many customers each arm got, against its share in parts per million of all assigned.

    Raises ValueError unless there are two arms or more, none without a share, a million together.
    """

    shares_ppm: Mapping[str, int]
    counts: dict[str, int] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)

    def __post_init__(self) -> None:
        """Check the shares; begin at none of any arm."""
        shares = self.shares_ppm.values()
        if len(shares) <= 1 or min(shares) < 1 or sum(shares) != PPM:
            raise ValueError(f"wanted shares of two arms, 10^6 ppm together, found {[*shares]}")
        self.counts = {arm: self.counts.get(arm, 0) for arm in self.shares_ppm}

    def update(self, arm: str, count: int = 1) -> None:
        """Count so many customers of an arm, then look; raises ValueError for an unknown arm."""
        self.look({arm: count})

    def look(self, more: Mapping[str, int]) -> None:
        """Count all that came since the last look, in any order; raises ValueError as above."""
        if unknown := more.keys() - self.counts.keys():
            raise ValueError(f"wanted one of the arms {list(self.counts)}, found {sorted(unknown)}")
        for arm, count in more.items():
            self.counts[arm] += count
        self.evidence.reach(self._log_e())

    def _log_e(self) -> float:
        """Return the logarithm of the Dirichlet-multinomial over the declared multinomial."""
        parts = [math.lgamma(PRIOR_COUNT), -math.lgamma(PRIOR_COUNT + sum(self.counts.values()))]
        for arm, count in self.counts.items():
            share = self.shares_ppm[arm] / PPM
            prior = PRIOR_COUNT * share
            parts += [math.lgamma(prior + count), -math.lgamma(prior), -count * math.log(share)]
        return math.fsum(parts)

    def snapshot(self) -> tuple[float, ...]:
        """Return the counts in the order of the shares, then the evidence, as floats."""
        return (*map(float, self.counts.values()), *self.evidence.snapshot())

    @classmethod
    def restored(cls, shares_ppm: Mapping[str, int], values: Sequence[float]) -> "SampleRatio":
        """Return what a snapshot of these shares holds; raises ValueError where it is none."""
        *counts, log_e, max_log_e = checked(values, len(shares_ppm) + 2)
        whole = dict(zip(shares_ppm, map(int, counts), strict=True))
        return cls(shares_ppm, whole, Evidence(log_e, max_log_e))
