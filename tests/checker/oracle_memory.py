"""Remember what counts and sequences have seen: core.md §3.2 (10), every way looked at in turn."""

from tests.checker.identity import Facts


MEMORIES_MAX = 16
COUNT_TIMES_MAX = 16
SEQUENCE_TIMES_MAX = 8
Way = tuple[int, int]


def is_count_complete(customer: Facts, policy: Facts, at: int) -> bool:
    """Take an event of a count; return whether it is complete, and then forget it."""
    entry = policy["entry"]
    memory = _memory(customer, policy["id"], 1)
    times = memory["times"][0] = sorted([*memory["times"][0], at])[-COUNT_TIMES_MAX:]
    is_complete = any(
        sum(first <= other < first + entry["window_ms"] for other in times) >= entry["count_min"]
        for first in times
    )
    if is_complete:
        del customer["memories"][policy["id"]]
    return is_complete


def is_sequence_complete(customer: Facts, policy: Facts, places: list[int], at: int) -> bool:
    """Take an event of a sequence; return whether it is complete, and then forget it."""
    entry = policy["entry"]
    memory = _memory(customer, policy["id"], len(entry["of"]))
    for place in places:
        times = [*memory["times"][place], at]
        memory["times"][place] = sorted(times)[-SEQUENCE_TIMES_MAX:]
    begun: list[tuple[int, Way]] = [(0, (time, time)) for time in memory["times"][0]]
    begun += [(place, way) for place, way in enumerate(memory["ways"]) if way is not None]
    is_complete = any(_is_whole(memory, entry["within_ms"], *one) for one in begun)
    if is_complete:
        del customer["memories"][policy["id"]]
    return is_complete


def _is_whole(memory: Facts, within: int, place: int, way: Way) -> bool:
    first, last = way
    while place < len(memory["ways"]):
        kept = memory["ways"][place]
        if kept is None or (first, -last) > (kept[0], -kept[1]):
            memory["ways"][place] = (first, last)
        later = [time for time in memory["times"][place + 1] if time > last]
        if not later:
            return False
        place, last = place + 1, later[0]
    return last - first < within


def _memory(customer: Facts, campaign: str, count: int) -> Facts:
    memories = customer["memories"]
    if campaign in memories and len(memories[campaign]["times"]) != count:
        del memories[campaign]
    elif campaign not in memories and len(memories) >= MEMORIES_MAX:
        newest = [
            (max(max(t, default=0) for t in m["times"]), name) for name, m in memories.items()
        ]
        del memories[min(newest)[1]]
    fresh: Facts = {"times": [[] for _ in range(count)], "ways": [None] * (count - 1)}
    kept: Facts = memories.setdefault(campaign, fresh)
    return kept
