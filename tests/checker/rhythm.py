"""BG/NBD as core.md writes it (Fader, Hardie, Lee 2005), operation for operation."""

import math
from typing import Any


def silence_ms(entry: dict[str, Any], repeats: int, recency_ms: int) -> int | None:
    """
    Return after how much time since the first purchase P(alive) has fallen to `alive_ppm`.

    None where it never does, as far as floats can say.
    """
    r, alpha, a, b = (entry[name] for name in ("r", "alpha", "a", "b"))
    t_x = recency_ms / entry["unit_ms"]
    q = entry["alive_ppm"] / 1_000_000
    try:
        t = (alpha + t_x) * (((1 / q - 1) * (b + repeats - 1) / a) ** (1 / (r + repeats))) - alpha
        return math.floor(max(t, t_x) * entry["unit_ms"])
    except (OverflowError, ZeroDivisionError, ValueError):
        return None


def alive_and_rate_ppm(
    entry: dict[str, Any], repeats: int, recency_ms: int, age_ms: int
) -> tuple[int, int]:
    """
    Return P(alive), and P(alive) x expected purchases a unit, both in parts per million.

    `repeats` -1 means that there was no purchase at all.
    """
    if repeats < 0:
        return 0, 0
    r, alpha, a, b = (entry[name] for name in ("r", "alpha", "a", "b"))
    t_x, age = recency_ms / entry["unit_ms"], age_ms / entry["unit_ms"]
    age = max(age, t_x)
    alive = 1.0
    if repeats:
        try:
            odds = (a / (b + repeats - 1)) * ((alpha + age) / (alpha + t_x)) ** (r + repeats)
            alive = 1 / (1 + odds)
        except OverflowError:  # a heavy buyer, silent for ages
            alive = 0.0
    rate = (r + repeats) / (alpha + age)
    return math.floor(alive * 1_000_000), math.floor(alive * rate * 1_000_000)
