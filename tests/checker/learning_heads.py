"""Teach one head of a model, step by step on plain lists: docs/learning.md §1 and §2."""

from math import isfinite, log, sqrt

from tests.checker.identity import Facts
from tests.checker.model_shapes import places, weight_count
from tests.checker.oracle_models import probability


EPSILON = 1e-8
MILLION = 10**6


def beginning(model: Facts) -> Facts:
    """Return a head that nobody has taught; `model` has every default spelled out."""
    odds = model["base_rate_ppm"] / MILLION
    head = {"intercept": log(odds / (1 - odds)), "weights": [0.0] * weight_count(model)}
    return _with_room(model, head | {"squares": [], "exposure_count": 0, "conversion_count": 0})


def brought(model: Facts, head: Facts | None) -> Facts:
    """Return the head that a definition brings, or the beginning."""
    if head is None:
        return beginning(model)
    counts = {name: head.get(name, 0) for name in ("exposure_count", "conversion_count")}
    weights = [float(weight) for weight in head["weights"]]
    said = {"intercept": float(head["intercept"]), "weights": weights, **counts}
    return _with_room(model, said | {"squares": [*map(float, head.get("squares", []))]})


def _with_room(model: Facts, head: Facts) -> Facts:
    """Return a head with the squares that AdaGrad will add to."""
    if model["optimizer"]["kind"] == "adagrad" and not head["squares"]:
        return head | {"squares": [0.0] * (len(head["weights"]) + 1)}
    return head


def taught(model: Facts, head: Facts, vector: list[float], label: int) -> Facts | None:
    """Return a head after one example (Ktena et al. 2019), None where it must not be taken."""
    p = probability(model, head, vector)
    weight = 1 + p if label else (1 - p) * (1 + p)
    gradient = weight * (p - label)
    weights, squares = [*head["weights"]], [*head["squares"]]
    moved = [(len(weights), gradient)]
    weights.append(head["intercept"])
    for one, place, x in zip(model["inputs"], places(model), vector, strict=True):
        if one["kind"] == "category":
            moved.append((place + int(x), gradient))
        elif x != 0:
            moved.append((place, gradient * x))
    rate = model["optimizer"]["learning_rate_ppm"] / MILLION
    for place, share in moved:
        if squares:
            squares[place] += share * share
            weights[place] -= rate * share / sqrt(squares[place] + EPSILON)
        else:
            weights[place] -= rate * share
    if not all(map(isfinite, weights)):
        return None
    counted = "conversion_count" if label else "exposure_count"
    intercept = weights.pop()
    said = {"intercept": intercept, "weights": weights, "squares": squares}
    return head | said | {counted: head[counted] + 1}


def is_looked_at(model: Facts, vector: list[float]) -> bool:
    """Return whether a vector is one that this model may have made."""
    return len(vector) == len(model["inputs"]) and all(map(_may_be, model["inputs"], vector))


def _may_be(one: Facts, x: float) -> bool:
    if one["kind"] == "number":
        return isfinite(x) and abs(x) <= 4
    return x in range(len(one["values"]) + 1)
