"""The languages in which decisions are told, and how both write a share."""

from typing import Literal


Language = Literal["en", "zh"]


def percent(ppm: int) -> str:
    """
    Return a share in per cent, without needless zeros.

    >>> percent(20_000), percent(222_700), percent(-500)
    ('2', '22.27', '-0.05')
    """
    return f"{ppm / 10_000:.4f}".rstrip("0").rstrip(".")
