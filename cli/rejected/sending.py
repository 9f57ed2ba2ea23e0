"""
Give rejected records back, none twice, however often and by how many it is tried.

A record and its marker are committed in one transaction. All replays share one transactional id:
a new one shuts out whoever was at work, and only then reads the markers, so it sees all of them.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Final

from msgspec import Struct, field

from cli.log import TopicLog
from cli.rejected.filters import RejectedReading
from cli.rejected.markers import Marker, marker_key, marker_row, read_markers
from cli.rejected.record import Coordinates, Rejected
from cli.rejected.terms import Terms, given_back
from streams.port import FencedError, LogError, Transaction, Writer


GROUP_COUNT_MAX: Final = 50
GROUP_BYTES_MAX: Final = 4_000_000
GROUPS_PER_SECOND: Final = 10
"""At the rate asked for, transactions come this often at most: each has a marker in every
partition that it touches."""


class Tally(Struct, kw_only=True):
    """
    What became of the records that were meant.

    `unseen` are coordinates that were asked for and not met, `strange_count` counts records that
    ingest has not written.
    """

    given_count: int = 0
    known_count: int = 0
    refused_count: int = 0
    strange_count: int = 0
    unseen: Sequence[Coordinates] = ()
    by_topic: dict[str, int] = field(default_factory=dict)


class Pace:
    """Lets through so many records a second, in the time of the event loop."""

    def __init__(self, rate: int) -> None:
        """Begin with nothing let through."""
        self._rate = rate
        self._free_at_s = 0.0

    async def let_through(self, count: int) -> None:
        """Return when these may go: what went before has had its time, and none is made up for."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._free_at_s - loop.time())
        self._free_at_s = loop.time() + count / self._rate


class Sender:
    """Sends groups of records, each in one transaction with its markers."""

    def __init__(self, writer: Writer, *, rate: int, by: str, clock: Callable[[], int]) -> None:
        """Prepare; `rate` is in records a second, `clock` returns epoch milliseconds UTC."""
        self._writer = writer
        self._pace = Pace(rate)
        self._by = by
        self._clock = clock
        self.group_count_max = max(1, min(GROUP_COUNT_MAX, rate // GROUPS_PER_SECOND))

    async def send(self, group: Sequence[Rejected]) -> None:
        """
        Wait for their turn, then send all of a group or none.

        Raises:
            LogError: another replay has taken over, or it is not known whether they were sent.

        """
        await self._pace.let_through(len(group))
        rows = [marker_row(rejected.original, self._marker(rejected)) for rejected in group]
        outputs = [given_back(rejected) for rejected in group]
        committing = asyncio.ensure_future(self._writer.commit(Transaction(outputs, rows, {})))
        try:
            await asyncio.shield(committing)
        except FencedError as error:
            raise LogError("wanted to go on, found a newer replay at work in our place") from error
        except LogError as error:
            first = group[0].original
            again = "run it again, what was sent is marked"
            raise LogError(f"{error}, among {len(group)} from {first} on; {again}") from error
        except asyncio.CancelledError:
            # an open transaction would hold up every reader of the source topics for a minute
            await committing
            raise

    def _marker(self, rejected: Rejected) -> Marker:
        return Marker(
            replayed_at_ms=self._clock(),
            by=self._by,
            replay_count=rejected.replay_count + 1,
            reason=rejected.reason,
            kept=str(rejected.kept),
        )


class Replay:
    """One run over the rejected topic; without a sender it only says what it would do."""

    def __init__(
        self, log: TopicLog, terms: Terms, sender: Sender | None, tell: Callable[[str], None]
    ) -> None:
        """Prepare; a `sender` has fenced already. `tell` takes one line at a time."""
        self._log = log
        self._terms = terms
        self._sender = sender
        self._tell = tell
        self._tally = Tally()
        self._group: list[Rejected] = []
        self._group_bytes = 0

    async def run(self, limit: int | None) -> Tally:
        """
        Give back what is meant and may be, at most `limit` records.

        Raises:
            LogError: as `Sender.send`, or a topic is not there.

        """
        tally, done = self._tally, set(await read_markers(self._log))
        reading = RejectedReading(self._log, self._terms.chosen)
        async with aclosing(reading.records()) as records:
            async for rejected in records:
                key = marker_key(rejected.original)
                if key in done:
                    tally.known_count += 1
                elif why := self._terms.refusal(rejected):
                    tally.refused_count += 1
                    self._tell(f"left {rejected.original} {rejected.reason}: {why}")
                elif limit is not None and tally.given_count + len(self._group) >= limit:
                    reading.unseen.clear()  # not looked for to the end
                    break
                else:
                    done.add(key)
                    await self._take(rejected)
        await self._flush()
        tally.strange_count = reading.strange_count
        tally.unseen = sorted(reading.unseen)
        return tally

    async def _take(self, rejected: Rejected) -> None:
        """Put a record into the group, and send that when it is full."""
        self._group.append(rejected)
        self._group_bytes += len(rejected.value or b"")
        count_max = self._sender.group_count_max if self._sender else 1
        if len(self._group) >= count_max or self._group_bytes >= GROUP_BYTES_MAX:
            await self._flush()

    async def _flush(self) -> None:
        """Send the group, if there is one to send and somebody to send it."""
        group, self._group, self._group_bytes = self._group, [], 0
        if group and self._sender:
            await self._sender.send(group)
        for rejected in group:
            topic = rejected.original.topic
            self._tally.given_count += 1
            self._tally.by_topic[topic] = self._tally.by_topic.get(topic, 0) + 1
            self._tell(_line(rejected, "sent" if self._sender else "would send"))


def _line(rejected: Rejected, what: str) -> str:
    """Return what is said of a record that is given back; nothing of its content."""
    tenant, event_type = rejected.tenant or "?", rejected.event_type or "?"
    size = f"{len(rejected.value or b'')} bytes, replay {rejected.replay_count + 1}"
    return f"{what} {rejected.original} {rejected.reason} {tenant} {event_type} {size}"
