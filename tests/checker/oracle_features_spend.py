"""Say how a customer buys: core.md §3.9, from the counters and the newest sixteen purchases."""

import math
from collections import Counter
from itertools import pairwise
from math import isqrt

from tests.checker.oracle_clock import wall_clock
from tests.checker.oracle_features_holder import profile
from tests.checker.oracle_recent import SCENES
from tests.checker.oracle_subject import ABSENT, DAY_MS, HALF_LIVES_DAYS, HOUR_MS, Subject, since


MILLION = 1_000_000
DECLINE_MAX = 10**9
DECLINE_COUNT_MIN = 8
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")


def currency(subject: Subject) -> str:
    """Return the bill's or the journey's, else that with most purchases."""
    if subject.statement is not None and subject.statement["currency"]:
        return str(subject.statement["currency"])
    amounts = subject.customer["amounts"]
    most = min(amounts, key=lambda code: (-amounts[code]["n"], code), default="")
    return subject.currency or most


def mean_amount_minor(subject: Subject) -> int:
    """Return what a purchase was on average."""
    money = subject.customer["amounts"].get(currency(subject))
    return int(money["sum"] // money["n"]) if money and money["n"] else ABSENT


def decayed_minor(subject: Subject, days: int) -> int:
    """Return what was spent, of which half is forgotten every so many days."""
    money = subject.customer["amounts"].get(currency(subject))
    if not money:
        return 0
    passed_days = max(0, subject.now - money["as_of"]) / DAY_MS
    kept = money["decayed"][HALF_LIVES_DAYS.index(days)]
    return max(-(10**18), min(10**18, math.floor(kept * 2.0 ** -(passed_days / days))))


def reversed_count(subject: Subject) -> int:
    """Return how often a purchase was taken back, in any currency."""
    return sum(money["reversed_n"] for money in subject.customer["amounts"].values())


def times(subject: Subject) -> list[int]:
    """Return when the newest purchases were, oldest first."""
    return [at for at, _, _, _ in subject.customer["recent"]]


def gaps(subject: Subject) -> list[int]:
    """Return the times between them."""
    return [later - earlier for earlier, later in pairwise(times(subject))]


def count_of_days(subject: Subject, days: int) -> int:
    """Return how many of them were in the last days."""
    return sum(at > subject.now - days * DAY_MS for at in times(subject))


def gap_mean_hours(subject: Subject) -> int:
    """Return the mean gap."""
    found = gaps(subject)
    return sum(found) // len(found) // HOUR_MS if found else ABSENT


def gap_spread_hours(subject: Subject) -> int:
    """Return the gaps' standard deviation."""
    found = gaps(subject)
    if not found:
        return ABSENT
    m = len(found)
    root = isqrt(m * sum(gap * gap for gap in found) - sum(found) ** 2)
    return root // m // HOUR_MS


def scenes(subject: Subject) -> list[str]:
    """Return the scene of each purchase."""
    return [SCENES[number][0] for _, number, _, _ in subject.customer["recent"]]


def scene_share_ppm(subject: Subject) -> dict[str, int]:
    """Return the share of each scene that occurs, by its label."""
    found = scenes(subject)
    return {label: found.count(label) * MILLION // len(found) for label in sorted(set(found))}


def top_scene(subject: Subject) -> str:
    """Return the scene of most, of equals the lesser label."""
    found = scenes(subject)
    return min(found, key=lambda label: (-found.count(label), label), default="")


def usual_part_of_day(subject: Subject) -> str:
    """Return in which quarter of the day most purchases were, of equals the first."""
    zone = profile(subject, "time_zone", "") or subject.time_zone
    clocks = [wall_clock(zone, at) for at in times(subject)]
    parts = Counter(clock.minute // 360 for clock in clocks if clock is not None)
    most = min(parts, key=lambda part: (-parts[part], part), default=None)
    return "" if most is None else PARTS_OF_DAY[most]


def weekend_share_ppm(subject: Subject) -> int:
    """Return the share of purchases on a Saturday or Sunday."""
    zone = profile(subject, "time_zone", "") or subject.time_zone
    clocks = [wall_clock(zone, at) for at in times(subject)]
    weekend = [clock.weekday in ("sat", "sun") for clock in clocks if clock is not None]
    return sum(weekend) * MILLION // len(weekend) if weekend else ABSENT


def decline(values: list[int]) -> int:
    """Return Page's one-sided cumulative sum against the first half, in ppm of its deviation."""
    k = len(values) // 2
    first, others = values[:k], values[k:]
    total = sum(first)
    q = k * sum(value * value for value in first) - total * total
    if not q:
        return 0
    deviation = isqrt(q * 10**12)
    fallen = 0
    for value in others:
        fallen = max(0, fallen + (total - k * value) * 10**12 // deviation - 500_000)
    return min(fallen, DECLINE_MAX)


def amount_drift_ppm(subject: Subject) -> int:
    """Return how far the amounts have fallen."""
    code = currency(subject)
    amounts = [one[3] for one in subject.customer["recent"] if _letters(one[2]) == code]
    return decline(amounts) if len(amounts) >= DECLINE_COUNT_MIN else 0


def frequency_drift_ppm(subject: Subject) -> int:
    """Return how far the gaps have grown."""
    if len(times(subject)) < DECLINE_COUNT_MIN:
        return 0
    return decline([-gap for gap in gaps(subject)])


def _letters(number: int) -> str:
    return "".join(chr(65 + number // weight % 26) for weight in (676, 26, 1))


SPEND = {
    "recency_days": ("int", lambda one: since(one.customer["last"], one.now, DAY_MS)),
    "spend_count": ("int", lambda one: one.customer["spends"]),
    "currency": ("string", currency),
    "mean_amount_minor": ("int", mean_amount_minor),
    "amount_7d_minor": ("int", lambda one: decayed_minor(one, 7)),
    "amount_30d_minor": ("int", lambda one: decayed_minor(one, 30)),
    "amount_90d_minor": ("int", lambda one: decayed_minor(one, 90)),
    "reversed_count": ("int", reversed_count),
    "amount_drift_ppm": ("int", amount_drift_ppm),
    "spend_count_7d": ("int", lambda one: count_of_days(one, 7)),
    "spend_count_30d": ("int", lambda one: count_of_days(one, 30)),
    "spend_count_90d": ("int", lambda one: count_of_days(one, 90)),
    "gap_mean_hours": ("int", gap_mean_hours),
    "gap_spread_hours": ("int", gap_spread_hours),
    "frequency_drift_ppm": ("int", frequency_drift_ppm),
    "scene_share_ppm": ("ints_by_name", scene_share_ppm),
    "top_scene": ("string", top_scene),
    "usual_part_of_day": ("string", usual_part_of_day),
    "weekend_share_ppm": ("int", weekend_share_ppm),
}
