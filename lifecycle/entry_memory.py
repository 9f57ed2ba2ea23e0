"""
Remember what a count or a sequence has seen of a customer, and say when it is complete.

Event times alone: a repeat never comes here, for the ring knows it (SEMANTICS B2). What is kept
has bounds, and any order of arrival gives the same as long as nothing had to make room
(docs/core.md 3.2.10).
"""

from bisect import insort
from typing import Final

from schemas.campaign import CountEntry, SequenceEntry
from schemas.entries import COUNT_MIN_MAX
from schemas.memories import MEMORIES_MAX, NOT_REACHED, EntryMemory
from schemas.state import CustomerRow


STEP_TIMES_MAX: Final = 8
"""Event times kept for each step of a sequence."""


def counted(row: CustomerRow, campaign_id: str, entry: CountEntry, at_ms: int) -> bool:
    """Take a matching event; return whether there are enough by now, and then forget them."""
    memory = _memory(row, campaign_id, 1)
    times = memory.times[0]
    _keep(times, at_ms, COUNT_MIN_MAX)
    spans = zip(times, times[entry.count_min - 1 :], strict=False)
    complete = any(last - first < entry.window_ms for first, last in spans)
    if complete:
        row.memories.remove(memory)
    return complete


def followed(
    row: CustomerRow, campaign_id: str, entry: SequenceEntry, steps: list[int], at_ms: int
) -> bool:
    """Take an event that is one of `steps`; return whether they are complete, and then forget."""
    memory = _memory(row, campaign_id, len(entry.of))
    for step in steps:
        _keep(memory.times[step], at_ms, STEP_TIMES_MAX)
    begins = [(0, at, at) for at in memory.times[0]]
    begins += [(step, *way) for step, way in enumerate(memory.ways) if way != NOT_REACHED]
    complete = any(_goes_through(memory, entry, *begun) for begun in begins)
    if complete:
        row.memories.remove(memory)
    return complete


def _goes_through(
    memory: EntryMemory, entry: SequenceEntry, step: int, first_ms: int, last_ms: int
) -> bool:
    """
    Go on from a step, always to the earliest event that may follow; return whether to the end.

    On the way the memory learns which steps can be reached, each from the latest beginning.
    """
    for following in memory.times[step + 1 :]:
        known_first, known_last = memory.ways[step]
        if (first_ms, -last_ms) > (known_first, -known_last):
            memory.ways[step] = (first_ms, last_ms)
        later = next((at for at in following if at > last_ms), None)
        if later is None:
            return False
        step, last_ms = step + 1, later
    return last_ms - first_ms < entry.within_ms


def _memory(row: CustomerRow, campaign_id: str, count: int) -> EntryMemory:
    """Return the campaign's memory for so many conditions; where there is none it is begun."""
    known = next((one for one in row.memories if one.campaign_id == campaign_id), None)
    if known is not None and len(known.times) == count:
        return known
    if known is not None:
        row.memories.remove(known)
    elif len(row.memories) >= MEMORIES_MAX:
        row.memories.remove(min(row.memories, key=_newest))
    begun = EntryMemory(campaign_id, [[] for _ in range(count)], [NOT_REACHED] * (count - 1))
    row.memories.append(begun)
    return begun


def _newest(memory: EntryMemory) -> tuple[int, str]:
    """Return the time of the newest event that a memory has, and whose it is."""
    return max(max(times, default=0) for times in memory.times), memory.campaign_id


def _keep(times: list[int], at_ms: int, count_max: int) -> None:
    """Put a time into an ascending list; of too many the least goes."""
    insort(times, at_ms)
    del times[:-count_max]
