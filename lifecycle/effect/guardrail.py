"""
Test whether opt-outs, complaints or failures are more frequent than a declared bound allows.

One-sided, looked at whenever one likes. The bettor spreads the stake over rates whose odds are 1.25
to 10 times those of the bound. While every customer's probability given the past is at most the
bound (or they are on average), the e-process falls on average. It follows from two counts alone,
in whatever order they came.

Source: a likelihood-ratio mixture (Robbins 1970, "Statistical methods related to the law of the
iterated logarithm"); composite nulls and drift as in Howard et al. 2021, section 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from lifecycle.effect.evidence import PPM, Evidence, checked, checked_ppm, log_mean_exp


ODDS_RATIOS: Final = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""How many times the odds of the bound, all weighed alike."""


@dataclass(slots=True)
class Guardrail:
    """How many customers were counted, and of how many there was something to complain."""

    bound_ppm: int
    count: int = 0
    event_count: int = 0
    evidence: Evidence = field(default_factory=Evidence)

    def __post_init__(self) -> None:
        """Raise ValueError for a bound of nothing or of all."""
        checked_ppm("bound_ppm", self.bound_ppm)

    def update(self, outcome: int) -> None:
        """Count a customer, 1 if it happened, else 0."""
        self.look(1, outcome)

    def look(self, count: int, event_count: int) -> None:
        """Count all that came since the last look; raises ValueError for more events than that."""
        if not 0 <= event_count <= count:
            raise ValueError(f"wanted 0 to {count} events, found {event_count}")
        self.count += count
        self.event_count += event_count
        self.evidence.reach(self._log_e())

    def broken(self, alpha_ppm: int) -> bool:
        """Return whether the bound is broken, wrongly with a probability of at most alpha, ever."""
        return self.evidence.p_ppm <= alpha_ppm

    def _log_e(self) -> float:
        """Return the logarithm of the mixture of likelihood ratios against the bound."""
        bound = self.bound_ppm / PPM
        return log_mean_exp(
            [
                self.event_count * math.log(ratio) - self.count * math.log1p(bound * (ratio - 1.0))
                for ratio in ODDS_RATIOS
            ]
        )

    def snapshot(self) -> tuple[float, ...]:
        """Return all there is as five floats; going on from it changes no bit."""
        counts = float(self.bound_ppm), float(self.count), float(self.event_count)
        return (*counts, *self.evidence.snapshot())

    @classmethod
    def restored(cls, values: Sequence[float]) -> "Guardrail":
        """Return what a snapshot holds; raises ValueError where it is none."""
        bound_ppm, count, event_count, log_e, max_log_e = checked(values, 5)
        return cls(int(bound_ppm), int(count), int(event_count), Evidence(log_e, max_log_e))
