"""
Play everything outside the workers: producers who append records, each in its time.

Some write in transactions, which stay open while others go on, or are taken back and sent again.
Misfortunes of the upstream side strike here.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any, Final, NamedTuple

from schemas.records import OutputRecord
from streams.memory_partition import Outcome
from tests.simulation.fate import Fate
from tests.simulation.misfortunes import Misfortune
from tests.simulation.simulated_log import SimulatedBroker


TRANSACTION_RATIO: Final = 0.06
"""How many records begin a transaction with those that follow."""
TRANSACTION_LENGTH_MAX: Final = 6
ABORT_RATIO: Final = 0.3
REPEATED_COUNT: Final = 8
RECENT_COUNT: Final = 32


class Timed(NamedTuple):
    """A record and the second at which its producer appends it."""

    at_s: float
    output: OutputRecord


def _as_it_is(output: OutputRecord) -> OutputRecord:
    """Return a record as it is: by its key."""
    return output


class Feed:
    """The producers of one world."""

    def __init__(
        self,
        broker: SimulatedBroker,
        fate: Fate,
        chance: random.Random,
        growing: Sequence[str],
        placed: Callable[[OutputRecord], OutputRecord] = _as_it_is,
    ) -> None:
        """
        Prepare; the topics in `growing` may get more partitions.

        `placed` says of a record, at the moment at which it is sent, where it goes.
        """
        self._broker, self._fate, self._chance = broker, fate, chance
        self._growing, self._placed = growing, placed
        self._recent: list[OutputRecord] = []
        self._lagging: dict[str, list[OutputRecord]] = {}
        self._begun: list[asyncio.Task[None]] = []

    async def play(self, coming: Sequence[Timed], kept: Collection[int] | None) -> None:
        """Append the records in order, those with the numbers in `kept` only (None: all)."""
        loop, place = asyncio.get_running_loop(), 0
        while place < len(coming):
            count, open_s, aborted = self._plan()
            part = range(place, min(place + count, len(coming)))
            place = part.stop
            if (wait_s := coming[part[-1]].at_s - loop.time()) > 0:
                await asyncio.sleep(wait_s)
            outputs = [coming[n].output for n in part if kept is None or n in kept]
            self._strike()
            if outputs:
                self._send(outputs, open_s, aborted=aborted)
        await asyncio.gather(*self._begun)

    def _plan(self) -> tuple[int, float, bool]:
        """Return how many records come next, how long in a transaction, and how that ends."""
        chance = self._chance
        if chance.random() >= TRANSACTION_RATIO:
            return 1, 0.0, False
        open_s = chance.uniform(0.01, 0.2) * self._fate.weather.session_s
        return chance.randint(1, TRANSACTION_LENGTH_MAX), open_s, chance.random() < ABORT_RATIO

    def _send(self, outputs: Sequence[OutputRecord], open_s: float, *, aborted: bool) -> None:
        """Append at once, or in a transaction that takes its time, or later."""
        self._recent = [*self._recent, *outputs][-RECENT_COUNT:]
        died = self._fate.take("open_transaction", "a producer")
        for output in outputs:
            if output.topic in self._lagging:
                self._lagging[output.topic].append(output)
        outputs = [one for one in outputs if one.topic not in self._lagging]
        if died or open_s:
            seconds, aborted = (died.seconds, True) if died else (open_s, aborted)
            self._begin(self._in_transaction(outputs, seconds, aborted=aborted))
        else:
            self._append(outputs)

    def _append(self, outputs: Sequence[OutputRecord]) -> None:
        """Append one after the other."""
        for output in outputs:
            self._broker.append(self._placed(output))

    async def _in_transaction(
        self, outputs: Sequence[OutputRecord], seconds: float, *, aborted: bool
    ) -> None:
        """Append in a transaction; what is taken back is sent again, by itself."""
        transaction = self._broker.open_transaction()
        for output in outputs:
            transaction.append(self._placed(output))
        await asyncio.sleep(seconds)
        transaction.end(Outcome.ABORTED if aborted else Outcome.COMMITTED)
        if aborted:
            self._append(outputs)

    def _strike(self) -> None:
        """Let a topic fall silent, or grow, or say again what it has said."""
        if lag := self._fate.take("lagging_source", "a source"):
            self._begin(self._lag(lag))
        if self._fate.take("repeated_batch", "a producer"):
            self._append(self._recent[-REPEATED_COUNT:])
        if growth := self._fate.take("growth", "a source"):
            topic = self._growing[int(growth.whom * len(self._growing))]
            count = self._broker.partition_count(topic) + 1 + int(growth.whom * 97) % 2
            self._broker.create_topic(topic, count)

    async def _lag(self, lag: Misfortune) -> None:
        """Keep back what one topic has to say, then append it."""
        topic = self._growing[int(lag.whom * len(self._growing))]
        held = self._lagging.setdefault(topic, [])
        await asyncio.sleep(lag.seconds)
        self._lagging.pop(topic, None)
        self._append(held)
        held.clear()

    def _begin(self, what: Coroutine[Any, Any, None]) -> None:
        """Run something beside the feed, and to its end."""
        self._begun.append(asyncio.get_running_loop().create_task(what))
