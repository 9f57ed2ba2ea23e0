"""
Count by groups of customers whom a campaign reaches, and what that brings them.

Groups are the values of the features that the campaign is reported by (`report_by`): they are in
every record, and decide nothing. Whom a campaign selects is whoever won the occasion: contacted,
control and held out alike, for who of them is contacted is left to chance.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lifecycle.effect.interval import Difference
from lifecycle.effect.rates import Arm
from schemas.decisions import Considered, Decision, FeatureValue
from schemas.outcomes import ExposureOpened, ExposureSettled


SELECTED: Final = frozenset({"sent", "control", "held_out"})
"""Verdicts of whoever would have been contacted, had no experiment kept them back."""

AGAIN: Final = frozenset({"deferred", "invalidated", "cap_overrun", "shadow"})
"""Verdicts that are decided anew, correct an earlier one, or decide nothing."""

PPM: Final = 1_000_000
NOBODY_KNOWS: Final = "(not known)"


@dataclass(slots=True)
class Group:
    """
    Customers of one group.

    `considered_count` candidates were decided on, of which `selected_count` won; `score_sum_ppm` is
    over the `scored_count` that a model scored. `difference` is contact against the campaign's
    control, None where it has none.
    """

    considered_count: int = 0
    selected_count: int = 0
    scored_count: int = 0
    score_sum_ppm: int = 0
    difference: Difference | None = None

    @property
    def selection_ratio(self) -> float:
        """Return the share of those considered that was selected, 0 of nobody."""
        return self.selected_count / self.considered_count if self.considered_count else 0.0


@dataclass(slots=True)
class Campaign:
    """What is known of one campaign by the values of one feature."""

    feature: str
    groups: dict[str, Group] = field(default_factory=dict)
    exposures: dict[str, ExposureOpened] = field(default_factory=dict)

    def consider(self, record: Decision, campaign_id: str) -> None:
        """Count the candidates of a decision that are of the campaign; a fallback is none."""
        if record.shadow:
            return
        for one in record.candidates:
            if one.campaign_id == campaign_id and one.verdict not in AGAIN and not one.follows:
                self._consider(one)

    def expose(self, opened: ExposureOpened) -> None:
        """Remember a customer's first exposure until its window is over."""
        if opened.is_first and self.feature in opened.features:
            self.exposures[opened.exposure_id] = opened

    def settle(self, settled: ExposureSettled) -> None:
        """Count what an exposure has come to, in its group, in the order of the log."""
        opened = self.exposures.pop(settled.exposure_id, None)
        if opened is None or settled.label is None:
            return
        control_ppm = control_share_ppm(opened)
        if not control_ppm:
            return
        if settled.arm not in opened.shares_ppm:  # held out: of no arm of this campaign
            return
        for name in group_names(opened.features[self.feature]):
            group = self.groups.setdefault(name, Group())
            if group.difference is None:
                group.difference = Difference(control_ppm)
            if group.difference.control_ppm == control_ppm:  # another share is another series
                arm: Arm = "control" if settled.arm == "control" else "contact"
                group.difference.update(arm, settled.label)

    def _consider(self, one: Considered) -> None:
        for name in group_names(one.features.get(self.feature, "")):
            group = self.groups.setdefault(name, Group())
            group.considered_count += 1
            group.selected_count += one.verdict in SELECTED
            if one.model:
                group.scored_count += 1
                group.score_sum_ppm += one.score_ppm


def group_names(value: FeatureValue) -> Iterator[str]:
    """Yield the groups that a value puts a customer into; nothing known is a group as well."""
    if isinstance(value, tuple | dict):
        yield from value or (NOBODY_KNOWS,)
    else:
        yield {"": NOBODY_KNOWS, True: "yes", False: "no"}.get(value, str(value))


def control_share_ppm(opened: ExposureOpened) -> int:
    """Return the share of the campaign's control, 0 where it has none, or nothing else."""
    control_ppm = opened.shares_ppm.get("control", 0)
    return control_ppm if control_ppm < PPM else 0


def least_favoured(groups: Iterable[Group]) -> float:
    """Return the least selection ratio over the greatest, 1 where there is nobody to compare."""
    ratios = [one.selection_ratio for one in groups if one.considered_count]
    greatest = max(ratios, default=0.0)
    return min(ratios) / greatest if greatest else 1.0
