"""Judge cohorts that are over; fall back from what was worse than no model (docs/learning.md 3)."""

from typing import Final

from lifecycle.learning import cohorts, quality
from lifecycle.learning.learner import Learner
from schemas.learning_rows import CohortState, LearnerRow, Report


REPORTS_MAX: Final = 8
SHIFT_MAX: Final = 0.25
"""Of the population stability index; above it scores are commonly held to have moved."""

WORSE_MAX: Final = 2
"""Cohorts one after the other that may be worse than the average before something is done."""

AVERAGE_DECAY: Final = 0.995
"""Of the label average, for each outcome."""

AVERAGE_MIN: Final = 1e-6
"""As of a score: who says that something never happens could be infinitely wrong."""


def judge(learner: Learner) -> None:
    """Judge every cohort that is over."""
    while (cohort := cohorts.next_over(learner.row)) is not None:
        if cohort.tally.outcome_count:
            _judge(learner, cohort)


def _judge(learner: Learner, cohort: CohortState) -> None:
    """Report on a cohort, and do what follows from it."""
    row = learner.row
    if not learner.keeps(cohort.champion_sequence):
        cohort.tally.previous_count, cohort.tally.previous_loss_sum = 0, 0.0
    cohort.tally.average_loss_sum = quality.average_loss_sum(cohort)
    report = Report(
        from_ms=cohort.from_ms,
        judged_at_ms=row.at_ms,
        champion_sequence=cohort.champion_sequence,
        exposure_count=cohort.exposure_count,
        shift=quality.shift(cohort.tally, row.pooled),
        figures=quality.figures(cohort.tally),
    )
    row.reports = [*row.reports, report][-REPORTS_MAX:]
    _pool(row, cohort, report.figures.auc)
    if report.shift > SHIFT_MAX:
        learner.counted.append("alarm|SHIFT")
    if quality.is_worse(report.figures):
        learner.counted.append("alarm|WORSE")
        _was_worse(learner)
    else:
        _was_good(learner, cohort)


def _pool(row: LearnerRow, cohort: CohortState, auc: float | None) -> None:
    """Add a cohort to what is kept over all of them."""
    tally = cohort.tally
    quality.pool(row.pooled, tally)
    row.auc_sum *= quality.DECAY
    row.auc_weight *= quality.DECAY
    if auc is not None:
        row.auc_sum += auc
        row.auc_weight += 1
    kept = AVERAGE_DECAY**tally.outcome_count
    average = row.label_average * kept + (1 - kept) * tally.conversion_count / tally.outcome_count
    row.label_average = max(AVERAGE_MIN, min(1 - AVERAGE_MIN, average))


def _was_good(learner: Learner, cohort: CohortState) -> None:
    """Remember that its snapshot was good; what was withheld decides again."""
    row = learner.row
    row.worse_count = 0
    for kept in row.kept:
        if kept.sequence == cohort.champion_sequence:
            kept.good = True
    if row.is_withheld:
        row.is_withheld = False
        learner.republish()


def _was_worse(learner: Learner) -> None:
    """After the second one go back to what was good, or let no score decide."""
    row = learner.row
    row.worse_count += 1
    if row.worse_count < WORSE_MAX or not row.is_proven:
        return
    row.worse_count = 0
    last = row.fallen_back_sequence
    good = [kept.sequence for kept in row.kept if kept.good and kept.sequence != last]
    if good:
        row.fallen_back_sequence = max(good)
        learner.go_back(max(good), "fallen_back")
    elif not row.is_withheld:
        row.is_withheld = True
        learner.republish()
