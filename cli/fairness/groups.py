"""
Count by group whom a campaign selects, and what its contacts bring.

Groups are the values of the features that the campaign is reported by (`report_by`): they are in
every record, and decide nothing. Whom a campaign selects is whoever won the occasion: contacted,
control and held out alike, for who of them is contacted is left to chance.

Candidates are counted, not customers: each occasion at which a customer is decided on is one. What
contact brings is of customers, each by their first exposure.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lifecycle.effect.evidence import PPM
from lifecycle.effect.interval import Difference
from lifecycle.effect.rates import Arm
from lifecycle.experiment import CONTROL
from schemas.decisions import Considered, Decision, FeatureValue
from schemas.outcomes import ExposureOpened, ExposureSettled


SELECTED: Final = frozenset({"sent", "control", "held_out"})
"""Verdicts of whoever would have been contacted, had no experiment kept them back."""

UNCOUNTED: Final = frozenset({"deferred", "invalidated", "cap_overrun", "shadow"})
"""Verdicts that are decided anew, correct an earlier one, or decide nothing."""

NOT_KNOWN: Final = "(not known)"


@dataclass(slots=True)
class Group:
    """
    What is counted of one group.

    `candidate_count` were decided on, of which `selected_count` won; `score_sum_ppm` is over the
    `scored_count` that a model scored. `difference` is of customers, contact against the campaign's
    control, None where it has none.
    """

    candidate_count: int = 0
    selected_count: int = 0
    scored_count: int = 0
    score_sum_ppm: int = 0
    difference: Difference | None = None

    @property
    def selected_ppm(self) -> int:
        """Return the share of candidates that was selected, rounded down; 0 of none."""
        count = self.candidate_count
        return self.selected_count * PPM // count if count else 0


@dataclass(slots=True)
class Breakdown:
    """What is counted of one campaign, by the values of one feature."""

    feature: str
    groups: dict[str, Group] = field(default_factory=dict)
    exposures: dict[str, ExposureOpened] = field(default_factory=dict)

    def consider(self, decision: Decision, campaign_id: str) -> None:
        """Count the candidates of a decision that are of the campaign; a fallback is none."""
        if decision.shadow:
            return
        for candidate in decision.candidates:
            counts = candidate.verdict not in UNCOUNTED and not candidate.follows
            if counts and candidate.campaign_id == campaign_id:
                self._consider(candidate)

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
                arm: Arm = "control" if settled.arm == CONTROL else "contact"
                group.difference.update(arm, settled.label)

    def _consider(self, candidate: Considered) -> None:
        for name in group_names(candidate.features.get(self.feature, "")):
            group = self.groups.setdefault(name, Group())
            group.candidate_count += 1
            group.selected_count += candidate.verdict in SELECTED
            if candidate.model:
                group.scored_count += 1
                group.score_sum_ppm += candidate.score_ppm


def group_names(value: FeatureValue) -> Iterator[str]:
    """Yield the groups that a value puts a customer into; nothing known is a group as well."""
    if isinstance(value, bool):  # before numbers: 1 == True, and is not "yes"
        yield "yes" if value else "no"
    elif isinstance(value, tuple | dict):
        yield from value or (NOT_KNOWN,)
    else:
        yield str(value) or NOT_KNOWN


def control_share_ppm(opened: ExposureOpened) -> int:
    """Return the share of the campaign's control, 0 where it has none, or nothing else."""
    control_ppm = opened.shares_ppm.get(CONTROL, 0)
    return control_ppm if control_ppm < PPM else 0


def impact_ratio_ppm(groups: Iterable[Group]) -> int:
    """
    Return the least selection rate over the greatest, rounded down: 10^6 where none is compared.

    The impact ratio of the four-fifths rule (29 CFR 1607.4 D); reckoned of counts, so that a ratio
    just below a bound stays below it.
    """
    rates = [(one.selected_count, one.candidate_count) for one in groups if one.candidate_count]
    if not any(selected for selected, _ in rates):
        return PPM
    least, of_least = min(rates, key=lambda rate: rate[0] / rate[1])
    most, of_most = max(rates, key=lambda rate: rate[0] / rate[1])
    return least * of_most * PPM // (most * of_least)
