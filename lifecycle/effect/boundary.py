"""
Say how far a sum of surprises may have strayed by now: an empirical-Bernstein boundary.

x_t is what is seen, g_t a guess of it from the past with |x_t - g_t| <= 1, m_t the mean of x_t
given the past. For every 0 < b < 1 the process

    exp(b * sum(x_t - m_t) - psi(b) * sum((x_t - g_t) ** 2)),   psi(b) = -log(1 - b) - b

begins at 1 and never rises on average (by Fan, Grama, Liu 2015, lemma 4.1). So does a mean of it
over fixed b, which therefore ever reaches 1 / alpha with a probability of at most alpha. No
distribution is assumed, and the m_t may drift: what is bounded is the distance to their own mean
so far.

Source: Howard, Ramdas, McAuliffe, Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic
confidence sequences", Annals of Statistics 49(2): theorem 4, the discrete mixtures of section 3,
and section 4.2 for effects under a known assignment.
"""

import math
from functools import cache
from typing import Final

from lifecycle.effect.evidence import log_mean_exp


BETS: Final = tuple(2.0**-power for power in range(1, 11))
"""
The b of the mixture, all weighed alike.

Halving them costs at most six per cent of width at any number of customers; the least suits some
ten million squares, which is a thousand million customers.
"""

_STEPS_MAX: Final = 64
_CLOSE: Final = 1e-12


@cache
def psi(bet: float) -> float:
    """Return what a bet pays for each square."""
    return -math.log1p(-bet) - bet


def log_mixture(strayed: float, squares: float) -> float:
    """Return the logarithm of the mixture where the sum has strayed so far upwards."""
    return log_mean_exp([bet * strayed - psi(bet) * squares for bet in BETS])


def strayed_max(squares: float, alpha: float) -> float:
    """
    Return how far the sum may have strayed to one side, but for a probability of `alpha`.

    Newton's steps on a convex function, from where one bet alone reaches 1 / alpha: they come down
    to the crossing from above, so that what is left over of them makes the boundary wider.
    """
    level, spread = -math.log(alpha), math.log(len(BETS))
    strayed = min((level + spread + psi(bet) * squares) / bet for bet in BETS)
    for _ in range(_STEPS_MAX):
        terms = [bet * strayed - psi(bet) * squares for bet in BETS]
        greatest = max(terms)
        weights = [math.exp(term - greatest) for term in terms]
        total = math.fsum(weights)
        slope = math.fsum([bet * weight for bet, weight in zip(BETS, weights, strict=True)]) / total
        step = (greatest + math.log(total) - spread - level) / slope
        if step <= _CLOSE * strayed:
            break
        strayed -= step
    return strayed
