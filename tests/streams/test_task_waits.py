"""A task's bounds, and what a fold may ask of it: to wait, and to come back for another bite."""

import asyncio

from schemas.records import Row
from streams.port import SourcePartition
from streams.task import POLL_MS, RECORDS_PER_BITE
from tests.streams.shell_world import (
    SOURCE,
    Options,
    ShellWorld,
    fold_of,
    offsets_in,
    offsets_row,
    until,
    virtual,
)


@virtual
async def test_task_reads_no_further_than_its_bound() -> None:
    """Read and not committed: two transactions' worth, and the last poll's records."""
    world = ShellWorld()
    world.append(*[b"x"] * 1_000)
    task = await world.opened(options=Options(transaction_record_count_max=10))
    reading = asyncio.create_task(task.read())
    await asyncio.sleep(60)
    assert 20 == task.read_count == task.backlog_count

    await world.fold(task)
    await asyncio.sleep(60)
    assert 20 == task.read_count  # folded is not yet committed

    task.committed_count = 15
    task.saved.set()
    await asyncio.sleep(60)
    assert 40 == task.read_count  # 5, then 15 in the backlog: below 20 both times
    assert 25 == task.backlog_count
    reading.cancel()


@virtual
async def test_task_does_not_count_what_waits_into_the_backlog() -> None:
    """T7: a history that waits for the clock must not stop the sources that move the clock."""
    world = ShellWorld()
    world.append(*[b"wait dawn"] * 50)
    task = await world.opened(options=Options(transaction_record_count_max=10))
    reading = asyncio.create_task(task.read())
    await until(lambda: task.read_count == 20, "the bound")
    await world.fold(task)
    assert 0 == task.backlog_count

    world.append(*[b"x"] * 5, partition=1)
    task.saved.set()
    await until(lambda: task.read_count == 25, "records of the other partition")
    await world.fold(task)
    assert 5 == task.folded_count
    assert {SourcePartition(SOURCE, 1): 5} == task.positions
    reading.cancel()


@virtual
async def test_task_holds_back_what_follows_a_waiting_record() -> None:
    """T7: WAIT keeps a partition's order, and its position; the other partitions go on."""
    world = ShellWorld()
    task = await world.opened()
    held = world.append(b"x", b"wait dawn", b"x", b"wait dusk", b"x")
    others = world.append(b"x", b"x", key=b"o", partition=1)
    await world.fold(task, held[:3], others[:1], held[3:], others[1:])
    assert {b"k": 1, b"o": 2} == fold_of(task).count_by_key
    taken = task.take()
    assert taken is not None
    assert offsets_row(1, 2) == taken.rows[-1]

    await task.send((), (), [Row(b"dawn", b"")])
    await world.fold(task)
    assert {b"k": 3, b"o": 2} == fold_of(task).count_by_key
    assert 3 == task.positions[SourcePartition(SOURCE, 0)]

    await task.send((), (), [Row(b"dusk", b"")])
    await world.fold(task)
    assert {b"k": 5, b"o": 2} == fold_of(task).count_by_key
    asked = [told.removeprefix("apply 0/") for told in fold_of(task).told if "apply 0/" in told]
    folded = list(dict.fromkeys(asked))
    assert ["0", "1", "2", "3", "4"] == folded


@virtual
async def test_task_offers_a_waiting_record_again_at_every_slice() -> None:
    """T7: the fold alone knows when it may go on; asked is at each slice, of each head."""
    world = ShellWorld()
    task = await world.opened()
    await world.fold(task, world.append(b"wait dawn", b"x"))
    await world.fold(task, (), ())

    assert 3 == fold_of(task).told.count("apply 0/0")
    assert 0 == fold_of(task).told.count("apply 0/1")


@virtual
async def test_task_loses_nothing_that_waited() -> None:
    """What waits is not folded: a successor reads it again, from the committed position."""
    world = ShellWorld()
    first = await world.opened()
    await world.fold(first, world.append(b"x", b"wait dawn", b"x"))
    taken = first.take()
    assert taken is not None
    await first.writer.commit(taken)

    second = await world.opened()
    fold_of(second).gates.add(b"dawn")
    reading = asyncio.create_task(second.read())
    await until(lambda: bool(world.slices), "a slice")
    await world.fold(second)
    reading.cancel()

    assert {b"k": 3} == fold_of(second).count_by_key


