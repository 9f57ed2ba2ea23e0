"""
Index who is due next, on each of the two clocks (SEMANTICS T4, T8).

Timers live in the customers' rows; this is an index over them, rebuilt on restore. It has one
live entry per customer and clock, never later than the customer's earliest due step: an entry
that turns out too early is corrected when it comes up. So an event that moves a timer further
away, which is nearly every purchase, costs nothing here.
"""

from heapq import heapify, heappop, heappush
from typing import Final

from lifecycle.follow_ups import due_at_ms, over
from schemas.state import CustomerRow, DueStep, Journey


NEVER: Final = 2**63 - 1
_STALE_COUNT_MIN: Final = 64


def clock_of(journey: Journey, step: DueStep) -> str:
    """Return which clock a step is due on: a deferred one waits on now (SEMANTICS T4)."""
    return "now" if step.deferred else journey.waits_on


def earliest(row: CustomerRow) -> tuple[int, int]:
    """
    Return the earliest due step on the watermark and on now, `NEVER` for none.

    An exposure that is not over is due like a step that waits on the watermark.
    """
    on_watermark = on_now = NEVER
    for journey in row.journeys:
        for step in journey.due_steps:
            if clock_of(journey, step) == "now":
                on_now = min(on_now, step.due_at_ms)
            else:
                on_watermark = min(on_watermark, step.due_at_ms)
    for exposure in row.exposures:
        if not over(exposure):
            on_watermark = min(on_watermark, due_at_ms(exposure))
    return on_watermark, on_now


def earliest_due(row: CustomerRow, watermark_at_ms: int, now_at_ms: int) -> int:
    """Return the earliest due step that its clock has reached, `NEVER` for none."""
    on_watermark, on_now = earliest(row)
    return min(
        on_watermark if on_watermark <= watermark_at_ms else NEVER,
        on_now if on_now <= now_at_ms else NEVER,
    )


class DueHeap:
    """Customers by the earliest time at which one of their timers on one clock may be due."""

    def __init__(self) -> None:
        """Start empty."""
        self._heap: list[tuple[int, str]] = []
        self._live: dict[str, int] = {}

    def __len__(self) -> int:
        """Return how many entries take up memory, at most twice the customers and a few."""
        return len(self._heap)

    def note(self, customer_token: str, due_at_ms: int) -> None:
        """Make sure that the customer comes up at `due_at_ms` at the latest."""
        if due_at_ms >= self._live.get(customer_token, NEVER):
            return
        self._live[customer_token] = due_at_ms
        heappush(self._heap, (due_at_ms, customer_token))
        if len(self._heap) > 2 * len(self._live) + _STALE_COUNT_MIN:
            self._heap = [(due, token) for token, due in self._live.items()]
            heapify(self._heap)

    def head(self) -> tuple[int, str]:
        """Return the first live entry, (`NEVER`, "") for none."""
        while self._heap:
            due_at_ms, customer_token = self._heap[0]
            if self._live.get(customer_token) == due_at_ms:
                return due_at_ms, customer_token
            heappop(self._heap)
        return NEVER, ""

    def drop_head(self) -> None:
        """Take out the entry that `head` returned."""
        _, customer_token = heappop(self._heap)
        del self._live[customer_token]


class Timers:
    """The due customers of one tenant in one journal partition, over both clocks."""

    def __init__(self) -> None:
        """Start empty."""
        self.on_watermark = DueHeap()
        self.on_now = DueHeap()

    def expect(self, customer_token: str, journey: Journey) -> None:
        """Make sure that the customer comes up for a journey that has just begun."""
        heap = self.on_now if journey.waits_on == "now" else self.on_watermark
        for step in journey.due_steps:
            heap.note(customer_token, step.due_at_ms)

    def note(self, customer_token: str, row: CustomerRow) -> None:
        """Make sure that the customer comes up when the first of their due steps is due."""
        if row.journeys or row.exposures:
            watermark_due, now_due = earliest(row)
            if watermark_due != NEVER:
                self.on_watermark.note(customer_token, watermark_due)
            if now_due != NEVER:
                self.on_now.note(customer_token, now_due)

    def next_due(self, watermark_at_ms: int, now_at_ms: int) -> tuple[int, str] | None:
        """
        Take out the next (due time, customer) that the clocks have reached, None for no more.

        In ascending order over both clocks. The due time may be earlier than any of the
        customer's due steps: then look, `note` again, and go on.
        """
        first, second = self.on_watermark, self.on_now
        of_watermark, of_now = first.head(), second.head()
        if of_watermark[0] <= watermark_at_ms and (of_watermark <= of_now or of_now[0] > now_at_ms):
            first.drop_head()
            return of_watermark
        if of_now[0] <= now_at_ms:
            second.drop_head()
            return of_now
        return None
