"""Learn what a customer usually buys, and what has become a habit: core.md §3.20, on lists."""

from copy import deepcopy
from math import isqrt

from tests.checker.identity import Facts
from tests.checker.oracle_recent import SCENES


MILLION = 10**6
KNOWN_FROM = 16
HALVED_AT = 128
SHARE_MIN = 100_000
SLACK = 500
CHANGED = 12_000


def new_habits() -> Facts:
    """Return habits of which nothing is known."""
    return {"told": 0, "n": 0, "k": [0] * len(SCENES), "c": [0] * len(SCENES)}


def learn_habit(habits: Facts, bought: int) -> None:
    """Take a purchase of the scene of a number."""
    if habits["n"] >= KNOWN_FROM:
        _sum(habits, bought)
        if habits["c"][bought] >= CHANGED:
            habits |= new_habits() | {"told": bought + 1}
    habits["n"] += 1
    habits["k"][bought] += 1
    if habits["n"] == HALVED_AT:
        habits |= {"n": HALVED_AT // 2, "k": [k // 2 for k in habits["k"]]}


def _sum(habits: Facts, bought: int) -> None:
    n = habits["n"]
    for number, k in enumerate(habits["k"]):
        p = max(SHARE_MIN, (k + 1) * MILLION // (n + 2))
        x = MILLION if number == bought else 0
        moved = (x - p) * 1_000 // isqrt(p * (MILLION - p)) - SLACK
        habits["c"][number] = max(0, habits["c"][number] + moved)


def told_of(customer: Facts) -> str:
    """Return the scene that has become a habit, as of the newest purchase, "" for none."""
    habits = deepcopy(customer["habits"])
    for _, number, _, _ in customer["recent"]:
        learn_habit(habits, number)
    told = habits["told"] if habits["n"] <= KNOWN_FROM else 0
    return SCENES[told - 1][0] if told else ""


def packed_habits(habits: Facts) -> bytes:
    """Return the habits as a row has them, b"" where they have taken nothing."""
    if not habits["n"]:
        return b""
    sums = b"".join(c.to_bytes(2, "big") for c in habits["c"])
    return bytes([habits["told"], habits["n"], *habits["k"]]) + sums
