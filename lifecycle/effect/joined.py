"""
Join what partitions, versions and shares have counted: counts and sums add, e-values multiply.

In one experiment a customer is in one series of an arm; another salt may count them again, as a bet
of its own. Money of another currency or cap is kept apart. Arms are never joined: all of them were
compared with the same people kept back.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from lifecycle.effect.e_process import EProcess
from lifecycle.effect.evidence import Evidence
from lifecycle.effect.interval import Difference, Interval, Sums, scaled
from lifecycle.effect.rates import Tally
from schemas.insight_rows import FOLLOW_UPS, ArmState, SeriesState, VersionState


COUNTS: Final = (
    *("exposed_count", "first_count", "evicted_count", "settled_count", "converted_count"),
    *("delivered_count", "first_settled_count", "first_converted_count"),
    *("value_sum_minor", "capped_count"),
)
"""What of an `ArmState` is one number."""


class Money(NamedTuple):
    """What adds up: one currency, with one cap a customer."""

    currency: str
    cap_minor: int


class Joined(NamedTuple):
    """Differences of one cap, added up; `tally` has outcomes as shares of the cap."""

    tally: Tally
    sums: Sums
    cap_minor: int = 1
    capped_count: int = 0

    def interval(self, alpha_ppm: int) -> Interval:
        """Return the interval of the difference, in the units of `cap_minor`."""
        return scaled(self.sums.interval(alpha_ppm), -1.0, self.cap_minor)


class Series(NamedTuple):
    """One series of a version (docs/insight.md 3); None for what it has heard nothing of."""

    arm: str
    control_ppm: int
    pools: bool
    currency: str
    change: EProcess | None
    conversion: Difference | None
    money: Difference | None
    activity: Sequence[Difference | None]


@dataclass(frozen=True, slots=True)
class Compared:
    """What an arm brought against who was kept back, over all its series."""

    change: Evidence
    uplift: Evidence
    harm: Evidence
    conversion: Joined
    activity: Sequence[Joined]
    money: Mapping[Money, Joined]


def multiplied(parts: Iterable[Evidence]) -> Evidence:
    """
    Return the product of e-values.

    Its p-value is of the product as it is now, for how great it ever was nobody has kept; where
    only one has said anything, of the greatest that this one ever was.
    """
    spoken = [one for one in parts if (one.log_e, one.max_log_e) != (0.0, 0.0)]
    if len(spoken) == 1:
        return Evidence(*spoken[0].snapshot())
    product = Evidence()
    product.reach(math.fsum(one.log_e for one in spoken))
    return product


def sums_added(parts: Iterable[Sums]) -> Sums:
    """Return all in one; a surprise can go as far as in the one where it can go farthest."""
    found = [*parts]
    return Sums(
        sum(one.customer_count for one in found),
        math.fsum(one.total for one in found),
        math.fsum(one.squares for one in found),
        max((one.scale for one in found), default=1.0),
    )


def added(parts: Iterable[Difference]) -> Joined:
    """Return differences in one; raises ValueError where their caps are not the same."""
    found = [*parts]
    caps = {one.cap_minor for one in found} or {1}
    if len(caps) > 1:
        raise ValueError(f"wanted one cap_minor, found {sorted(caps)}")
    tally = Tally(
        sum(one.tally.control_count for one in found),
        sum(one.tally.contact_count for one in found),
        math.fsum(one.tally.control_sum for one in found),
        math.fsum(one.tally.contact_sum for one in found),
    )
    sums = sums_added(one.sums for one in found)
    return Joined(tally, sums, caps.pop(), sum(one.capped_count for one in found))


def arms_added(states: Iterable[ArmState]) -> ArmState:
    """Return the counts of an arm, or an option, added up."""
    total = ArmState()
    for state in states:
        for name in COUNTS:
            setattr(total, name, getattr(total, name) + getattr(state, name))
        for name in ("followed_counts", "active_counts"):
            pairs = zip(getattr(total, name), getattr(state, name), strict=True)
            setattr(total, name, [one + other for one, other in pairs])
        for kind, count in state.objection_counts.items():
            total.objection_counts[kind] = total.objection_counts.get(kind, 0) + count
    return total


def by_arm(arms: Iterable[Mapping[str, ArmState]]) -> dict[str, ArmState]:
    """Return the counts of each arm, or option, added up, by name in the alphabet's order."""
    states: defaultdict[str, list[ArmState]] = defaultdict(list)
    for one in arms:
        for name, state in one.items():
            states[name].append(state)
    return {name: arms_added(found) for name, found in sorted(states.items())}


def series_of(versions: Iterable[VersionState]) -> Iterator[Series]:
    """Yield every series; raises ValueError where a snapshot is none."""
    for version in versions:
        for key, state in version.series.items():
            arm, control_ppm, pools = key.rsplit("|", 2)
            yield _series(arm, int(control_ppm), pools == "1", version.currency, state)


def compared(series: Iterable[Series]) -> dict[str, Compared]:
    """Return what each arm brought, by its name in the alphabet's order."""
    found: defaultdict[str, list[Series]] = defaultdict(list)
    for one in series:
        found[one.arm].append(one)
    return {arm: _compared(parts) for arm, parts in sorted(found.items())}


def _compared(parts: Sequence[Series]) -> Compared:
    """Return one arm's series in one."""
    bets = [one.change for one in parts if one.change]
    money: defaultdict[Money, list[Difference]] = defaultdict(list)
    for one in parts:
        if one.money:
            money[Money(one.currency, one.money.cap_minor)].append(one.money)
    return Compared(
        change=multiplied(one.change for one in bets),
        uplift=multiplied(one.uplift for one in bets),
        harm=multiplied(one.harm for one in bets),
        conversion=added(one.conversion for one in parts if one.conversion),
        activity=[
            added(known for one in parts if (known := one.activity[place]))
            for place in range(len(FOLLOW_UPS))
        ],
        money={kind: added(found) for kind, found in sorted(money.items())},
    )


def _series(arm: str, control_ppm: int, pools: bool, currency: str, state: SeriesState) -> Series:  # noqa: FBT001
    """Return a series with what its snapshots hold."""
    activity = [_difference(one) for one in state.activity]
    return Series(
        arm,
        control_ppm,
        pools,
        currency,
        EProcess.restored(state.change) if state.change else None,
        _difference(state.conversion),
        _difference(state.money),
        activity or [None] * len(FOLLOW_UPS),
    )


def _difference(snapshot: Sequence[float]) -> Difference | None:
    """Return what a snapshot holds; None for none yet."""
    return Difference.restored(snapshot) if snapshot else None
