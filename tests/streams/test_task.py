"""A task is fenced, restored, then read; its transaction is exactly what it has folded."""

import asyncio

import pytest

from schemas.records import Claim, OutputRecord, Row
from schemas.state import OFFSETS_KEY
from streams.port import OffsetsLostError, SourcePartition, Transaction
from streams.slices import Slice
from tests.streams.shell_world import (
    ROWS,
    SAID,
    SOURCE,
    ShellWorld,
    fold_of,
    offsets_in,
    offsets_row,
    until,
    virtual,
)


@virtual
async def test_task_fences_then_restores_then_reads() -> None:
    """A successor shuts its predecessor out, then has its rows, and only then its position."""
    world = ShellWorld()
    predecessor = await world.opened()
    await world.fold(predecessor, world.append(b"x", b"x"))
    taken = predecessor.take()
    assert taken is not None
    await predecessor.writer.commit(taken)
    world.places.clear()

    task = await world.opened()
    reading = asyncio.create_task(task.read())
    await until(lambda: bool(world.slices), "a slice")
    await world.fold(task)

    order = ["fence:before", "fence:after", "rows:before-read", "counts", "assign"]
    assert order == world.places[:5]
    assert ["restore k", "open 0 1", "close 0"] == fold_of(task).told[:3]
    assert ("restored, 0 to go", 0) in world.notes.told
    assert 2 == task.restored_row_count
    reading.cancel()


@virtual
async def test_task_goes_on_where_its_offsets_row_says() -> None:
    """The row decides: not the group's offsets, which expire and may lie."""
    world = ShellWorld()
    world.append(b"x", b"x", b"x")
    changelog = [Row(b"k", b"\x02"), offsets_row(2)]
    for key, value in changelog:
        world.broker.append(OutputRecord(ROWS, key, value, (), 0))
    world.broker.offsets["counting", SourcePartition(SOURCE, 0)] = 3

    task = await world.opened()
    reading = asyncio.create_task(task.read())
    await until(lambda: bool(world.slices), "a slice")
    await world.fold(task)
    reading.cancel()

    assert {SourcePartition(SOURCE, 0): 3} == task.positions
    assert {b"k": 3} == fold_of(task).count_by_key


@virtual
async def test_task_without_rows_reads_from_the_beginning() -> None:
    """A new house has neither rows nor offsets; that is a beginning, not a loss."""
    world = ShellWorld()
    world.append(b"x", b"x")
    task = await world.opened()
    reading = asyncio.create_task(task.read())
    await until(lambda: bool(world.slices), "a slice")
    reading.cancel()

    assert [0, 1] == [record.offset for record in world.slices[0].records]
    assert 0 == task.restored_row_count


@virtual
async def test_task_with_rows_but_without_offsets_row_refuses() -> None:
    """Rows whose place in the log is lost: to guess it would fold twice, or skip."""
    world = ShellWorld()
    world.broker.append(OutputRecord(ROWS, b"k", b"\x02", (), 0))
    with pytest.raises(OffsetsLostError, match="offsets row of counting task 0"):
        await world.opened()

    assert "assign" not in world.places


@virtual
async def test_task_whose_position_is_gone_refuses() -> None:
    """An offset that retention has deleted ends the reading; nothing is skipped to go on."""
    world = ShellWorld()
    world.append(b"x", b"x", b"x")
    world.broker.partition(SourcePartition(SOURCE, 0)).delete_before(2)
    for key, value in [Row(b"k", b"\x01"), offsets_row(1)]:
        world.broker.append(OutputRecord(ROWS, key, value, (), 0))
    task = await world.opened()
    with pytest.raises(OffsetsLostError):
        await task.read()

    assert [] == world.slices


@virtual
async def test_task_owns_every_task_count_th_partition() -> None:
    """Task t of T reads the partitions with partition % T = t."""
    world = ShellWorld(source_partition_count=7, task_count=3)
    fold = fold_of(await world.opened(1))

    assert [(SOURCE, 1), (SOURCE, 4)] == list(fold.sources)


