"""Say what shape a model gives its heads: how many weights, and where each input's begin."""

from itertools import accumulate, pairwise
from math import isfinite

from schemas.learning import Head
from schemas.model import WEIGHTS_MAX, CategoryInput, Input, Model


def weight_count(model: Model) -> int:
    """Return how many weights a head of the model has, the intercept apart."""
    return sum(map(_width, model.inputs))


def offsets(model: Model) -> tuple[int, ...]:
    """Return the place of each input's first weight, in the order of the inputs."""
    return tuple(accumulate(map(_width, model.inputs[:-1]), initial=0))


def fits(head: Head, model: Model) -> bool:
    """Return whether a head is one of this model, and all its numbers are finite (SEMANTICS L3)."""
    count = weight_count(model)
    squares_count = count + 1 if model.optimizer.kind == "adagrad" else 0
    return (
        len(head.weights) == count
        and len(head.squares) in {0, squares_count}
        and min(head.exposure_count, head.conversion_count) >= 0
        and all(map(isfinite, (head.intercept, *head.weights, *head.squares)))
        and min(head.squares, default=0.0) >= 0.0
    )


def is_sound(model: Model) -> bool:
    """Return whether a snapshot of the model fits into a message, and each input is one."""
    ids = [one.id for one in model.inputs]
    texts = [one.values for one in model.inputs if isinstance(one, CategoryInput)]
    return weight_count(model) <= WEIGHTS_MAX and _differ(ids) and all(map(_differ, texts))


def _width(one: Input) -> int:
    """Return how many weights an input has: of a category one more, for any other text."""
    return len(one.values) + 1 if isinstance(one, CategoryInput) else 1


def _differ(texts: list[str] | tuple[str, ...]) -> bool:
    """Return whether no two are alike."""
    return all(one != other for one, other in pairwise(sorted(texts)))
