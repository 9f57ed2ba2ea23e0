"""A task stops in order, takes in partitions that are new, and says how far it has read."""

import asyncio
from collections.abc import Collection, Mapping

import pytest
from msgspec import msgpack

from schemas.records import Claim, OutputRecord, Row
from schemas.state import OFFSETS_KEY
from streams.memory_pause import breathe
from streams.port import LogError, SourcePartition
from tests.streams.shell_world import (
    ROWS,
    SOURCE,
    STARTED_AT_MS,
    Options,
    ShellWorld,
    fold_of,
    offsets_row,
    until,
    virtual,
)


@virtual
async def test_task_applies_nothing_once_it_stops() -> None:
    """What was read and not folded dies with the task, in the middle of a slice as well."""
    world = ShellWorld()
    task = await world.opened()
    records = world.append(*[b"x"] * 600)
    await task.send(records, [Claim(SOURCE, 0, 7)])
    await task.send(world.append(b"x"), (), [Row(b"gate", b"")])
    folding = asyncio.create_task(world.fold(task))
    await task.work.wait()
    task.stopping = True
    folded_count = task.folded_count
    await folding

    assert folded_count == task.folded_count < 600
    assert {b"k": folded_count} == fold_of(task).count_by_key
    assert not {"close 1", "observe gate"} & set(fold_of(task).told)
    taken = task.take()
    assert taken is not None
    assert offsets_row(folded_count) == taken.rows[-1]


@virtual
async def test_task_stops_between_the_bites_of_a_tick() -> None:
    """T8: a stop in the middle of a tick keeps what has fired, and leaves the offset before it."""
    world = ShellWorld()
    task = await world.opened()
    await task.send(world.append(b"x", b"again 9", b"x"), ())
    folding = asyncio.create_task(world.fold(task))
    await task.work.wait()
    task.stopping = True
    await folding

    taken = task.take()
    assert taken is not None
    assert [b"1", b"bite 1"] == [output.value for output in taken.outputs]
    assert offsets_row(1) == taken.rows[-1]


@virtual
async def test_task_stops_while_what_waited_goes_on() -> None:
    """A stop among held records drops them unfolded; the successor reads them again."""
    world = ShellWorld()
    task = await world.opened()
    await world.fold(task, world.append(b"wait dawn", b"again 9", b"x"))
    await task.send((), (), [Row(b"dawn", b"")])
    task.work.clear()
    folding = asyncio.create_task(world.fold(task))
    await task.work.wait()
    task.stopping = True
    await folding

    assert {SourcePartition(SOURCE, 0): 1} == task.positions
    assert {b"k": 1} == fold_of(task).count_by_key


@virtual
async def test_task_reads_new_partitions_from_their_beginning() -> None:
    """A topic that grows is taken in whole; what is read already goes on where it is."""
    world = ShellWorld(source_partition_count=2, task_count=2)
    world.append(b"x", b"x", key=b"old")
    task = await world.opened()
    reading = asyncio.create_task(task.read())
    await until(lambda: task.read_count == 2, "the old partition")
    world.broker.create_topic(SOURCE, 6)
    world.append(b"x", key=b"new", partition=4)
    assert await task.refresh_sources()
    world.append(b"x", key=b"old")
    await until(lambda: task.read_count == 4, "the new partition")
    await world.fold(task)
    reading.cancel()

    assert [(SOURCE, 0), (SOURCE, 2), (SOURCE, 4)] == list(fold_of(task).sources)
    assert {b"old": 3, b"new": 1} == fold_of(task).count_by_key
    assert {SourcePartition(SOURCE, 0): 3, SourcePartition(SOURCE, 4): 1} == task.positions


@virtual
async def test_task_is_told_of_growth_once() -> None:
    """Nothing new, or metadata that shrank for a moment, changes nothing and opens nothing."""
    world = ShellWorld(source_partition_count=4)
    task = await world.opened()
    assert not await task.refresh_sources()
    shrunk = ShellWorld(source_partition_count=1)
    task.log = shrunk.client()
    assert not await task.refresh_sources()

    assert ["open 0 1 2 3"] == [told for told in fold_of(task).told if told.startswith("open")]
    assert 1 == world.places.count("assign")


