"""
Compare an arm with who is kept back, at one share (docs/insight.md 3).

The statistics of `lifecycle.effect`, awake while a task owns them; a row has their snapshots.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple

from lifecycle.effect.e_process import EProcess
from lifecycle.effect.evidence import PPM
from lifecycle.effect.interval import Difference
from lifecycle.effect.rates import Arm
from schemas.insight_rows import FOLLOW_UPS, SeriesState


CONTROL: Final = "control"
HOLDOUT: Final = "holdout"
"""The arms of `lifecycle.experiment.KEPT_BACK`."""


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


def fed(shares_ppm: Mapping[str, int], holdout_ppm: int, arm: str) -> Iterator[Fed]:
    """Yield the series that a record of an arm feeds, in the order of the shares."""
    kept_back = CONTROL if CONTROL in shares_ppm else HOLDOUT if holdout_ppm > 0 else ""
    side: Arm = "control" if arm == kept_back else "contact"
    arms = [one for one in shares_ppm if one != CONTROL] if side == "control" else [arm]
    for one in arms:
        if not kept_back or one not in shares_ppm:
            continue
        control_ppm = _control_ppm(shares_ppm, holdout_ppm, one)
        if 1 <= control_ppm < PPM:
            yield Fed(one, control_ppm, side)


def _control_ppm(shares_ppm: Mapping[str, int], holdout_ppm: int, arm: str) -> int:
    """Return the share of who is kept back among those and an arm."""
    kept, share = shares_ppm.get(CONTROL), shares_ppm[arm]
    if kept is None:
        kept, share = holdout_ppm, (PPM - holdout_ppm) * share // PPM
    return kept * PPM // max(kept + share, 1)


def _difference(snapshot: tuple[float, ...], control_ppm: int, cap_minor: int) -> Difference:
    """Return a difference as it was, or one that has counted nothing."""
    return Difference.restored(snapshot) if snapshot else Difference(control_ppm, cap_minor)


def _snapshot(known: Difference) -> tuple[float, ...]:
    """Return a difference at rest, () where it has counted nothing."""
    return known.snapshot() if customer_count(known) else ()
