"""Say how good scores were, from sums and bins (docs/learning.md 3)."""

from collections.abc import Iterator, Sequence
from math import floor, log
from typing import Final

from lifecycle.features.context import PPM
from schemas.learning_rows import (
    CALIBRATION_BIN_COUNT,
    SCORE_BIN_COUNT,
    Amount,
    CohortState,
    Figures,
    Tally,
)


LOGIT_MIN: Final = -8.0
BINS_PER_LOGIT: Final = 12.5

SHIFT_BIN_COUNT: Final = 20
SHIFT_PRIOR: Final = 0.5
"""What each bin has before anything is counted: an empty one shifts nothing to infinity."""

ROUNDING: Final = 1e-9
"""Of a mean loss; two that are the same differ by less, however their sums were added up."""

DECAY: Final = 31 / 32
"""What is left of the pooled figures when one more cohort is added."""


def loss(score_ppm: int, label: int) -> float:
    """Return the log loss of a score from 1 to 999,999 ppm: -ln of the probability of `label`."""
    return -log((score_ppm if label else PPM - score_ppm) / PPM)


def score_bin(score_ppm: int) -> int:
    """Return the bin of a score's logit, of 200."""
    logit = log(score_ppm / (PPM - score_ppm))
    return max(0, min(SCORE_BIN_COUNT - 1, floor((logit - LOGIT_MIN) * BINS_PER_LOGIT)))


def count(tally: Tally, score_ppm: int, label: int) -> None:
    """Add one outcome to what does not ask an older snapshot."""
    tally.outcome_count += 1
    tally.conversion_count += label
    tally.loss_sum += loss(score_ppm, label)
    (tally.positives if label else tally.negatives)[score_bin(score_ppm)] += 1
    place = score_ppm * CALIBRATION_BIN_COUNT // PPM
    tally.scores_ppm[place] += score_ppm
    tally.labels[place] += label


def average_loss_sum(cohort: CohortState) -> float:
    """Return the loss of who says the label average of everybody in the cohort."""
    tally, average = cohort.tally, cohort.label_average
    positive = tally.conversion_count * log(average)
    return -(positive + (tally.outcome_count - tally.conversion_count) * log(1 - average))


def is_worse(found: Figures) -> bool:
    """Return whether scores lost more than who says the label average, beyond what sums round."""
    return found.loss > found.average_loss + ROUNDING


def figures(tally: Tally) -> Figures:
    """Return how good scores were, of at least one outcome."""
    count = tally.outcome_count
    known, converted = tally.previous_count, tally.conversion_count
    return Figures(
        outcome_count=count,
        conversion_count=converted,
        loss=tally.loss_sum / count,
        average_loss=tally.average_loss_sum / count,
        previous_loss=tally.previous_loss_sum / known if known else None,
        auc=auc(tally.negatives, tally.positives),
        top_ppm=top_ppm(tally.negatives, tally.positives),
        calibration_error=calibration_error(tally),
        delay_ms=int(tally.delay_sum_ms // converted) if converted else 0,
    )


def auc(negatives: Sequence[Amount], positives: Sequence[Amount]) -> float | None:
    """
    Return how often a conversion is scored above what was none, of pairs; a shared bin is half.

    None without both. Source: Fawcett 2006, "An introduction to ROC analysis".
    """
    pair_count = 2 * sum(negatives) * sum(positives)
    if not pair_count:
        return None
    won: Amount = 0
    below: Amount = 0
    for negative, positive in zip(negatives, positives, strict=True):
        won += positive * (2 * below + negative)
        below += negative
    return won / pair_count


def top_ppm(negatives: Sequence[Amount], positives: Sequence[Amount]) -> int | None:
    """Return the share of the conversions among the better half; a bin on the edge is split."""
    converted = sum(positives)
    if not converted:
        return None
    left = sum(negatives) + converted  # twice what is to be taken, so that a half stays whole
    taken: Amount = 0
    size: Amount = 0
    positive: Amount = 0
    for negative, positive in zip(reversed(negatives), reversed(positives), strict=True):
        size = 2 * (negative + positive)
        if size >= left:
            break
        taken += positive
        left -= size
    return int(PPM * (taken * size + positive * left) // (size * converted))


def calibration_error(tally: Tally) -> float:
    """Return the expected calibration error (Naeini, Cooper, Hauskrecht 2015)."""
    gaps = (
        abs(score_ppm - PPM * label)
        for score_ppm, label in zip(tally.scores_ppm, tally.labels, strict=True)
    )
    return sum(gaps) / PPM / tally.outcome_count


def shift(now: Tally, before: Tally) -> float:
    """Return how far scores have moved: the population stability index over 20 bins, 0 at first."""
    if not before.outcome_count:
        return 0.0
    return sum(
        (one - other) * log(one / other)
        for one, other in zip(_shares(now), _shares(before), strict=True)
    )


def pool(pooled: Tally, one: Tally) -> None:
    """Let what is pooled fade, and add a cohort to it."""
    for name in pooled.__struct_fields__:
        old, new = getattr(pooled, name), getattr(one, name)
        if isinstance(old, list):
            setattr(pooled, name, [a * DECAY + b for a, b in zip(old, new, strict=True)])
        else:
            setattr(pooled, name, old * DECAY + new)


def _shares(tally: Tally) -> Iterator[float]:
    """Yield the share of each of 20 bins, each with a little more than was counted."""
    width = SCORE_BIN_COUNT // SHIFT_BIN_COUNT
    total = tally.outcome_count + SHIFT_PRIOR * SHIFT_BIN_COUNT
    for first in range(0, SCORE_BIN_COUNT, width):
        bins = slice(first, first + width)
        yield (sum(tally.negatives[bins]) + sum(tally.positives[bins]) + SHIFT_PRIOR) / total
