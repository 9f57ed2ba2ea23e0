"""
Put contacts, and what came of them, into cohorts by when they were decided (docs/learning.md 3).

A cohort is judged whole, so that conversions, which are known early, do not make it look better
than it is.
"""

from collections.abc import Mapping
from typing import Final

from lifecycle.experiment import KEPT_BACK
from lifecycle.features.context import PPM
from lifecycle.learning import quality
from lifecycle.learning.learner import Learner
from lifecycle.models.scores import score_ppm
from schemas.learning_rows import CohortState, LearnerRow
from schemas.outcomes import ExposureOpened, OutcomeRecorded


COHORTS_MAX: Final = 64
"""Open at once; while as many are, the newest grows: none is judged by early conversions alone."""

GRACE_MS: Final = 86_400_000
"""After the last window's end: that nothing came of it is known only once all has been read."""


def join(learner: Learner, exposure: ExposureOpened) -> None:
    """Put a contact into its cohort, which may begin with it."""
    if learner.score_drift.found(exposure.score_ppm / PPM):
        learner.counted.append("alarm|SCORES")
    row = learner.row
    if _begins(row, exposure):
        learner.keep_last()
        row.cohorts.append(CohortState(exposure.decided_at_ms, row.label_average, row.sequence))
    cohort = _around(row, exposure.decided_at_ms)
    cohort.exposure_count += 1
    cohort.decided_max_ms = max(cohort.decided_max_ms, exposure.decided_at_ms)
    cohort.closes_max_ms = max(cohort.closes_max_ms, exposure.closes_at_ms)


def conclude(learner: Learner, outcome: OutcomeRecorded, x: Mapping[int, float]) -> None:
    """Add what came of a contact to its cohort; what was kept back, and corrections, are none."""
    if outcome.sequence != 1 or outcome.arm in KEPT_BACK:
        return
    row = learner.row
    is_late = outcome.decided_at_ms < row.judged_until_ms or not row.cohorts
    if outcome.label is None:
        if not is_late:
            _around(row, outcome.decided_at_ms).exposure_count -= 1
        return
    if learner.loss_drift.found(quality.loss(outcome.score_ppm, outcome.label)):
        learner.counted.append("alarm|LOSSES")
    if is_late:
        learner.counted.append("late")
        return
    cohort = _around(row, outcome.decided_at_ms)
    quality.count(cohort.tally, outcome.score_ppm, outcome.label)
    if outcome.label:
        cohort.tally.delay_sum_ms += outcome.occurred_at_ms - outcome.decided_at_ms
    _ask_champion(learner, cohort, outcome.label, x)


def next_over(row: LearnerRow) -> CohortState | None:
    """Return the oldest cohort, taken out, if nothing more will come of it."""
    if len(row.cohorts) < 2:  # noqa: PLR2004 (the newest is never over)
        return None
    oldest = row.cohorts[0]
    is_whole = oldest.tally.outcome_count >= oldest.exposure_count
    if is_whole or row.at_ms > oldest.closes_max_ms + GRACE_MS:
        row.judged_until_ms = row.cohorts[1].from_ms
        return row.cohorts.pop(0)
    return None


def _begins(row: LearnerRow, exposure: ExposureOpened) -> bool:
    """Return whether a cohort begins: the first, or after one that is full while there is room."""
    if not row.cohorts:
        return True
    newest = row.cohorts[-1]
    is_full = newest.exposure_count >= row.model.cohort_count and len(row.cohorts) < COHORTS_MAX
    return is_full and exposure.decided_at_ms > newest.decided_max_ms


def _around(row: LearnerRow, decided_at_ms: int) -> CohortState:
    """Return the newest cohort that had begun by then, else the oldest."""
    for cohort in reversed(row.cohorts):
        if cohort.from_ms <= decided_at_ms:
            return cohort
    return row.cohorts[0]


def _ask_champion(
    learner: Learner, cohort: CohortState, label: int, x: Mapping[int, float]
) -> None:
    """Score the same contact by the snapshot that was published before the cohort began."""
    champion = learner.snapshots.get(cohort.champion_sequence)
    if champion is not None:
        cohort.tally.previous_count += 1
        cohort.tally.previous_loss_sum += quality.loss(score_ppm(champion.contact, x), label)
