"""Say how far a customer's habits have declined: core.md §3.9."""

import itertools
from math import isqrt

from tests.checker.identity import Facts


LEAST_COUNT = 8


def declines(customer: Facts) -> dict[str, int]:
    """Return the decline of frequency and of amount, in millionths of a deviation."""
    bought = customer["recent"]
    times = [at for at, *_ in bought]
    gaps = [earlier - later for earlier, later in itertools.pairwise(times)]
    currency = _packed(_most_used(customer))
    amounts = [amount for _, _, code, amount in bought if code == currency]
    frequency = _decline(gaps) if len(bought) >= LEAST_COUNT else 0
    amount = _decline(amounts) if len(amounts) >= LEAST_COUNT else 0
    return {"frequency": frequency, "amount": amount, "either": max(frequency, amount)}


def _most_used(customer: Facts) -> str:
    amounts = customer["amounts"]
    most = max((money["n"] for money in amounts.values()), default=0)
    return min((code for code, money in amounts.items() if money["n"] == most), default="AAA")


def _packed(code: str) -> int:
    first, second, third = (ord(letter) - 65 for letter in code)
    return first * 676 + second * 26 + third


def _decline(values: list[int]) -> int:
    k = len(values) // 2
    total = sum(values[:k])
    q = k * sum(value**2 for value in values[:k]) - total**2
    if q == 0:
        return 0
    d = isqrt(q * 10**12)
    c = 0
    for value in values[k:]:
        c = max(0, c + (total - k * value) * 10**12 // d - 500_000)
    return int(min(c, 10**9))
