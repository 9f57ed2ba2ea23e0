"""
Compare an arm with who is kept back, at one share (docs/insight.md 3).

The statistics of `lifecycle.effect`, awake while a task owns them; a row has their snapshots.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from lifecycle.effect.e_process import EProcess
from lifecycle.effect.evidence import PPM
from lifecycle.effect.interval import Difference
from lifecycle.effect.rates import Arm
from schemas.insight_rows import FOLLOW_UPS, SeriesState


class Fed(NamedTuple):
    """A series that a record feeds, and on which side of it."""

    arm: str
    control_ppm: int
    side: Arm


class Series:
    """What is known of an arm against who is kept back, at one share."""

    __slots__ = ("activity", "change", "conversion", "money")

    def __init__(self, control_ppm: int, value_cap_minor: int, state: SeriesState) -> None:
        """
        Go on where a snapshot was taken; `value_cap_minor` 0: no money is counted.

        Raises:
            ValueError: a snapshot that is none.

        """
        self.change = EProcess.restored(state.change) if state.change else EProcess(control_ppm)
        self.conversion = _difference(state.conversion, control_ppm, 1)
        self.money = (
            _difference(state.money, control_ppm, value_cap_minor) if value_cap_minor else None
        )
        kept = state.activity or [()] * len(FOLLOW_UPS)
        self.activity = [_difference(one, control_ppm, 1) for one in kept]

    def settle(self, side: Arm, label: Literal[0, 1], value_minor: int) -> float:
        """Count what a customer's first exposure has come to; return what a bet on harm won."""
        before = self.change.harm.log_e
        self.change.update(side, label)
        self.conversion.update(side, label)
        if self.money is not None:
            self.money.update(side, value_minor)
        return self.change.harm.log_e - before

    def follow(self, side: Arm, place: int, active: bool) -> None:  # noqa: FBT001 (what came of it)
        """Count whether a customer was still active at a follow-up."""
        self.activity[place].update(side, int(active))

    def state(self) -> SeriesState:
        """Return all there is, () of what nothing was counted for."""
        activity = [_snapshot(one) for one in self.activity]
        return SeriesState(
            change=self.change.snapshot() if customer_count(self.change) else (),
            conversion=_snapshot(self.conversion),
            money=_snapshot(self.money) if self.money is not None else (),
            activity=activity if any(activity) else [],
        )


def customer_count(known: EProcess | Difference) -> int:
    """Return how many customers a statistic has counted, of both sides."""
    return known.tally.control_count + known.tally.contact_count


def fed(declared_ppm: Mapping[str, int], kept_back: str, arm: str) -> Iterator[Fed]:
    """
    Yield the series that a record of an arm feeds, in the order of the shares.

    Args:
        declared_ppm: share of every arm that is compared.
        kept_back: the one that the others are compared with; where it has no share, no series is.
        arm: the record's; one that is not declared feeds nothing.

    """
    kept_ppm = declared_ppm.get(kept_back)
    if kept_ppm is None or arm not in declared_ppm:
        return
    side: Arm = "control" if arm == kept_back else "contact"
    arms = [one for one in declared_ppm if one != kept_back] if side == "control" else [arm]
    for one in arms:
        control_ppm = kept_ppm * PPM // max(kept_ppm + declared_ppm[one], 1)
        if 1 <= control_ppm < PPM:
            yield Fed(one, control_ppm, side)


def _difference(snapshot: tuple[float, ...], control_ppm: int, cap_minor: int) -> Difference:
    """Return a difference as it was, or one that has counted nothing."""
    return Difference.restored(snapshot) if snapshot else Difference(control_ppm, cap_minor)


def _snapshot(known: Difference) -> tuple[float, ...]:
    """Return a difference at rest, () where it has counted nothing."""
    return known.snapshot() if customer_count(known) else ()