@virtual
async def test_task_follows_the_observed_rows_from_their_beginning() -> None:
    """T7: what the clock says reaches the fold as rows, old and new, between slices."""
    world = ShellWorld(observed_topic="clock")
    world.broker.append(OutputRecord("clock", b"dawn", b"1"))
    task = await world.opened()
    await world.fold(task, world.append(b"wait dusk"))
    observing = asyncio.create_task(task.observe())
    await until(lambda: bool(world.slices), "the old row")
    world.broker.append(OutputRecord("clock", b"dusk", b"2"))
    await until(lambda: len(world.slices) == 2, "the new row")
    await world.fold(task)

    assert {b"dawn", b"dusk"} == fold_of(task).gates
    assert {b"k": 1} == fold_of(task).count_by_key
    observing.cancel()
    await asyncio.gather(observing, return_exceptions=True)
    assert world.places[-1] == "reader:close"


@virtual
async def test_task_claims_while_idle() -> None:
    """T3: without any record, a slice still carries how far the partitions are read."""
    world = ShellWorld(source_partition_count=1)
    task = await world.opened()
    reading = asyncio.create_task(task.read())
    await until(lambda: len(world.slices) == 3, "three polls")
    reading.cancel()

    claims = [part.claims for part in world.slices]
    assert [[], [Claim(SOURCE, 0, STARTED_AT_MS + 500)]] == claims[:2]
    assert [Claim(SOURCE, 0, STARTED_AT_MS + 1_000)] == claims[2]


@virtual
async def test_task_says_how_far_it_is_behind() -> None:
    """The lag is there once partitions were heard from, and asking too early is no error."""
    world = ShellWorld(source_partition_count=1)
    world.append(*[b"x"] * 30)

    async def unhurried(place: str) -> None:
        if place == "assign":
            asked.append(task.lag_counts())
        await breathe(place)

    asked: list[object] = []
    task = world.task(
        log=world.client(pause=unhurried), options=Options(transaction_record_count_max=5)
    )
    assert {} == task.lag_counts()
    await task.open(world.notes.rows_restored)
    reading = asyncio.create_task(task.read())
    await until(lambda: task.read_count == 10, "the bound")
    reading.cancel()

    assert [{}] == asked
    assert {SourcePartition(SOURCE, 0): 20} == task.lag_counts()


@virtual
async def test_task_does_not_open_without_a_partition_that_was_read_before() -> None:
    """T3: metadata that lacks it for a moment would let the task claim what it has not read."""
    world = ShellWorld(source_partition_count=2)
    first = await world.opened()
    await world.fold(first, world.append(b"x", partition=1))
    taken = first.take()
    assert taken is not None
    await first.writer.commit(taken)

    async def lagging(topics: Collection[str]) -> Mapping[str, int]:
        return dict.fromkeys(topics, 1)

    second = world.task()
    second.log.partition_counts = lagging  # type: ignore[method-assign]
    with pytest.raises(LogError, match="wanted source/1, which was read before"):
        await second.open(world.notes.rows_restored)
    assert not [told for told in fold_of(second).told if told.startswith("open")]


@virtual
async def test_task_ignores_positions_of_a_topic_that_is_bound_no_more() -> None:
    """A binding that was taken out leaves its offsets behind, and nobody minds."""
    world = ShellWorld(source_partition_count=1)
    gone = Row(OFFSETS_KEY, msgpack.encode({SOURCE: {0: 0}, "gone": {7: 3}}))
    world.broker.append(OutputRecord(ROWS, gone.key, gone.value, (), 0))
    task = await world.opened()

    assert [(SOURCE, 0)] == list(fold_of(task).sources)


@virtual
async def test_task_that_stops_takes_in_no_growth() -> None:
    """Its reader is being closed: to ask it for beginnings would wait for an answer for ever."""
    world = ShellWorld(source_partition_count=1)
    task = await world.opened()
    world.broker.create_topic(SOURCE, 2)
    refreshing = asyncio.create_task(task.refresh_sources())
    task.stopping = True

    assert not await refreshing
    assert 1 == world.places.count("assign")
