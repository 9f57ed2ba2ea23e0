"""Score by a head that is numbers, as docs/core.md 3.16 does: what a snapshot says of a vector."""

from collections.abc import Mapping
from math import exp
from typing import Final

from lifecycle.features.context import PPM
from schemas.learning import Head


LOGIT_MAX: Final = 35.0
SCORE_MAX: Final = PPM - 1


def score_ppm(head: Head, x: Mapping[int, float]) -> int:
    """Return the score, 1 to 999,999 ppm; `x` by the place of its weight, in the model's order."""
    total = head.intercept
    for place, said in x.items():
        total += head.weights[place] * said
    return in_ppm(probability(total))


def in_ppm(proba: float) -> int:
    """Return a probability as a score: in parts per million, floored, neither never nor always."""
    return max(1, min(SCORE_MAX, int(proba * PPM)))


def probability(logit: float) -> float:
    """Return the probability of a sum of weights, held within 35 of 0."""
    return 1 / (1 + exp(-max(-LOGIT_MAX, min(LOGIT_MAX, logit))))
