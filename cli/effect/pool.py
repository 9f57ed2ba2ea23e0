"""Join a campaign of the banks that agreed to it (SEMANTICS N3); of the others nothing enters."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from cli.effect.campaign import is_doubted, ratio_told
from cli.effect.rows import Rows
from cli.effect.told import BankTold, PoolTold, bet, bounds, rates
from lifecycle.effect.evidence import ALPHA_PPM, PPM, Evidence
from lifecycle.effect.interval import Difference, scaled
from lifecycle.effect.joined import Compared, Series, compared, series_of
from lifecycle.effect.pooling import fixed_effect, product
from schemas.insight_rows import VersionState


SHARE_PPM_MIN: Final = 50_000
"""
The least share of either side in the mean of a pool, declared for every pool (docs/effect.md).

It is how far one customer's surprise may go, so it must not follow from who is in the pool by now:
an interval whose scale moves when a bank comes in misses more often than it says.
"""


def campaigns_pooled(rows: Rows) -> set[str]:
    """Return the campaigns of which some bank gives something to the pool."""
    return {
        campaign_id
        for (_, campaign_id), parts in rows.items()
        for row in parts
        if campaign_id and any(map(_gives, row.versions.values()))
    }


def pools_told(campaign_id: str, rows: Rows) -> list[PoolTold]:
    """Return what each arm brought in the banks that pool; none where none does."""
    given = {
        tenant: [state for row in parts for state in row.versions.values() if _gives(state)]
        for (tenant, named), parts in rows.items()
        if named == campaign_id
    }
    pooled = {tenant: [*_pooled(states)] for tenant, states in given.items() if states}
    doubted = {tenant for tenant in pooled if is_doubted(ratio_told(campaign_id, given[tenant]))}
    arms = sorted({one.arm for found in pooled.values() for one in found})
    return [_arm_told(arm, _of(arm, pooled), doubted) for arm in arms]


def _gives(state: VersionState) -> bool:
    """Return whether a bank gives something of this version to the pool."""
    return any(key.endswith("|1") for key in state.series)


def _pooled(states: Iterable[VersionState]) -> Iterator[Series]:
    """Yield the series that a bank gives to the pool."""
    return (one for one in series_of(states) if one.pools)


def _of(arm: str, pooled: Mapping[str, Sequence[Series]]) -> dict[str, list[Series]]:
    """Return the series of one arm, of each bank that has any."""
    found = {tenant: [one for one in series if one.arm == arm] for tenant, series in pooled.items()}
    return {tenant: series for tenant, series in sorted(found.items()) if series}


def _arm_told(
    arm: str, pooled: Mapping[str, Sequence[Series]], doubted: Collection[str]
) -> PoolTold:
    """Return one arm in all banks, and in each."""
    banks = {tenant: compared(series)[arm] for tenant, series in pooled.items()}
    members = {
        f"{tenant}|{place}": conversion
        for tenant, series in pooled.items()
        for place, conversion in enumerate(_conversions(series, in_mean=True))
    }
    sums = fixed_effect(members, members.keys(), SHARE_PPM_MIN)
    mean = Evidence()
    mean.reach(sums.log_e())
    return PoolTold(
        arm=arm,
        banks={
            tenant: BankTold(
                conversion=rates(found.conversion),
                change=bet(found.change),
                shares_doubted=tenant in doubted,
                outside_mean_count=sum(
                    one.sums.customer_count for one in _conversions(pooled[tenant], in_mean=False)
                ),
            )
            for tenant, found in banks.items()
        },
        change=bet(_change(banks)),
        customer_count=sums.customer_count,
        share_ppm_min=SHARE_PPM_MIN,
        difference_ppm=bounds(scaled(sums.interval(ALPHA_PPM), -1.0, 1), PPM),
        mean_change=bet(mean),
    )


def _conversions(series: Iterable[Series], *, in_mean: bool) -> list[Difference]:
    """Return the conversions of series whose shares the mean has room for, or of the others."""
    return [
        one.conversion
        for one in series
        if one.conversion is not None and in_mean == has_room(one.control_ppm)
    ]


def has_room(control_ppm: int) -> bool:
    """Return whether neither side has a smaller share than the pool declares."""
    return min(control_ppm, PPM - control_ppm) >= SHARE_PPM_MIN


def _change(banks: Mapping[str, Compared]) -> Evidence:
    """Return the product of the banks' e-values as it is now; of one bank, its own."""
    if len(banks) == 1:
        return next(iter(banks.values())).change
    joined = Evidence()
    joined.reach(product({tenant: one.change.log_e for tenant, one in banks.items()}, banks.keys()))
    return joined
