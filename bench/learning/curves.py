"""
The truth of the simulated bank, which no model sees: who answers what, contacted or not.

A customer is four traits between 0 and 1 and one of four regions. Log-odds of acting without a
contact are linear in the traits, of acting after one likewise with other weights, and a region
shifts them: for some customers a contact is worse than none.
"""

import math
import random
from collections.abc import Mapping
from typing import Final, NamedTuple


TRAITS: Final = ("income", "online", "travels", "young")
REGIONS: Final = ("east", "north", "south", "west")


class Customer(NamedTuple):
    """What decides how somebody answers."""

    traits: tuple[float, ...]
    region: str


class Curve(NamedTuple):
    """
    How customers answer one campaign; `value_minor` is what an answer brings.

    `idle` are intercept and weights of the traits without a contact; `push` what a contact adds.
    """

    value_minor: int
    idle: tuple[float, ...]
    push: tuple[float, ...]
    regions: Mapping[str, float]


CURVES: Final = {
    "cashback": Curve(
        900, (-3.2, 1.5, 0.0, 0.0, 0.0), (0.05, -0.3, 1.8, 0.0, 0.0), {"east": 0.4, "south": -0.4}
    ),
    "wallet": Curve(
        600, (-2.6, 0.0, 0.0, 1.2, 0.0), (-0.06, 0.0, -1.0, 2.2, 0.0), {"north": 0.6, "west": -0.4}
    ),
    "instalment": Curve(
        1_500,
        (-3.9, 0.0, 1.0, 0.0, 0.5),
        (-0.34, 1.6, 0.0, -0.8, 1.0),
        {"east": -0.3, "south": 0.5},
    ),
    "travel": Curve(
        1_200,
        (-2.4, 0.0, 1.6, 0.0, 0.0),
        (-0.64, 0.0, -0.6, 0.0, 1.4),
        {"east": 0.2, "north": -0.2},
    ),
}
CONTACT_COST_MINOR: Final = 20


def some(random_: random.Random) -> Customer:
    """Return a customer drawn evenly."""
    return Customer(tuple(random_.random() for _ in TRAITS), random_.choice(REGIONS))


def chances(campaign: str, customer: Customer) -> tuple[float, float]:
    """Return how likely a customer acts if contacted, and if not."""
    curve = CURVES[campaign]
    idle = _dot(curve.idle, customer)
    pushed = idle + _dot(curve.push, customer) + curve.regions.get(customer.region, 0.0)
    return _logistic(pushed), _logistic(idle)


def gain_minor(campaign: str | None, customer: Customer) -> float:
    """Return what a contact is expected to bring over none, less its cost; None: no contact."""
    if campaign is None:
        return 0.0
    contacted, idle = chances(campaign, customer)
    return CURVES[campaign].value_minor * (contacted - idle) - CONTACT_COST_MINOR


def best(customer: Customer) -> str | None:
    """Return what somebody who knows the truth would do."""
    first = max(CURVES, key=lambda campaign: gain_minor(campaign, customer))
    return first if gain_minor(first, customer) > 0 else None


def _dot(weights: tuple[float, ...], customer: Customer) -> float:
    first, *others = weights
    return first + sum(a * b for a, b in zip(others, customer.traits, strict=True))


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
