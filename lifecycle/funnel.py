"""
Say of a bank's cards how they pass through the funnel (docs/insight.md 2).

A stage is what lies between two milestones of a card. Who is in it neither leaves nor converts by
what a campaign does, but by what the card reaches, so these counts need no campaign at all.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from msgspec import Struct

from schemas.insight_rows import FunnelRow


HOUR_MS: Final = 3_600_000

STAGES: Final = {
    "activate": ("issued", "activated"),
    "bind": ("activated", "bound"),
    "pay": ("activated", "first_spend"),
}
"""Stage to the milestone that a card enters it with, and the one that it is for."""


class Passage(Struct, frozen=True):
    """
    How many cards entered a stage, and what became of them: they left, converted, or wait.

    `waited_median_ms` is that of the cards which converted, None where no waiting time is known.
    """

    entered_count: int
    left_count: int
    converted_count: int
    waiting_count: int
    waited_median_ms: int | None


def added_up(rows: Iterable[FunnelRow]) -> FunnelRow:
    """Return what several partitions have counted as if it had been one."""
    total = FunnelRow()
    for row in rows:
        total.at_ms = max(total.at_ms, row.at_ms)
        for mine, theirs in ((total.cards, row.cards), (total.reached, row.reached)):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count
        for name, bins in row.waited.items():
            known = total.waited.get(name, [0] * len(bins))
            total.waited[name] = [sum(pair) for pair in zip(known, bins, strict=True)]
    return total


def passage(row: FunnelRow, stage: str) -> Passage:
    """Return how the cards of one of `STAGES` passed through it, as of the row."""
    begin, goal = STAGES[stage]
    entered = left = converted = 0
    for name, count in row.cards.items():
        names, _, gone = name.partition("|")
        reached = names.split("+")
        if goal in reached:  # it has been through the first, whether or not the bank told of it
            converted += count
        elif begin in reached:
            entered += count
            left += count if gone else 0
    return Passage(
        entered_count=entered + converted,
        left_count=left,
        converted_count=converted,
        waiting_count=entered - left,
        waited_median_ms=median_ms(row.waited.get(goal, ())),
    )


def median_ms(bins: Sequence[int]) -> int | None:
    """
    Return the median of waiting times by bin: an hour, then each twice as far as the one before.

    Within the bin in which the half of them lies it is in proportion; None where there are none.

    >>> median_ms([2, 0, 0, 0]), median_ms([1, 3]), median_ms([0, 0])
    (1800000, 4800000, None)
    """
    total = sum(bins)
    for number, before in enumerate(accumulate(bins, initial=0)):
        if total and before * 2 < total <= (before + bins[number]) * 2:
            begin_ms = HOUR_MS << (number - 1) if number else 0
            width_ms = begin_ms or HOUR_MS
            return begin_ms + width_ms * (total - 2 * before) // (2 * bins[number])
    return None
