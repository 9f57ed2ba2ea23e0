"""
Say what a model that learns one example at a time must do, whatever is behind it.

Of every model: asking it changes nothing; `learn` takes one example; what `snapshot` returns is
plain, and whoever is restored from it goes on as this one, to the last bit. What an example is,
and an answer, is each model's own: a regression's (`Learning`), an option's rate
(`option_counts`), a tier's edges (`spend_tiers`), the nearest kind of spending (`spend_clusters`).
"""

from collections.abc import Mapping
from typing import Literal, Protocol, TypeVar

from schemas.learning import Head


State = TypeVar("State")


class Remembering(Protocol[State]):
    """Any model: all that it knows is in its state."""

    def snapshot(self) -> State:
        """Return all that has been learnt; whoever is restored from it goes on as this one."""

    def restore(self, state: State) -> None:
        """Become what this state says, and forget the rest."""


class Learning(Protocol):
    """
    One head of a model, as it learns.

    `x` has by the place of its weight what is not 0, in the order of the places: of a number its
    value, of a category 1 at the place of its text (docs/learning.md 1).
    """

    def proba(self, x: Mapping[int, float]) -> float:
        """Return the probability of label 1, unrounded; asking changes nothing."""

    def learn(self, x: Mapping[int, float], label: Literal[0, 1], weight: float) -> bool:
        """
        Take one step of gradient descent, and count the example.

        False: nothing is finite any more in what the step would leave; it is not taken (L3).
        """

    def snapshot(self) -> Head:
        """Return all that has been learnt; whoever is restored from it goes on as this one."""

    def restore(self, head: Head) -> None:
        """
        Become what this head says, and forget the rest.

        Raises:
            ValueError: it does not fit the model.

        """