@virtual
async def test_task_numbers_slices_from_0() -> None:
    """Every slice has a number, also an empty one and one of observed rows: none can get lost."""
    world = ShellWorld()
    task = await world.opened()
    await task.send((), ())
    await task.send(world.append(b"x"), ())
    await task.send((), (), [Row(b"gate", b"")])

    assert [0, 1, 2] == [part.number for part in world.slices]
    assert all(part.task is task for part in world.slices)


@virtual
async def test_task_delivers_in_the_order_of_numbers_whoever_waits() -> None:
    """Two loops send: one that is kept waiting by a full channel is not overtaken by the other."""
    world = ShellWorld()
    room = asyncio.Event()
    delivered: list[int] = []

    async def deliver(part: Slice) -> None:
        if part.number == 0:
            await room.wait()
        delivered.append(part.number)

    task = world.task(deliver=deliver)
    sending = [asyncio.create_task(task.send((), ())) for _ in range(3)]
    for _ in range(5):
        await asyncio.sleep(0)
    room.set()
    await asyncio.gather(*sending)

    assert [0, 1, 2] == delivered


@pytest.mark.parametrize("number", [0, 2])
@virtual
async def test_task_raises_at_a_gap(number: int) -> None:
    """A slice that is missing, or comes twice, means that records were lost or would be doubled."""
    world = ShellWorld()
    task = await world.opened()
    await world.fold(task, world.append(b"x"))
    with pytest.raises(RuntimeError, match=f"wanted slice 1, found {number}"):
        await task.apply(Slice(task, number, world.append(b"x"), ()))

    assert {b"k": 1} == fold_of(task).count_by_key


@virtual
async def test_task_takes_exactly_what_was_folded() -> None:
    """A transaction is bytes: what is folded after `take` changes nothing in it."""
    world = ShellWorld()
    task = await world.opened()
    await world.fold(task, world.append(b"x", b"x"))
    taken = task.take()
    await world.fold(task, world.append(b"x"), world.append(b"y", key=b"new"))

    assert taken == Transaction(
        outputs=[OutputRecord(SAID, b"k", b"1"), OutputRecord(SAID, b"k", b"2")],
        rows=[Row(b"k", b"\x02"), offsets_row(2)],
        positions={SourcePartition(SOURCE, 0): 2},
    )
    later = task.take()
    assert later is not None
    assert [Row(b"k", b"\x03"), Row(b"new", b"\x01"), offsets_row(4)] == later.rows


@virtual
async def test_task_puts_the_offsets_row_into_every_transaction() -> None:
    """Also when only a claim, or only the position, is new: rows and position never part."""
    world = ShellWorld()
    task = await world.opened()
    assert task.take() is None

    await task.send((), [Claim(SOURCE, 0, 5)])
    await world.fold(task)
    claimed = task.take()
    assert claimed is not None
    assert [b"claim 5 of 0"] == [output.value for output in claimed.outputs]
    assert [(OFFSETS_KEY, {})] == [(row.key, offsets_in(row.value)) for row in claimed.rows]

    task.positions[SourcePartition(SOURCE, 1)] = 9
    task.folded_count += 1
    moved = task.take()
    assert moved is not None
    assert [{SOURCE: {1: 9}}] == [offsets_in(row.value) for row in moved.rows]


@virtual
async def test_task_closes_a_slice_after_its_records() -> None:
    """T3: a claim speaks of records read before it, so it follows them, also over a commit."""
    world = ShellWorld()
    task = await world.opened()
    records = world.append(b"again 1", b"x")
    await task.send(records, [Claim(SOURCE, 0, 7)])
    folding = asyncio.create_task(world.fold(task))
    await task.work.wait()
    within = task.take()
    await folding
    after = task.take()

    assert ["apply 0/0", "drain", "apply 0/0", "apply 0/1", "close 1", "drain"] == (
        fold_of(task).told[1:]
    )
    assert within is not None
    assert [b"bite 1"] == [output.value for output in within.outputs]
    assert after is not None
    assert [b"1", b"2", b"claim 7 of 0"] == [output.value for output in after.outputs]
