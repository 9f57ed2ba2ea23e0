"""
Say what another policy would have brought, from what was logged while exploring.

Each example has the probability with which its arm was chosen, and that with which the other
policy would have chosen it; their ratio is the example's weight. IPS is the mean of weight x
reward, SNIPS the same over the mean weight: a little biased, and steadier. Only examples whose
window has closed count, in both arms alike (SEMANTICS L2): conversions are known before their
absence is.

Source: Horvitz, Thompson (1952); Swaminathan, Joachims (2015), "The self-normalized estimator for
counterfactual learning", NIPS 28; standard errors of SNIPS by the delta method (Owen 2013, "Monte
Carlo theory, methods and examples", 9.2). Looked at once, not at any time.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lifecycle.effect.evidence import PPM


class Logged(NamedTuple):
    """
    A decision as logged: what it brought, how likely its arm was, how likely it would have been.

    `reward` is 1 or 0, or minor units; `matured` whether its window has closed.
    """

    reward: int
    propensity_ppm: int
    target_ppm: int
    matured: bool


class OffPolicy(NamedTuple):
    """
    What the other policy would have brought a decision, by two estimates with standard errors.

    `weight_mean` should be near 1: else the logged propensities are not those that decided, or too
    much was clipped. `effective_count` is how many unweighted examples say as much (Kish).
    """

    ips: float
    ips_se: float
    snips: float
    snips_se: float
    weight_mean: float
    effective_count: float
    example_count: int
    clipped_count: int
    immature_count: int


def judged(examples: Iterable[Logged], weight_max: int) -> OffPolicy:
    """
    Return the estimates, every weight held to `weight_max`, which is declared beforehand.

    In whatever order the examples come, bit for bit. Raises ValueError for a probability out of
    bounds, for less than two matured examples, and where the policy would have chosen none.
    """
    if weight_max < 1:
        raise ValueError(f"wanted a weight_max of 1 or more, found {weight_max}")
    seen = list(examples)
    matured = [one for one in seen if one.matured]
    raw = [_weight(one) for one in matured]
    weights = [min(weight, float(weight_max)) for weight in raw]
    count, weight_sum = len(weights), math.fsum(weights)
    if count <= 1 or weight_sum == 0.0:
        raise ValueError(f"wanted two matured examples with some weight, found {count}")
    earned = [weight * one.reward for weight, one in zip(weights, matured, strict=True)]
    ips, snips = math.fsum(earned) / count, math.fsum(earned) / weight_sum
    ips_squares = math.fsum([(one - ips) ** 2 for one in earned])
    snips_squares = math.fsum(
        [(weight * (one.reward - snips)) ** 2 for weight, one in zip(weights, matured, strict=True)]
    )
    return OffPolicy(
        ips=ips,
        ips_se=math.sqrt(ips_squares / (count - 1) / count),
        snips=snips,
        snips_se=math.sqrt(snips_squares) / weight_sum,
        weight_mean=weight_sum / count,
        effective_count=weight_sum**2 / math.fsum([weight**2 for weight in weights]),
        example_count=count,
        clipped_count=sum(weight > weight_max for weight in raw),
        immature_count=len(seen) - count,
    )


def propensities(scores: Sequence[int], epsilon_ppm: int) -> tuple[int, ...]:
    """
    Return how likely epsilon-greedy chooses each arm, in parts per million, exactly 10^6 together.

    Every arm has its whole part of epsilon, the one with the greatest score (of equals the first)
    the rest. Raises ValueError without arms, for an epsilon out of bounds, or one so small that an
    arm would have no part of it.

    >>> propensities([3, 9, 9], 100_000)
    (33333, 933334, 33333)
    """
    count = len(scores)
    if count == 0:
        raise ValueError("wanted the score of an arm, found none")
    if epsilon_ppm != 0 and not count <= epsilon_ppm <= PPM:
        raise ValueError(
            f"wanted an epsilon_ppm of 0, or {count} to {PPM:,}, found {epsilon_ppm:,}"
        )
    floor_ppm = epsilon_ppm // count
    best = scores.index(max(scores))
    rest_ppm = PPM - floor_ppm * (count - 1)
    return tuple(rest_ppm if place == best else floor_ppm for place in range(count))


def _weight(one: Logged) -> float:
    """Return how much more likely the other policy would have done the same; ValueError: above."""
    if not (1 <= one.propensity_ppm <= PPM and 0 <= one.target_ppm <= PPM):
        raise ValueError(
            f"wanted a propensity of 1 to {PPM:,} ppm and a target of 0 to {PPM:,},"
            f" found {one.propensity_ppm:,} and {one.target_ppm:,}"
        )
    return one.target_ppm / one.propensity_ppm
