"""Judge scores once all labels are known: how well they rank, and how far they can be believed."""

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Final


PPM: Final = 1_000_000
BLOCK_COUNT: Final = 1_000
"""Contacts of a block: inside one the base rate hardly drifts, so only the ranking counts."""

BIN_COUNT: Final = 20


def auc(scores: Sequence[float], labels: Sequence[bool]) -> float | None:
    """
    Return how likely a converted one is scored above another, ties counting half.

    None where all labels are alike.

    >>> auc([1, 2, 2, 3], [False, False, True, True])
    0.875
    """
    positive_count = sum(labels)
    negative_count = len(labels) - positive_count
    if not positive_count or not negative_count:
        return None
    by_score: dict[float, list[int]] = {}
    for score, label in zip(scores, labels, strict=True):
        by_score.setdefault(score, [0, 0])[label] += 1
    below_count, won = 0, 0.0
    for score in sorted(by_score):
        losers, winners = by_score[score]
        won += winners * (below_count + losers / 2)
        below_count += losers
    return won / (positive_count * negative_count)


def auc_within(
    scores: Sequence[float], labels: Sequence[bool], block_count: int = BLOCK_COUNT
) -> float:
    """
    Return the mean AUC inside whole blocks of so many, in order; blocks of one class are left out.

    >>> auc_within([1, 2, 9, 8], [False, True, False, True], block_count=2)
    0.5
    """
    places = range(0, len(scores) - block_count + 1, block_count)
    found = [auc(scores[at : at + block_count], labels[at : at + block_count]) for at in places]
    return fmean(one for one in found if one is not None)


def calibration_error(probabilities: Sequence[float], labels: Sequence[bool]) -> float:
    """
    Return the ECE over bins of equal width: sum over bins of |sum of p - sum of y| / n.

    >>> calibration_error([0.25, 0.25], [True, False])
    0.25
    """
    surplus = [0.0] * BIN_COUNT
    for probability, label in zip(probabilities, labels, strict=True):
        surplus[min(BIN_COUNT - 1, int(probability * BIN_COUNT))] += probability - label
    return sum(map(abs, surplus)) / len(labels)


def log_loss(probabilities: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the mean of -ln of what was given to what came about."""
    pairs = zip(probabilities, labels, strict=True)
    return fmean(-math.log(one if label else 1 - one) for one, label in pairs)


def label_average(
    labels: Sequence[bool], known_at: Iterable[tuple[int, int]], base_rate: float
) -> list[float]:
    """
    Return the score of each contact that only follows the labels: an average of rate .01.

    Args:
        labels: of every contact, in order.
        known_at: (place of a contact, how many contacts had been made when its label was known),
            in the order in which labels became known.
        base_rate: the average at first.

    """
    average, scores = base_rate, []
    for place, made_count in known_at:
        scores.extend([average] * (made_count - len(scores)))
        average += RATE * (labels[place] - average)
    return [*scores, *[average] * (len(labels) - len(scores))]


RATE: Final = 0.01


def normalised(value: float, worst: float, best: float) -> float:
    """Return where a value lies between the worst (0) and the best (1)."""
    return (value - worst) / (best - worst)


def rounded(figures: dict[str, float], digits: int = 4) -> dict[str, float]:
    """Return figures as they are printed."""
    return {name: round(value, digits) for name, value in figures.items()}


Scorer = Callable[[Sequence[float]], float]
