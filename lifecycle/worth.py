"""Reckon what a contact is worth, in whole numbers (SEMANTICS O2, B6)."""

from typing import Final


PPM: Final = 1_000_000
PERCENT: Final = 100


def worth_micro(
    propensity_ppm: int, value_minor: int, lever_percent: int, contact_cost_minor: int
) -> int:
    """
    Return propensity x value x lever - contact cost, in millionths of a minor unit, floored.

    >>> worth_micro(20_000, 15_000, 150, 5)
    445000000
    """
    weighed = propensity_ppm * value_minor * lever_percent // PERCENT
    return weighed - contact_cost_minor * PPM
