"""
Join the statistics of banks that agreed to it (SEMANTICS N3): sums and e-values, no customer.

Two answers, to two questions. The *product* of e-values asks whether contact changes anything in
any bank; each of them had to learn by itself which way to bet, which twenty small banks can not.
The *fixed effect* adds up the sums of which each bank's interval is made: one interval, and one
e-value, for the mean effect on the customers of all, each customer weighing alike; that is every
bank's effect if it is the same in all. Both are valid at any time: a record belongs to one bank,
and its bet is fair given all that came before in any of them.

Who joins must not hang on how it looks: a bank's statistics count from its word on.
"""

import math
from collections.abc import Collection, Mapping

from lifecycle.effect.evidence import PPM, checked_ppm
from lifecycle.effect.interval import Difference, Sums
from lifecycle.effect.joined import sums_added


def product(log_e_by_tenant: Mapping[str, float], opted_in: Collection[str]) -> float:
    """
    Return the logarithm of the product of the e-values of those who opted in.

    Against the null that holds in each of them; 0 of none. `Evidence.reach` keeps its greatest.
    """
    return math.fsum([log_e for tenant, log_e in log_e_by_tenant.items() if tenant in opted_in])


def fixed_effect(
    members: Mapping[str, Difference], opted_in: Collection[str], share_ppm_min: int
) -> Sums:
    """
    Return the sums of those who opted in, in one.

    `share_ppm_min` is declared for the pool: the least share of either arm in any bank. Raises
    ValueError for a member with a smaller one, and for one that counts money: caps and currencies
    of two banks do not add up.
    """
    checked_ppm("share_ppm_min", share_ppm_min)
    scale = PPM / share_ppm_min
    joined = [members[tenant] for tenant in members if tenant in opted_in]
    for member in joined:
        if member.cap_minor != 1:
            raise ValueError(f"wanted conversions, found money with a cap of {member.cap_minor}")
        if member.sums.scale > scale:
            least_ppm = min(member.control_ppm, PPM - member.control_ppm)
            raise ValueError(f"wanted shares of {share_ppm_min} ppm or more, found {least_ppm}")
    return sums_added(member.sums for member in joined)._replace(scale=scale)
