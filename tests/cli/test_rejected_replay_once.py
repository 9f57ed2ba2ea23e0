"""A replay is cut short, overtaken, told to stop or slowed down: still each record is sent once."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from cli.rejected.replay import give_back
from schemas.routing import REJECTED_TOPIC, REPLAYED_TOPIC
from streams.memory_pause import breathe
from streams.port import LogError
from tests.builders_source import SPEND
from tests.cli.rejected_world import EVERYTHING, SETTINGS, YES, RejectedWorld
from tests.streams.shell_world import virtual


ONE_BY_ONE = msgspec.structs.replace(YES, rate=10)
"""A rate at which a transaction has one record: ten a second at most."""

THREE = (b"one", b"two", b"three")


class Died(Exception):  # noqa: N818 (nobody's mistake)
    """The process is gone."""


class DiesAt:
    """A pause that lets nothing pass from its nth step on."""

    def __init__(self, number: int) -> None:
        """Begin at step 0."""
        self._left_count = number

    async def __call__(self, place: str) -> None:
        """Go on, or die."""
        self._left_count -= 1
        if self._left_count <= 0:
            raise Died(place)
        await breathe(place)


class MeetsAt:
    """
    A pause at whose nth step somebody else does something.

    Attributes:
        met: whether it came that far.
    """

    def __init__(self, number: int, act: Callable[[], Awaitable[object]]) -> None:
        """Begin at step 0."""
        self.met = False
        self._left_count = number
        self._act = act

    async def __call__(self, place: str) -> None:
        """Go on, after the other if it is time."""
        self._left_count -= 1
        if self._left_count == 0:
            self.met = True
            await self._act()
        await breathe(place)


def three() -> RejectedWorld:
    """Return a world in which three records were refused."""
    world = RejectedWorld()
    world.refused(*THREE)
    return world


@virtual
async def test_replay_killed_anywhere_gives_each_record_back_once() -> None:
    """Record and marker are one transaction: after any death the next run sends what is missing."""
    number, died = 0, True
    while died:
        number += 1
        world = three()
        try:
            await give_back(world.log(DiesAt(number)), SETTINGS, EVERYTHING, ONE_BY_ONE)
        except Died:
            pass
        else:
            died = False
        tally = await world.replay()

        assert [*THREE, *THREE] == world.values()
        assert 3 == len(world.committed(REPLAYED_TOPIC)) == tally.known_count + tally.given_count
    assert number > 30  # three transactions of at least five steps, and what is read before


@virtual
async def test_of_two_replays_the_newer_goes_on() -> None:
    """The older finds itself shut out, wherever it is; together they send each record once."""
    number, shut_out_count, met = 0, 0, True
    while met:
        number += 1
        world = three()
        pause = MeetsAt(number, lambda world=world: world.replay(wish=ONE_BY_ONE))  # type: ignore[misc]
        try:
            await give_back(world.log(pause), SETTINGS, EVERYTHING, ONE_BY_ONE)
        except LogError:
            shut_out_count += 1
        met = pause.met
        if not met:
            await world.replay()

        assert [*THREE, *THREE] == world.values()
        assert 3 == len(world.committed(REPLAYED_TOPIC))
    assert shut_out_count > 10


@virtual
async def test_replay_that_was_shut_out_says_so() -> None:
    """It does not look like a failure of Kafka's: somebody else is at it."""
    world = RejectedWorld()
    world.refused(b"one")

    async def meet(place: str) -> None:
        if place == "commit:before-end":
            await world.replay()

    with pytest.raises(LogError, match="found a newer replay at work in our place"):
        await give_back(world.log(meet), SETTINGS, EVERYTHING, YES)


@virtual
async def test_replay_told_to_stop_ends_its_transaction() -> None:
    """An open one would hold up every reader of the source topic until it times out."""
    world = RejectedWorld()
    world.refused(b"one", b"two")
    reached = asyncio.Event()

    async def slowly(place: str) -> None:
        if place.startswith("commit:"):
            reached.set()
            await asyncio.sleep(1)

    running = asyncio.create_task(give_back(world.log(slowly), SETTINGS, EVERYTHING, ONE_BY_ONE))
    await reached.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert [b"one", b"two", b"one"] == world.values()
    assert 1 == len(world.committed(REPLAYED_TOPIC))


@virtual
async def test_replay_keeps_to_its_rate() -> None:
    """At 10 a second, 25 records take 2.4 s, however long the first had to wait."""
    world = RejectedWorld()
    world.refused(*(b"%d" % number for number in range(25)))
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await world.replay(wish=ONE_BY_ONE)

    assert 2.4 == pytest.approx(loop.time() - began_s)


@virtual
async def test_replay_at_a_high_rate_sends_in_groups() -> None:
    """At 200 a second a transaction has 20 records: 45 of them take two pauses of 0.1 s."""
    world = RejectedWorld()
    world.refused(*(b"%d" % number for number in range(45)))
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await world.replay(wish=msgspec.structs.replace(YES, rate=200))
    offsets = [one.offset for one in world.committed(SPEND)]

    assert 0.2 == pytest.approx(loop.time() - began_s)
    # 45 as sent first, then groups of 20, 20 and 5 with one marker after each of the first two
    assert [*range(65), *range(66, 86), *range(87, 92)] == offsets


@virtual
async def test_replay_ends_though_all_is_refused_at_once() -> None:
    """What a run makes ingest refuse again is not its own to give back: it would never end."""
    world = RejectedWorld()
    world.refused(b"one", b"two")

    async def ingest(place: str) -> None:
        world.refuse()
        await breathe(place)

    tally = await give_back(world.log(ingest), SETTINGS, EVERYTHING, ONE_BY_ONE)
    world.refuse()

    assert 2 == tally.given_count
    assert 4 == len(world.committed(REJECTED_TOPIC))
