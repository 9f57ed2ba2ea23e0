"""
Say what of a model depends on its definition alone: where its weights lie, and what fits it.

Read by whoever learns and by whoever scores; docs/learning.md, section 1.
"""

from collections.abc import Iterable
from itertools import accumulate
from math import isfinite
from typing import Final

from schemas.learning import Head
from schemas.model import WEIGHTS_MAX, CategoryInput, Input, Model


NUMBER_MAX: Final = 4.0
"""How far from 0 a number of a vector may be: no producer moves a score further."""


def weight_count(model: Model) -> int:
    """
    Return how many weights each head of a model has.

    >>> from schemas.rules import Const, Rule
    >>> rule = Rule(text="'gold'", tree=Const("gold"))
    >>> tier = CategoryInput(id="tier", rule=rule, values=("gold", "classic"))
    >>> weight_count(Model(id="activation", version=1, inputs=(tier,)))
    3
    """
    return sum(map(_width, model.inputs))


def offsets(model: Model) -> tuple[int, ...]:
    """Return the place of each input's first weight, in the order of the inputs."""
    return tuple(accumulate(map(_width, model.inputs[:-1]), initial=0))


def fits(head: Head, model: Model) -> bool:
    """Return whether a head is one of this model's: as many numbers as it wants, all finite."""
    count, squares = weight_count(model), head.squares
    wanted = {0, count + 1} if model.optimizer.kind == "adagrad" else {0}
    return (
        len(head.weights) == count
        and len(squares) in wanted
        and isfinite(head.intercept)
        and all(map(isfinite, head.weights))
        and all(isfinite(square) and square >= 0 for square in squares)
        and min(head.exposure_count, head.conversion_count) >= 0
    )


def has_evidence(head: Head, model: Model) -> bool:
    """Return whether a head has seen as much as the model asks for before it decides."""
    return (
        head.exposure_count >= model.exposure_count_min
        and head.conversion_count >= model.conversion_count_min
    )


def is_sound(model: Model) -> bool:
    """Return whether no two inputs, nor two values of one, are alike, and a snapshot has room."""
    categories = [one for one in model.inputs if isinstance(one, CategoryInput)]
    return (
        _differ(one.id for one in model.inputs)
        and all(_differ(one.values) for one in categories)
        and weight_count(model) <= WEIGHTS_MAX
    )


def _width(one: Input) -> int:
    """Return how many weights an input has: of a category one more for any other text."""
    return 1 + len(one.values) if isinstance(one, CategoryInput) else 1


def _differ(texts: Iterable[str]) -> bool:
    """Return whether no text comes twice."""
    found = list(texts)
    return len(set(found)) == len(found)
