"""What the log in memory does beside the contract, so that a simulator can rely on it."""

import asyncio
from collections.abc import Collection

import pytest

from schemas.records import OutputRecord, Row
from streams.memory_broker import MemoryBroker
from streams.memory_log import MemoryLog
from streams.memory_pause import Pause
from streams.port import FencedError, Log, LogError, SourcePartition, Transaction, Writer
from tests.streams.log_worlds import plain, values


WHERE = (("t", 0), ("t", 1), ("rows", 0))


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        """Begin at 1,000."""
        self.now_ms = 1000

    def __call__(self) -> int:
        """Return the time."""
        return self.now_ms


class Killed(BaseException):
    """The client dies here."""


@pytest.fixture
def clock() -> Clock:
    """Return a clock."""
    return Clock()


@pytest.fixture
def broker(clock: Clock) -> MemoryBroker:
    """Return a broker with the topics t (two partitions) and rows (one)."""
    broker = MemoryBroker(clock)
    broker.create_topic("t", 2)
    broker.create_topic("rows", 1)
    return broker


def killing(at: int) -> tuple[Pause, list[str]]:
    """Return a pause that kills at its n-th call, and the places that it was called at."""
    places: list[str] = []

    async def pause(place: str) -> None:
        places.append(place)
        if len(places) == at + 1:
            raise Killed

    return pause, places


async def fence_and_commit(writer: Writer, transaction: Transaction) -> None:
    """Do both."""
    await writer.fence()
    await writer.commit(transaction)


def test_memory_log_meets_the_port(broker: MemoryBroker) -> None:
    """It has every method of the port; that they agree in type, the type checker says here."""
    log: Log = MemoryLog(broker, "a")
    wanted = {name for name in vars(Log) if not name.startswith("_")}
    assert wanted <= set(dir(log))


async def test_memory_log_commits_at_one_moment(clock: Clock) -> None:
    """A client killed before its commit is decided leaves nothing, killed after it everything."""
    fates = {}
    for at in range(8):
        broker = MemoryBroker(clock)
        broker.create_topic("t", 2)
        broker.create_topic("rows", 1)
        pause, places = killing(at)
        writer = MemoryLog(broker, "a", pause).writer(fold="f", task=0, changelog_topic="rows")
        commit = Transaction(
            [*plain("t", b"x"), *plain("t", b"y", partition=1)], [Row(b"k", b"v")], {}
        )
        with pytest.raises(Killed):
            await fence_and_commit(writer, commit)
        broker.fence("f-0")
        read = [broker.partition(SourcePartition(*where)).read(0, 9)[0] for where in WHERE]
        fates[at, places[-1]] = [len(records) for records in read]
    nothing, everything = [0, 0, 0], [1, 1, 1]
    assert fates == {
        (0, "fence:before"): nothing,
        (1, "fence:after"): nothing,
        (2, "commit:before-append"): nothing,
        (3, "commit:before-append"): nothing,
        (4, "commit:before-append"): nothing,
        (5, "commit:before-positions"): nothing,
        (6, "commit:before-end"): nothing,
        (7, "commit:before-marker"): everything,
    }


async def test_memory_log_tells_partitions_of_a_commit_one_after_another(
    broker: MemoryBroker,
) -> None:
    """Between decision and last marker some partitions show the commit and others not yet."""
    shown = []

    async def look(place: str) -> None:
        if place == "commit:before-marker":
            shown.append([broker.partition(SourcePartition("t", n)).stable_end for n in (0, 1)])

    writer = MemoryLog(broker, "a", look).writer(fold="f", task=0, changelog_topic="rows")
    await writer.fence()
    await writer.commit(Transaction(plain("t", b"x", partition=-1), (), {}))
    assert [[0, 0], [2, 0], [2, 2]] == shown


async def test_memory_log_keeps_aborted_records_for_the_curious(broker: MemoryBroker) -> None:
    """A proof can see that a kill has aborted something; a reader cannot."""
    broker.fence("f-0").begin().append(plain("t", b"aborted")[0])
    broker.fence("f-0")
    partition = broker.partition(SourcePartition("t", 0))
    assert [b"aborted"] == values(partition.read_uncommitted())
    assert ([], 2) == partition.read(0, 9)


def test_memory_log_stamps_by_topic(broker: MemoryBroker, clock: Clock) -> None:
    """T1: append time unless the topic was created to keep the producer's time."""
    broker.create_topic("history", 1, create_time=True)
    clock.now_ms = 5000
    stamps = [broker.append(plain(topic, b"")[0], 77)[0].timestamp for topic in ("t", "history")]
    assert [5000, 77] == stamps


