"""The customer's habits: what the newest purchases say of when, where and how steadily they buy."""

from bisect import bisect_right
from collections import Counter
from functools import lru_cache, partial
from math import isqrt
from operator import sub
from typing import Final

from lifecycle.features import recent
from lifecycle.features.context import ABSENT, HOUR_MS, PPM, Context, Feature
from lifecycle.features.drift import DRIFT_COUNT_MIN, decline_ppm
from lifecycle.instants import DAY_MS
from lifecycle.local_time import LocalTime, local
from lifecycle.quiet_hours import customer_zone


PARTS_OF_DAY: Final = ("night", "morning", "afternoon", "evening")
"""Six hours each, from midnight on."""

_PART_MS: Final = 6 * HOUR_MS
_SATURDAY: Final = 5


def _count(days: int, context: Context) -> int:
    since_ms = context.now_ms - days * DAY_MS
    times_ms = recent.times_ms(context.row.recent_spend)
    return len(times_ms) - bisect_right(times_ms, since_ms)


def _gaps_ms(known: bytes) -> list[int]:
    times_ms = recent.times_ms(known)
    return list(map(sub, times_ms[1:], times_ms))


def _gap_mean_hours(context: Context) -> int:
    gaps_ms = _gaps_ms(context.row.recent_spend)
    return sum(gaps_ms) // len(gaps_ms) // HOUR_MS if gaps_ms else ABSENT


def _gap_spread_hours(context: Context) -> int:
    gaps_ms = _gaps_ms(context.row.recent_spend)
    if not gaps_ms:
        return ABSENT
    count, total_ms = len(gaps_ms), sum(gaps_ms)
    squares = count * sum(gap_ms * gap_ms for gap_ms in gaps_ms) - total_ms * total_ms
    return isqrt(squares) // count // HOUR_MS


def _scenes(context: Context) -> Counter[str]:
    return Counter(recent.scenes(context.row.recent_spend))


def shares_ppm(known: bytes) -> dict[str, int]:
    """Return the share of each scene of a row's `recent_spend`, in ppm, by name."""
    scenes = Counter(recent.scenes(known))
    return {scene: scenes[scene] * PPM // scenes.total() for scene in sorted(scenes)}


def _scene_share_ppm(context: Context) -> dict[str, int | str]:
    return {**shares_ppm(context.row.recent_spend)}


def _top_scene(context: Context) -> str:
    scenes = _scenes(context)
    return min(scenes, key=lambda scene: (-scenes[scene], scene), default="")


def _shown(context: Context) -> list[LocalTime]:
    """Return what the customer's wall clock showed at each purchase; none where it is not known."""
    zone = customer_zone(context.row, context.time_zone)
    times_ms = recent.times_ms(context.row.recent_spend) if zone else ()
    return [one for at_ms in times_ms if (one := local(zone, at_ms)) is not None]


def _usual_part_of_day(context: Context) -> str:
    parts = Counter(one.ms_of_day // _PART_MS for one in _shown(context))
    if not parts:
        return ""
    return PARTS_OF_DAY[min(parts, key=lambda part: (-parts[part], part))]


def _weekend_share_ppm(context: Context) -> int:
    shown = _shown(context)
    if not shown:
        return ABSENT
    return sum(one.weekday >= _SATURDAY for one in shown) * PPM // len(shown)


def _frequency_drift_ppm(context: Context) -> int:
    return _frequency_drift_of(context.row.recent_spend)


@lru_cache(recent.KNOWN_COUNT)
def _frequency_drift_of(known: bytes) -> int:
    """Return the drift of a row's `recent_spend`: what an entry read, clause and record read."""
    gaps_ms = _gaps_ms(known)
    if len(gaps_ms) + 1 < DRIFT_COUNT_MIN:
        return 0
    return decline_ppm([-gap_ms for gap_ms in gaps_ms])  # longer gaps are the decline


HABITS: Final = {
    **{
        f"spend_count_{days}d": Feature(
            "int",
            "purchases",
            0,
            f"in the last {days} days, 16 at most",
            partial(_count, days),
            behavioural=True,
        )
        for days in (7, 30, 90)
    },
    "gap_mean_hours": Feature(
        "int",
        "hours",
        ABSENT,
        "from one purchase to the next, mean",
        _gap_mean_hours,
        behavioural=True,
    ),
    "gap_spread_hours": Feature(
        "int", "hours", ABSENT, "standard deviation of that", _gap_spread_hours, behavioural=True
    ),
    "frequency_drift_ppm": Feature(
        "int",
        "millionths of a standard deviation",
        0,
        "how far gaps have grown (CUSUM); needs 8 purchases",
        _frequency_drift_ppm,
        behavioural=True,
    ),
    "scene_share_ppm": Feature(
        "ints_by_name",
        "ppm",
        {},
        "share of purchases, by scene",
        _scene_share_ppm,
        behavioural=True,
    ),
    "top_scene": Feature(
        "string", "", "", "the scene of most of them", _top_scene, behavioural=True
    ),
    "usual_part_of_day": Feature(
        "string",
        "",
        "",
        "of most of them: night morning afternoon evening, by the customer's clock",
        _usual_part_of_day,
        behavioural=True,
    ),
    "weekend_share_ppm": Feature(
        "int",
        "ppm",
        ABSENT,
        "on Saturdays and Sundays, by the customer's clock",
        _weekend_share_ppm,
        behavioural=True,
    ),
}
"""Over the newest 16 purchases; what was taken back of one later leaves it there."""
