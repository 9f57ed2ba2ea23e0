"""
Bound what contact brings, at any time: conversions, or money with a declared cap a customer.

Whatever is seen is brought to 0..1 (an amount: its share of the cap). For one customer,

    x = contact guess - control guess + (outcome - guess of the arm) / share of the arm   (contact)
    x = contact guess - control guess - (outcome - guess of the arm) / share of the arm   (control)

has the customer's own effect as its mean over the draw of the arm, whatever the guesses from the
past are (augmented inverse-propensity weighting). The mean of all x is the estimate, and
`lifecycle.effect.boundary` says how far it can be from the mean effect on the customers so far:
that of the campaign as it was, however rates drifted meanwhile.

A series has one share: a campaign whose share moves begins another (`pooling` adds them up).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lifecycle.effect import boundary
from lifecycle.effect.evidence import PPM, checked, checked_ppm
from lifecycle.effect.rates import Arm, Tally


class Interval(NamedTuple):
    """An estimate and its bounds: in shares of customers, or in minor units a customer."""

    estimate: float
    low: float
    high: float


class Sums(NamedTuple):
    """
    What an interval is made of: customers, the sum of x, that of its squared surprises.

    `scale` is how far a surprise can go.
    """

    customer_count: int
    total: float
    squares: float
    scale: float

    def interval(self, alpha_ppm: int) -> Interval:
        """
        Return the interval that misses, ever, with a probability of at most alpha.

        Nothing seen: 0, and no bounds.
        """
        if self.customer_count == 0:
            return Interval(0.0, -math.inf, math.inf)
        alpha = checked_ppm("alpha_ppm", alpha_ppm) / PPM / 2.0
        strayed = boundary.strayed_max(self.squares / self.scale**2, alpha) * self.scale
        estimate, apart = self.total / self.customer_count, strayed / self.customer_count
        return Interval(estimate, estimate - apart, estimate + apart)

    def log_e(self, mean: float = 0.0) -> float:
        """
        Return the logarithm of the e-value against this being the mean of x, from both sides.

        It is above log(1 / alpha) for every mean that the interval of alpha leaves out.
        """
        strayed, squares = (
            (self.total - self.customer_count * mean) / self.scale,
            self.squares / self.scale**2,
        )
        one, other = (boundary.log_mixture(side, squares) for side in (strayed, -strayed))
        return max(one, other) + math.log1p(math.exp(-abs(one - other))) - math.log(2.0)


@dataclass(slots=True)
class Difference:
    """
    What contact brings more than control, a customer.

    `control_ppm` is the share of control among the two; `cap_minor` what a customer counts for at
    most: 1 for conversions, for money what the owner declared. `capped_count` had more.
    """

    control_ppm: int
    cap_minor: int = 1
    tally: Tally = field(default_factory=Tally)
    total: float = 0.0
    squares: float = 0.0
    capped_count: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for a share of nobody or of all, or for no cap."""
        checked_ppm("control_ppm", self.control_ppm)
        _checked_cap(self.cap_minor)

    def update(self, arm: Arm, value_minor: int) -> None:
        """Count a customer: 1 or 0 converted, or an amount of 0 or more; raises ValueError else."""
        outcome = _checked_value(value_minor, self.cap_minor)
        control_guess, contact_guess = self.tally.rates()
        self.tally.add(arm, outcome)
        self.capped_count += value_minor > self.cap_minor
        share = self.control_ppm / PPM
        if arm == "control":
            surprise = (control_guess - outcome) / share
        else:
            surprise = (outcome - contact_guess) / (1.0 - share)
        self.total += contact_guess - control_guess + surprise
        self.squares += surprise * surprise

    @property
    def sums(self) -> Sums:
        """Return what an interval is made of, outcomes from 0 to 1."""
        count = self.tally.control_count + self.tally.contact_count
        least_ppm = min(self.control_ppm, PPM - self.control_ppm)
        return Sums(count, self.total, self.squares, PPM / least_ppm)

    def interval(self, alpha_ppm: int) -> Interval:
        """Return the interval of the difference, in the units of `cap_minor`."""
        return scaled(self.sums.interval(alpha_ppm), -1.0, self.cap_minor)

    def snapshot(self) -> tuple[float, ...]:
        """Return all there is as nine floats; going on from it changes no bit."""
        return (
            float(self.control_ppm),
            float(self.cap_minor),
            *self.tally.snapshot(),
            self.total,
            self.squares,
            float(self.capped_count),
        )

    @classmethod
    def restored(cls, values: Sequence[float]) -> "Difference":
        """Return what a snapshot holds; raises ValueError where it is none."""
        control_ppm, cap_minor, *rest = checked(values, 9)
        tally = Tally.restored(tuple(rest[:4]))
        return cls(int(control_ppm), int(cap_minor), tally, rest[4], rest[5], int(rest[6]))


@dataclass(slots=True)
class Mean:
    """What a customer of one group brings: a rate (`cap_minor` 1), or money with a cap."""

    cap_minor: int = 1
    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    capped_count: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for no cap."""
        _checked_cap(self.cap_minor)

    def update(self, value_minor: int) -> None:
        """Count a customer: 1 or 0, or an amount of 0 or more; raises ValueError else."""
        outcome = _checked_value(value_minor, self.cap_minor)
        self.capped_count += value_minor > self.cap_minor
        surprise = outcome - (self.total + 0.5) / (self.count + 1)
        self.count += 1
        self.total += outcome
        self.squares += surprise * surprise

    @property
    def sums(self) -> Sums:
        """Return what an interval is made of, outcomes from 0 to 1."""
        return Sums(self.count, self.total, self.squares, 1.0)

    def interval(self, alpha_ppm: int) -> Interval:
        """Return the interval of the mean, in the units of `cap_minor`."""
        return scaled(self.sums.interval(alpha_ppm), 0.0, self.cap_minor)

    def snapshot(self) -> tuple[float, ...]:
        """Return all there is as five floats; going on from it changes no bit."""
        counts = float(self.cap_minor), float(self.count)
        return (*counts, self.total, self.squares, float(self.capped_count))

    @classmethod
    def restored(cls, values: Sequence[float]) -> "Mean":
        """Return what a snapshot holds; raises ValueError where it is none."""
        cap_minor, count, total, squares, capped_count = checked(values, 5)
        return cls(int(cap_minor), int(count), total, squares, int(capped_count))


def scaled(found: Interval, least: float, cap_minor: int) -> Interval:
    """Return an interval within what is possible, in minor units."""
    low, high = max(found.low, least), min(found.high, 1.0)
    return Interval(found.estimate * cap_minor, low * cap_minor, high * cap_minor)


def _checked_cap(cap_minor: int) -> None:
    """Raise ValueError for no cap."""
    if cap_minor < 1:
        raise ValueError(f"wanted a cap_minor of 1 or more, found {cap_minor}")


def _checked_value(value_minor: int, cap_minor: int) -> float:
    """Return a value as a share of the cap; raises ValueError for one below 0."""
    if value_minor < 0:
        raise ValueError(f"wanted a value of 0 or more, found {value_minor}")
    return min(value_minor, cap_minor) / cap_minor
