"""Shape what is told of groups: `--json` prints it, and the lines are made of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from cli.effect.told import Bounds, bounds
from cli.fairness.groups import Breakdown, Group, impact_ratio_ppm
from lifecycle.effect.evidence import ALPHA_PPM, PPM
from lifecycle.effect.interval import Difference


CANDIDATE_COUNT_MIN: Final = 30
"""Of fewer candidates nothing more is told."""


class CustomersReport(Struct, frozen=True, kw_only=True):
    """Customers of a group, each by their first exposure, and how many more convert by contact."""

    contact_count: int
    kept_back_count: int
    difference_ppm: Bounds


class GroupReport(Struct, frozen=True, kw_only=True):
    """
    One group; where it has few candidates, only how many.

    `mean_score_ppm` is None where no model scored, `customers` where nobody is kept back or no
    window has closed.
    """

    candidate_count: int
    selected_count: int | None = None
    selected_ppm: int | None = None
    mean_score_ppm: int | None = None
    customers: CustomersReport | None = None


class BreakdownReport(Struct, frozen=True, kw_only=True):
    """
    Groups by one feature, the most selected first.

    `impact_ratio_ppm` is the selection rate of the least selected group over that of the most
    selected, of those with enough candidates.
    """

    feature: str
    impact_ratio_ppm: int
    groups: Mapping[str, GroupReport]


class FairnessReport(Struct, frozen=True, kw_only=True):
    """One campaign of a bank, by each feature that it is reported by."""

    tenant: str
    campaign_id: str
    breakdowns: Sequence[BreakdownReport]


def fairness_report(
    tenant: str, campaign_id: str, breakdowns: Iterable[Breakdown]
) -> FairnessReport:
    """Return what is told of a campaign."""
    return FairnessReport(
        tenant=tenant,
        campaign_id=campaign_id,
        breakdowns=[breakdown_report(one) for one in breakdowns],
    )


def breakdown_report(breakdown: Breakdown) -> BreakdownReport:
    """Return what is told of one feature's groups, of equally selected ones by name."""
    groups = sorted(breakdown.groups.items(), key=lambda item: (-item[1].selected_ppm, item[0]))
    return BreakdownReport(
        feature=breakdown.feature,
        impact_ratio_ppm=impact_ratio_ppm(group for _, group in groups if _is_told(group)),
        groups={name: _group_report(group) for name, group in groups},
    )


def _is_told(group: Group) -> bool:
    """Return whether a group has enough candidates to tell more than how many."""
    return group.candidate_count >= CANDIDATE_COUNT_MIN


def _group_report(group: Group) -> GroupReport:
    """Return what is told of one group."""
    if not _is_told(group):
        return GroupReport(candidate_count=group.candidate_count)
    scored_count = group.scored_count
    return GroupReport(
        candidate_count=group.candidate_count,
        selected_count=group.selected_count,
        selected_ppm=group.selected_ppm,
        mean_score_ppm=round(group.score_sum_ppm / scored_count) if scored_count else None,
        customers=_customers_report(group.difference) if group.difference else None,
    )


def _customers_report(difference: Difference) -> CustomersReport:
    """Return what contact brings the customers of a group."""
    tally = difference.tally
    return CustomersReport(
        contact_count=tally.contact_count,
        kept_back_count=tally.control_count,
        difference_ppm=bounds(difference.interval(ALPHA_PPM), PPM),
    )
