"""The committer: one transaction in flight, the next takes all that was folded meanwhile."""

import asyncio

import pytest

from schemas.records import OutputRecord, Row
from streams.committer import BUSY_RECORD_COUNT, Committer
from streams.memory_pause import Pause
from streams.port import FencedError, LogError, SourcePartition
from streams.task import RECORDS_PER_BITE
from tests.streams.shell_world import (
    SAID,
    SOURCE,
    Options,
    ShellWorld,
    fold_of,
    offsets_row,
    until,
    virtual,
)


def held_at(place: str, gate: asyncio.Event) -> Pause:
    """Return a pause that waits at one place until the gate is open."""

    async def pause(at: str) -> None:
        await (gate.wait() if at == place else asyncio.sleep(0))

    return pause


@virtual
async def test_committer_commits_nothing_when_nothing_was_folded() -> None:
    """An idle task costs the broker nothing: no transaction, not even an empty one."""
    world = ShellWorld()
    task = await world.opened()
    committer = Committer(task, world.notes)
    await committer.commit()
    await world.fold(task, ())
    await committer.commit()

    assert [] == world.rows()
    assert not any(place.startswith("commit") for place in world.places)
    assert [] == world.notes.transactions


@virtual
async def test_committer_makes_outputs_rows_and_offsets_visible_together() -> None:
    """One transaction holds what was said, what is remembered and how far was read."""
    world = ShellWorld()
    task = await world.opened()
    await world.fold(task, world.append(b"x", b"x"))
    await Committer(task, world.notes).commit()

    assert [b"1", b"2"] == world.said()
    assert [(b"k", b"\x02"), tuple(offsets_row(2))] == world.rows()
    assert {("counting", SourcePartition(SOURCE, 0)): 2} == world.broker.offsets
    assert (2, 2) == (task.folded_count, task.committed_count)
    assert [2] == world.notes.record_counts


@pytest.mark.parametrize(
    "place", ["commit:before-append", "commit:before-positions", "commit:before-end"]
)
@virtual
async def test_committer_encodes_before_it_awaits(place: str) -> None:
    """What is folded while a commit is under way is not in it, and all in the next."""
    world = ShellWorld()
    gate = asyncio.Event()
    task = await world.opened(log=world.client(pause=held_at(place, gate)))
    committer = Committer(task, world.notes)
    await world.fold(task, world.append(b"x", b"x"))
    committing = asyncio.create_task(committer.commit())
    await until(lambda: place in world.places, place)
    await world.fold(task, world.append(b"x"), world.append(b"x", key=b"late", partition=1))
    gate.set()
    await committing

    assert {b"k": 2} == world.counts()
    assert {SOURCE: {0: 2}} == world.offsets()
    assert {"counted": 2} == task.committed_counts
    assert (4, 2) == (task.folded_count, task.committed_count)

    await committer.commit()
    assert {b"k": 3, b"late": 1} == world.counts()
    assert {SOURCE: {0: 3, 1: 1}} == world.offsets()
    assert {"counted": 4} == task.committed_counts
    assert [2, 2] == world.notes.record_counts


@virtual
async def test_committer_counts_what_it_took() -> None:
    """Folded at the very first moment that a commit lets others run: it is not counted as saved."""
    world = ShellWorld()
    task = await world.opened()
    committer = Committer(task, world.notes)
    await world.fold(task, world.append(b"x"))
    committing = asyncio.create_task(committer.commit())
    await asyncio.sleep(0)
    await world.fold(task, world.append(b"x", b"x"))
    await committing
    assert (3, 1) == (task.folded_count, task.committed_count)
    assert {"counted": 1} == task.committed_counts

    await committer.commit()
    assert {"counted": 3} == task.committed_counts
    assert [1, 2] == world.notes.record_counts


@virtual
async def test_committer_has_one_transaction_in_flight() -> None:
    """Group commit: ten slices folded during one commit are one transaction more, not ten."""
    world = ShellWorld()
    gate = asyncio.Event()
    task = await world.opened(log=world.client(pause=held_at("commit:before-end", gate)))
    running = asyncio.create_task(Committer(task, world.notes).run())
    await world.fold(task, world.append(b"x"))
    await until(lambda: "commit:before-end" in world.places, "a commit")
    for _ in range(10):
        await world.fold(task, world.append(b"x"))
        await asyncio.sleep(1)
    assert 1 == world.places.count("commit:before-end")

    gate.set()
    await until(lambda: task.committed_count == 11, "all of it")
    assert [1, 10] == world.notes.record_counts
    running.cancel()


