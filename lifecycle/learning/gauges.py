"""
Tell how good each model's scores were over all cohorts judged, as gauges (docs/learning.md 5).

Counts are asked for at every commit, and pooled figures change only where a cohort is judged: they
are reckoned once for each judgement.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import floor

from lifecycle.features.context import PPM
from lifecycle.learning.quality import figures
from schemas.learning_rows import LearnerRow, Report


class QualityGauges:
    """What was told of each model, with the reports by which it was reckoned."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._told: dict[str, tuple[Sequence[Report], Mapping[str, int]]] = {}

    def of(self, key: str, row: LearnerRow) -> Mapping[str, int]:
        """
        Return `quality|tenant|model|figure` in ppm of a model, nothing before a cohort was judged.

        `key` is the model's. What a figure has nothing to be said by is not told.
        """
        known = self._told.get(key)
        if known is not None and known[0] is row.reports:  # each judgement makes a new list
            return known[1]
        told = {f"quality|{key}|{name}": ppm for name, ppm in _figures(row)}
        self._told[key] = row.reports, told
        return told


def _figures(row: LearnerRow) -> Iterator[tuple[str, int]]:
    """Yield the pooled figures that can be said, by the names that the page has."""
    if not row.pooled.outcome_count:
        return
    found = figures(row.pooled)
    said = {
        "loss": found.loss,
        "average_loss": found.average_loss,
        "previous_loss": found.previous_loss,
        "auc": found.auc,
        "within_auc": row.auc_sum / row.auc_weight if row.auc_weight else None,
        "calibration_error": found.calibration_error,
    }
    yield from ((name, floor(value * PPM)) for name, value in said.items() if value is not None)
    if found.top_ppm is not None:
        yield "top", found.top_ppm
