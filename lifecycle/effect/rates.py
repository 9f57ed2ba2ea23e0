"""
Guess what comes next in each of two arms from what came before.

Any guess that knows only the past keeps every proof of this package; a good one makes the tests
fast and the intervals narrow. Both arms are drawn to what they have in common, so that a handful
of outcomes is not taken for a difference.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias


Arm: TypeAlias = Literal["control", "contact"]

POOL_SUM: Final = 1.0
POOL_COUNT: Final = 20.0
"""Both arms together begin as if of twenty customers one had converted."""

DRAWN_COUNT: Final = 200.0
"""Customers' worth by which an arm is drawn to the rate of both (measured: docs/adr/0017)."""


@dataclass(slots=True)
class Tally:
    """What each arm has: customers, and the sum of their outcomes, each from 0 to 1."""

    control_count: int = 0
    contact_count: int = 0
    control_sum: float = 0.0
    contact_sum: float = 0.0

    def rates(self) -> tuple[float, float]:
        """Return the guess for control and for contact, both above 0 and below 1."""
        count = self.control_count + self.contact_count
        pool = (self.control_sum + self.contact_sum + POOL_SUM) / (count + POOL_COUNT)
        drawn = DRAWN_COUNT * pool
        return (
            (self.control_sum + drawn) / (self.control_count + DRAWN_COUNT),
            (self.contact_sum + drawn) / (self.contact_count + DRAWN_COUNT),
        )

    def add(self, arm: Arm, outcome: float) -> None:
        """Count an outcome from 0 to 1; raises ValueError for another arm than the two."""
        if arm == "control":
            self.control_count += 1
            self.control_sum += outcome
        elif arm == "contact":
            self.contact_count += 1
            self.contact_sum += outcome
        else:
            raise ValueError(f"wanted the arm control or contact, found {arm!r}")

    def snapshot(self) -> tuple[float, float, float, float]:
        """Return counts and sums as floats, control before contact."""
        counts = float(self.control_count), float(self.contact_count)
        return (*counts, self.control_sum, self.contact_sum)

    @classmethod
    def restored(cls, values: tuple[float, ...]) -> "Tally":
        """Return what a snapshot holds."""
        control_count, contact_count, control_sum, contact_sum = values
        return cls(int(control_count), int(contact_count), control_sum, contact_sum)