@virtual
async def test_committer_lingers_under_load_only() -> None:
    """A lone record is committed at once; after a big transaction the next waits for company."""
    world = ShellWorld()
    loop = asyncio.get_running_loop()
    task = await world.opened(options=Options(linger_busy_ms=20))
    running = asyncio.create_task(Committer(task, world.notes).run())
    waited_s = []
    for record_count in (BUSY_RECORD_COUNT, BUSY_RECORD_COUNT + 1, 1, 1):
        await world.fold(task, world.append(*[b"x"] * record_count))
        folded_at_s = loop.time()
        await until(lambda: task.committed_count == task.folded_count, "the commit")
        waited_s.append(loop.time() - folded_at_s)

    assert [True, True, False, True] == [waited < 0.01 for waited in waited_s]
    assert 0.02 <= waited_s[2] < 0.03
    running.cancel()


@virtual
async def test_committer_stops_without_lingering() -> None:
    """A task that is asked back hurries: the linger is for company that will not come."""
    world = ShellWorld()
    task = await world.opened(options=Options(linger_idle_ms=60_000))
    running = asyncio.create_task(Committer(task, world.notes).run())
    await asyncio.sleep(1)
    await world.fold(task, world.append(b"x"))
    task.stopping = True
    await running

    assert 1 == task.committed_count
    assert asyncio.get_running_loop().time() < 2


@virtual
async def test_committer_moves_the_copy_of_the_offsets_once_a_second() -> None:
    """The group's offsets are for lag tools: dear, and never decisive; the row is in every one."""
    world = ShellWorld()
    task = await world.opened()
    committer = Committer(task, world.notes)
    copies = []
    for _ in range(4):
        await world.fold(task, world.append(b"x"))
        await committer.commit()
        copies.append(world.broker.offsets["counting", SourcePartition(SOURCE, 0)])
        await asyncio.sleep(0.6)

    assert [1, 1, 3, 3] == copies
    assert {SOURCE: {0: 4}} == world.offsets()


@virtual
async def test_committer_of_a_zombie_raises_and_commits_nothing() -> None:
    """A successor has fenced: nothing of the predecessor's becomes visible, and it must end."""
    world = ShellWorld()
    zombie = await world.opened()
    await world.fold(zombie, world.append(b"x", b"x"))
    successor = await world.opened()
    await world.fold(successor, world.append(b"x", key=b"s"))
    with pytest.raises(FencedError):
        await Committer(zombie, world.notes).commit()

    assert [] == world.rows()
    assert 0 == zombie.committed_count
    await Committer(successor, world.notes).commit()
    assert {b"s": 1} == world.counts()
    assert [b"1"] == world.said()


@virtual
async def test_committer_that_fails_does_not_try_again() -> None:
    """What became of a failed commit is not known: the loop ends with the error, for good."""
    world = ShellWorld()

    async def unanswered(place: str) -> None:
        if place == "commit:before-end":
            raise LogError("wanted an answer, found silence")
        await asyncio.sleep(0)

    task = await world.opened(log=world.client(pause=unanswered))
    await world.fold(task, world.append(b"x"))
    with pytest.raises(LogError):
        await Committer(task, world.notes).run()

    assert 1 == world.places.count("commit:before-end")
    assert 0 == task.committed_count
    assert [] == world.notes.transactions


@virtual
async def test_committer_makes_room_for_the_reader() -> None:
    """What is committed leaves the backlog, and the reader goes on: end to end, all is folded."""
    world = ShellWorld()
    world.append(*[b"x"] * 500)
    task = await world.opened(options=Options(transaction_record_count_max=10))
    loops = [
        asyncio.create_task(task.read()),
        asyncio.create_task(Committer(task, world.notes).run()),
    ]
    backlogs = []
    while task.committed_count < 500:
        await until(lambda: bool(world.slices), "a slice")
        backlogs.append(task.backlog_count)
        await world.fold(task)
    for loop in loops:
        loop.cancel()

    assert max(backlogs) < 30  # two transactions' worth, and the poll that passed the bound
    assert {b"k": 500} == world.counts()
    assert [b"%d" % count for count in range(1, 501)] == world.said()


@virtual
async def test_committer_frees_a_fold_whose_bites_gave_nothing() -> None:
    """T8: a tick that only looks, bite after bite, waits for a commit that has nothing to do."""
    world = ShellWorld()
    options = Options(transaction_record_count_max=RECORDS_PER_BITE, linger_idle_ms=20)
    task = await world.opened(options=options)
    running = asyncio.create_task(Committer(task, world.notes).run())
    async with asyncio.timeout(60):
        await world.fold(task, world.append(b"quiet 9", b"x"))
    await until(lambda: task.committed_count == 2, "the commit")

    assert {b"k": 2} == fold_of(task).count_by_key
    assert [2] == world.notes.record_counts
    running.cancel()


@virtual
async def test_committer_counts_an_output_without_a_record() -> None:
    """Progress or a tick may come of no record at all; it is committed as of 0 records."""
    world = ShellWorld()
    task = await world.opened()
    fold_of(task).outputs.append(OutputRecord(SAID, b"k", b"tick"))
    await Committer(task, world.notes).commit()

    assert [b"tick"] == world.said()
    assert [0] == world.notes.record_counts
    assert [tuple(Row(b"#offsets", b"\x80"))] == world.rows()
