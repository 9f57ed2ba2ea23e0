"""
Learn the way that looks right and is not: each contact once, when its label is known.

Converted ones are learnt when they convert, the others when their time is over. After a burst of
contacts conversions come days before the rest, and every score is far too high.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop
from typing import Final

from river.linear_model import LogisticRegression
from river.optim import SGD

from bench.learning.figures import PPM
from schemas.model import Model, NumberInput
from schemas.outcomes import ExposureOpened


FLOAT: Final = "<{}f"


def naive_scores(
    model: Model, exposures: Sequence[ExposureOpened], converted_at_ms: Mapping[str, int]
) -> list[float]:
    """
    Return what the naive plan would have scored every exposure, in their order.

    Args:
        model: gives the inputs, the base rate and the learning rate.
        exposures: in the order of decision, with their vectors.
        converted_at_ms: exposure id -> when it converted, in epoch milliseconds UTC.

    """
    rate, base_rate = model.optimizer.learning_rate_ppm / PPM, model.base_rate_ppm / PPM
    begin = math.log(base_rate / (1 - base_rate))
    regression = LogisticRegression(SGD(rate), intercept_init=begin, intercept_lr=rate)
    vectors = [named(model, exposure.vector) for exposure in exposures]
    known = [
        (converted_at_ms.get(one.exposure_id, one.closes_at_ms), place)
        for place, one in enumerate(exposures)
    ]
    heapify(known)
    scores: list[float] = []
    for exposure, vector in zip(exposures, vectors, strict=True):
        while known and known[0][0] <= exposure.decided_at_ms:
            _, place = heappop(known)
            label = exposures[place].exposure_id in converted_at_ms
            regression.learn_one(vectors[place], label)
        scores.append(regression.predict_proba_one(vector)[True])
    return scores


def named(model: Model, vector: bytes) -> dict[str, float]:
    """Return a vector with a name for each weight that it moves."""
    values = struct.unpack(FLOAT.format(len(model.inputs)), vector)
    return {
        (one.id if isinstance(one, NumberInput) else f"{one.id}={int(value)}"): (
            value if isinstance(one, NumberInput) else 1.0
        )
        for one, value in zip(model.inputs, values, strict=True)
    }
