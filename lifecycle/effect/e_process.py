"""
Test whether contact changes how many convert, customer by customer, looked at whenever one likes.

The exact 2x2 e-process. Who is in control was drawn with a known probability, so under the null
"contact changes nothing" an outcome says nothing about the arm it came from. For each outcome the
bettor guesses both arms' rates from the past and gets

    rate of the arm / (share x control rate + (1 - share) x contact rate)     if it is a conversion
    (1 - rate of the arm) / (1 - the same mean)                               else,

whose mean over the draw of the arm is 1 whatever the outcome. Nothing is asked of the rate: it
may drift, differ from customer to customer, and need not be the same for two of them.

While contact is guessed to be better, this also is a bet that may only lose on average where
contact is the same or worse; while it is guessed to be worse, the other way round. So the bets of
either kind, kept apart, test for uplift and for harm.

Feed every customer once, when their window has closed, in an order that does not hang on how the
outcome came about. Whoever counts conversions as they happen and the others at the end of their
window still has a valid test of "contact changes nothing, not even when", but no test of uplift
or harm: a contact that only hastens conversions would pass for one that makes them.

Source: Turner, Ly, Grünwald (2024), "Generic E-variables for exact sequential k-sample tests that
allow for optional stopping", JSPI 230 (arXiv 2106.02693): two streams there, in blocks of fixed
sizes; here one stream with a drawn arm, and in place of the block's mean that of the draw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from lifecycle.effect.evidence import PPM, Evidence, checked, checked_ppm
from lifecycle.effect.rates import Arm, Tally


SNAPSHOT_COUNT: Final = 11


@dataclass(slots=True)
class EProcess:
    """
    What is known of one campaign's arm against its control, at one share.

    `control_ppm` is the share of control among the two. `uplift` speaks against "contact is no
    better", `harm` against "contact is no worse", `change` against "contact changes nothing"; it
    is the product of the two.
    """

    control_ppm: int
    tally: Tally = field(default_factory=Tally)
    uplift: Evidence = field(default_factory=Evidence)
    harm: Evidence = field(default_factory=Evidence)
    change: Evidence = field(default_factory=Evidence)

    def __post_init__(self) -> None:
        """Raise ValueError for a share of nobody or of all."""
        checked_ppm("control_ppm", self.control_ppm)

    def update(self, arm: Arm, outcome: Literal[0, 1]) -> None:
        """Bet on one customer's outcome, then learn it; raises ValueError for another arm."""
        control_rate, contact_rate = self.tally.rates()
        self.tally.add(arm, outcome)
        share = self.control_ppm / PPM
        mean = share * control_rate + (1.0 - share) * contact_rate
        rate = control_rate if arm == "control" else contact_rate
        log_factor = math.log(rate / mean if outcome else (1.0 - rate) / (1.0 - mean))
        self.change.multiply(log_factor)
        (self.uplift if contact_rate >= control_rate else self.harm).multiply(log_factor)

    def snapshot(self) -> tuple[float, ...]:
        """Return all there is as `SNAPSHOT_COUNT` floats; going on from it changes no bit."""
        return (
            float(self.control_ppm),
            *self.tally.snapshot(),
            *self.uplift.snapshot(),
            *self.harm.snapshot(),
            *self.change.snapshot(),
        )

    @classmethod
    def restored(cls, values: Sequence[float]) -> "EProcess":
        """Return what a snapshot holds; raises ValueError where it is none."""
        control_ppm, *rest = checked(values, SNAPSHOT_COUNT)
        return cls(
            int(control_ppm),
            Tally.restored(tuple(rest[:4])),
            Evidence(*rest[4:6]),
            Evidence(*rest[6:8]),
            Evidence(*rest[8:10]),
        )
