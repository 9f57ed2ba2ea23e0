"""
Measure a customer's silence against their own rhythm: BG/NBD, the only floats behind a decision.

A customer buys at a rate of their own and may leave after any purchase; both differ between
customers as the population's r, alpha, a, b say. What leaves this module is integers: times in
milliseconds, probabilities and rates in parts per million (SEMANTICS B6).

Source: Fader, Hardie, Lee (2005), "Counting your customers the easy way: an alternative to the
Pareto/NBD model", Marketing Science 24(2); P(alive) from Fader, Hardie (2008), "Computing
P(alive) using the BG/NBD model".
"""

import math
from typing import Final, NamedTuple

from schemas.campaign import SilenceEntry
from schemas.state import CustomerRow


_PPM: Final = 1_000_000


class Rhythm(NamedTuple):
    """
    How likely a customer is to come back, as of one moment.

    `alive_ppm` is P(alive), `rate_ppm` P(alive) x expected purchases per unit of time;
    `repeat_count` are the purchases after the first; `silent_ms` is the time since the last.
    """

    alive_ppm: int
    rate_ppm: int
    repeat_count: int
    silent_ms: int


def silent_until_ms(entry: SilenceEntry, row: CustomerRow) -> int | None:
    """
    Return when P(alive) will have fallen to `alive_ppm` if the customer stays silent, UTC epoch.

    None: too few repeats, or P(alive) never falls that low.
    """
    repeats = row.spend_count - 1
    if repeats < entry.repeat_count_min or entry.alive_ppm == 0:
        return None
    recency = (row.last_spend_at_ms - row.first_spend_at_ms) / entry.unit_ms
    alive = entry.alive_ppm / _PPM
    odds = (1 / alive - 1) * (entry.b + repeats - 1) / entry.a
    growth = math.pow(odds, 1 / (entry.r + repeats))
    age = (entry.alpha + recency) * growth - entry.alpha
    return row.first_spend_at_ms + math.floor(max(age, recency) * entry.unit_ms)


def read(entry: SilenceEntry, row: CustomerRow, now_ms: int) -> Rhythm:
    """Return the customer's rhythm as of `now_ms`; all zero where nothing was ever bought."""
    repeats = row.spend_count - 1
    if repeats < 0:
        return Rhythm(0, 0, 0, 0)
    recency = (row.last_spend_at_ms - row.first_spend_at_ms) / entry.unit_ms
    age = max((now_ms - row.first_spend_at_ms) / entry.unit_ms, recency)
    alive = alive_proba(entry, repeats, recency, age)
    rate = (entry.r + repeats) / (entry.alpha + age)
    return Rhythm(
        alive_ppm=math.floor(alive * _PPM),
        rate_ppm=math.floor(alive * rate * _PPM),
        repeat_count=repeats,
        silent_ms=now_ms - row.last_spend_at_ms,
    )


def alive_proba(entry: SilenceEntry, repeats: int, recency: float, age: float) -> float:
    """
    Return P(alive) of a customer with `repeats` repeat purchases, the last at `recency`, at `age`.

    Both in units of `entry.unit_ms` since the first purchase. Who never repeated cannot have left.
    """
    if repeats == 0:
        return 1.0
    ratio = (entry.alpha + age) / (entry.alpha + recency)
    try:
        power = math.pow(ratio, entry.r + repeats)
    except OverflowError:  # a frequent customer who has been silent for ages
        return 0.0
    return 1 / (1 + (entry.a / (entry.b + repeats - 1)) * power)
