"""
Learn a logistic regression one example at a time, by River (docs/learning.md 2).

River moves its own intercept by plain gradient descent whatever the optimizer. Ours is the weight
of one more input, which is always 1, so that AdaGrad slows it down like any other.
"""

from collections.abc import Mapping
from math import isnan, log
from typing import Final, Literal

from river.linear_model import LogisticRegression
from river.optim import SGD, AdaGrad
from river.utils import VectorDict

from lifecycle.features.context import PPM
from lifecycle.model_shape import fits, weight_count
from lifecycle.models.scores import probability
from schemas.learning import Head
from schemas.model import Model, Optimizer


INTERCEPT: Final = -1
"""Its place; it is the first of every sum, as in docs/core.md 3.16."""


class LogisticModel:
    """A head that learns (port: `lifecycle.models.contract.Learning`)."""

    def __init__(self, model: Model, head: Head) -> None:
        """
        Begin with what a head has learnt.

        Raises:
            ValueError: it does not fit the model.

        """
        self._model = model
        self.restore(head)

    def proba(self, x: Mapping[int, float]) -> float:
        """Return the probability of label 1, unrounded; asking changes nothing."""
        return probability(self._weights.dot({INTERCEPT: 1.0, **x}))

    def learn(self, x: Mapping[int, float], label: Literal[0, 1], weight: float) -> bool:
        """
        Take one step of gradient descent, and count the example.

        False: it is not taken. A step is at most 8 long, as weight <= 2 and x <= 4: from finite
        weights it leads to finite ones, unless their sum is not a number (L3).
        """
        asked = {INTERCEPT: 1.0, **x}
        if isnan(self._weights.dot(asked)):
            return False
        self._river.learn_one(asked, label, w=weight)
        if label:
            self._conversion_count += 1
        else:
            self._exposure_count += 1
        return True

    def snapshot(self) -> Head:
        """Return all that has been learnt; whoever is restored from it goes on as this one."""
        intercept, *weights = self._weights.to_dict().values()
        return Head(
            intercept=intercept,
            weights=tuple(weights),
            squares=self._squares(len(weights)),
            exposure_count=self._exposure_count,
            conversion_count=self._conversion_count,
        )

    def restore(self, head: Head) -> None:
        """
        Become what this head says, and forget the rest.

        Every weight is laid out at once, in the model's order: River would add the ones it meets.

        Raises:
            ValueError: it does not fit the model.

        """
        if not fits(head, self._model):
            count = weight_count(self._model)
            raise ValueError(f"wanted a head of {count} finite weights, found another")
        self._optimizer = _optimizer(self._model.optimizer, head)
        self._weights: VectorDict[int, float] = VectorDict(
            {INTERCEPT: head.intercept, **dict(enumerate(head.weights))}
        )
        self._river = _Seeded(self._optimizer, self._weights)
        self._exposure_count = head.exposure_count
        self._conversion_count = head.conversion_count

    def _squares(self, count: int) -> tuple[float, ...]:
        """Return AdaGrad's sums, the intercept's last, () of an optimizer without any."""
        if not isinstance(self._optimizer, AdaGrad):
            return ()
        return tuple(self._optimizer.g2.get(place, 0.0) for place in (*range(count), INTERCEPT))


class _Seeded(LogisticRegression):
    """River's model, beginning at given weights; the mapping is shared, and follows each step."""

    def __init__(self, optimizer: SGD | AdaGrad, weights: "VectorDict[int, float]") -> None:
        """Begin; the intercept is among the weights, so River's own stays 0."""
        super().__init__(optimizer, intercept_lr=0.0)
        self._weights = weights


def untaught(model: Model) -> Head:
    """Return the head that nobody has taught: it says the model's base rate of everyone."""
    rate = model.base_rate_ppm / PPM
    return Head(intercept=log(rate / (1 - rate)), weights=(0.0,) * weight_count(model))


def _optimizer(said: Optimizer, head: Head) -> SGD | AdaGrad:
    """Return River's optimizer as the model names it, with what it has summed up."""
    rate = said.learning_rate_ppm / PPM
    if said.kind == "sgd":
        return SGD(rate)
    optimizer = AdaGrad(rate)
    if head.squares:
        *squares, of_intercept = head.squares
        optimizer.g2.update(enumerate(squares))
        optimizer.g2[INTERCEPT] = of_intercept
    return optimizer