async def test_memory_log_claims_the_previous_response(broker: MemoryBroker, clock: Clock) -> None:
    """T3: a response that was long on its way claims nothing of the time it took."""
    place = SourcePartition("t", 0)
    late: list[OutputRecord] = []

    async def stall(where: str) -> None:
        if where == "poll:before-response":
            clock.now_ms += 300
            for output in late:
                broker.append(output)
            clock.now_ms += 300

    reader = MemoryLog(broker, "a", stall).reader()
    await reader.assign({place: None})
    claims = [claim.claim_at_ms for _ in range(2) for claim in (await reader.poll(0, 9)).claims]
    assert [1600] == claims  # the first poll has no previous response
    late += plain("t", b"late")
    assert [2200] == [claim.claim_at_ms for claim in (await reader.poll(0, 9)).claims]
    assert 2500 == (await reader.poll(0, 9)).records[0].timestamp


async def test_memory_log_poll_waits_for_a_record(broker: MemoryBroker) -> None:
    """A reader at the end wakes up as soon as something has come, and not before its time."""
    reader = MemoryLog(broker, "a").reader()
    await reader.assign({SourcePartition("t", 0): None})
    polling = asyncio.create_task(reader.poll(60_000, 9))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not polling.done()
    broker.append(plain("t", b"x")[0])
    assert [b"x"] == [record.value for record in (await polling).records]
    assert not (await reader.poll(1, 9)).records


async def test_memory_log_shares_one_poll_among_partitions(broker: MemoryBroker) -> None:
    """A partition with a backlog does not starve the other."""
    for partition in (0, 1):
        for output in plain("t", b"x", b"x", b"x", partition=partition):
            broker.append(output)
    reader = MemoryLog(broker, "a").reader()
    await reader.assign({SourcePartition("t", n): None for n in (0, 1)})
    polled = [await reader.poll(0, 2) for _ in range(2)]
    assert {0, 1} == {record.partition for poll in polled for record in poll.records}


async def test_memory_log_writer_refuses_misuse(broker: MemoryBroker) -> None:
    """Unfenced, two at once, or to nowhere: an error, and nothing is visible."""
    log = MemoryLog(broker, "a")
    writer = log.writer(fold="f", task=0, changelog_topic="rows")
    commit = Transaction((), [Row(b"k", b"v")], {})
    with pytest.raises(LogError, match="fenced"):
        await writer.commit(commit)
    await writer.fence()
    both = await asyncio.gather(
        writer.commit(commit), writer.commit(commit), return_exceptions=True
    )
    assert [None, LogError] == [both[0], type(both[1])]
    for task, topic, wanted in ((0, "missing", "topic"), (1, "t", "partition")):
        nowhere = log.writer(fold="f", task=task, changelog_topic="rows")
        with pytest.raises(LogError, match=f"wanted {wanted}"):
            await fence_and_commit(nowhere, Transaction(plain(topic, b"x"), [], {}))
    assert 2 == broker.partition(SourcePartition("rows", 0)).highwater
    assert 0 == broker.partition(SourcePartition("t", 0)).highwater


class Told:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.told: list[tuple[str, set[int]]] = []

    async def tasks_revoked(self, tasks: Collection[int]) -> None:
        """Note."""
        self.told.append(("stop", set(tasks)))

    async def tasks_assigned(self, tasks: Collection[int]) -> None:
        """Note."""
        self.told.append(("start", set(tasks)))


async def test_memory_group_static_member_comes_back(broker: MemoryBroker) -> None:
    """Its tasks wait for it, the neighbour is not asked back, and its old self must exit."""
    places = [MemoryLog(broker, name).membership(fold="f", changelog_topic="t") for name in "aba"]
    first, other, again = Told(), Told(), Told()
    await places[0].join(first)
    await places[1].join(other)
    for place in (*places[:2], *places[:2]):
        await place.poll()
    await places[2].join(again)
    await places[1].poll()
    with pytest.raises(FencedError):
        await places[0].poll()
    assert [("start", {0, 1}), ("stop", {0, 1}), ("start", {0})] == first.told
    assert [("start", {1})] == other.told
    assert [("start", {0})] == again.told


async def test_memory_group_static_member_comes_back_while_others_gather(
    broker: MemoryBroker,
) -> None:
    """While a generation gathers, who comes back gets its share with all others, not before."""
    places = [MemoryLog(broker, name).membership(fold="f", changelog_topic="t") for name in "aba"]
    first, other, again = Told(), Told(), Told()
    await places[0].join(first)
    await places[1].join(other)  # asks a back, which is killed before it hears of it
    await places[2].join(again)
    await places[1].poll()
    assert [("start", {0})] == again.told
    assert [("start", {1})] == other.told


async def test_memory_group_evicts_the_silent(broker: MemoryBroker) -> None:
    """At the end of a session the others take over; who wakes up later must exit."""
    places = [MemoryLog(broker, name).membership(fold="f", changelog_topic="t") for name in "ab"]
    listeners = [Told(), Told()]
    for place, listener in zip(places, listeners, strict=True):
        await place.join(listener)
    for place in places * 2:
        await place.poll()
    broker.group("f", "t").evict("a")
    await places[1].poll()
    with pytest.raises(FencedError):
        await places[0].poll()
    assert ("start", {0, 1}) == listeners[1].told[-1]