@virtual
async def test_task_does_not_fetch_a_held_partition() -> None:
    """T7: what waits would fill the memory; its partition is paused until it goes on."""
    world = ShellWorld()
    world.append(b"wait dawn")
    task = await world.opened()
    reading = asyncio.create_task(task.read())
    await until(lambda: bool(world.slices), "a slice")
    await world.fold(task)
    world.append(*[b"x"] * 30)
    await asyncio.sleep(2)  # a poll that began before the hold has ended
    await world.fold(task)
    read_count = task.read_count
    world.append(*[b"x"] * 30)
    await asyncio.sleep(60)
    assert read_count == task.read_count

    await task.send((), (), [Row(b"dawn", b"")])
    await world.fold(task)
    await until(lambda: task.read_count == 61, "the rest")
    await world.fold(task)
    assert {b"k": 61} == fold_of(task).count_by_key
    reading.cancel()


@virtual
async def test_task_fetches_at_once_what_waits_no_more() -> None:
    """T7: a history goes on when the clock does; a poll that found nothing must not delay it."""
    world = ShellWorld()
    world.append(b"wait dawn")
    task = await world.opened()
    reading = asyncio.create_task(task.read())
    await until(lambda: bool(world.slices), "a slice")
    await world.fold(task)
    await until(lambda: world.places.count("poll:before-wait") == 3, "polls without the partition")

    began_s = asyncio.get_running_loop().time()
    await task.send((), (), [Row(b"dawn", b"")])
    await world.fold(task)
    world.append(b"x")
    await until(lambda: task.read_count == 2, "the next record")
    assert asyncio.get_running_loop().time() - began_s < POLL_MS / 1000 / 10
    reading.cancel()


@virtual
async def test_task_gives_a_record_again_until_it_is_done() -> None:
    """T8: a tick in bites; each may be committed, and the offset moves after the last."""
    world = ShellWorld()
    task = await world.opened()
    records = world.append(b"again 3", b"x")
    await task.send(records, ())
    folding = asyncio.create_task(world.fold(task))
    commits = []
    for _ in range(4):
        await task.work.wait()
        task.work.clear()
        commits.append(task.take())
    await folding

    outputs = [[out.value for out in taken.outputs] for taken in commits if taken]
    offsets = [offsets_in(taken.rows[-1].value) for taken in commits if taken]
    assert [[b"bite 1"], [b"bite 2"], [b"bite 3"], [b"1", b"2"]] == outputs
    assert [{}, {}, {}, {SOURCE: {0: 2}}] == offsets


@virtual
async def test_task_takes_no_more_bites_than_fit_into_its_bound() -> None:
    """T8: a tick for a million customers grows no transaction beyond measure: it waits for it."""
    world = ShellWorld()
    limit_bites = 2
    options = Options(transaction_record_count_max=limit_bites * RECORDS_PER_BITE // 2)
    task = await world.opened(options=options)
    await task.send(world.append(b"again 5"), ())
    folding = asyncio.create_task(world.fold(task))
    told = []
    for _ in range(3):
        await asyncio.sleep(60)
        taken = task.take()
        assert taken is not None
        told.append([output.value for output in taken.outputs])
        task.saved.set()
    await folding

    assert [[b"bite 1", b"bite 2"], [b"bite 3", b"bite 4"], [b"bite 5", b"1"]] == told


@virtual
async def test_task_lets_the_others_have_the_loop() -> None:
    """A slice of thousands is folded in bites: nobody waits longer than for one of them."""
    world = ShellWorld()
    task = await world.opened(options=Options(transaction_record_count_max=5_000))
    await task.send(world.append(*[b"x"] * 1_000), ())
    folding = asyncio.create_task(world.fold(task))
    counts = []
    while not folding.done():
        await asyncio.sleep(0)
        counts.append(task.folded_count)

    assert [255, 511, 767, 1_000] == counts[:4]


@virtual
async def test_task_lets_the_others_have_the_loop_while_what_waited_goes_on() -> None:
    """A whole partition may have waited: it is folded in bites as well, in order, and once."""
    world = ShellWorld()
    task = await world.opened(options=Options(transaction_record_count_max=5_000))
    await world.fold(task, world.append(b"wait dawn", *[b"x"] * 999))
    await task.send(world.append(b"x"), (), [Row(b"dawn", b"")])
    folding = asyncio.create_task(world.fold(task))
    counts = []
    while not folding.done():
        await asyncio.sleep(0)
        counts.append(task.folded_count)

    assert [256, 512, 768, 1_001] == counts[:4]
    taken = task.take()
    assert taken is not None
    assert [b"%d" % count for count in range(1, 1_002)] == [said.value for said in taken.outputs]
