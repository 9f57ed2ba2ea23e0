"""A reader that is given more partitions while it reads returns every record once."""

import asyncio

from streams.port import Reader, SourcePartition
from tests.streams.log_worlds import LogWorld, append


RECORD_COUNT = 2_000
PARTITION_COUNTS = range(2, 7)


async def read_all(reader: Reader, seen: list[tuple[int, int]], count: int) -> None:
    """Poll in small bites until so many records were seen."""
    while len(seen) < count:
        polled = await reader.poll(500, 5)
        seen.extend((record.partition, record.offset) for record in polled.records)


async def test_growth_while_reading_doubles_and_skips_nothing(log_world: LogWorld) -> None:
    """T3: the shell assigns while a poll is under way; what is read meanwhile is not read again."""
    topic = await log_world.create_topic("source", 1)
    words = [b"%d" % number for number in range(RECORD_COUNT)]
    await append(log_world, topic, *words)
    log = await log_world.client()
    positions: dict[SourcePartition, int | None] = {SourcePartition(topic, 0): 0}
    reader = await log_world.reader(log, positions)
    seen: list[tuple[int, int]] = []
    expected_count = RECORD_COUNT + len(PARTITION_COUNTS)
    reading = asyncio.create_task(read_all(reader, seen, expected_count))
    for partition_count in PARTITION_COUNTS:
        await log_world.grow_topic(topic, partition_count)
        await append(log_world, topic, b"new", partition=partition_count - 1)
        positions[SourcePartition(topic, partition_count - 1)] = None
        await reader.assign(positions)
    async with asyncio.timeout(60):
        await reading

    grown = [(partition_count - 1, 0) for partition_count in PARTITION_COUNTS]
    assert [*((0, offset) for offset in range(RECORD_COUNT)), *grown] == sorted(seen)


async def test_lag_before_anything_was_heard_is_no_error(log_world: LogWorld) -> None:
    """The lag is looked at each second, also before a reader has anything: nothing is known."""
    topic = await log_world.create_topic("source", 1)
    await append(log_world, topic, b"x", b"y")
    log = await log_world.client()
    reader = log.reader()
    log_world.exits.push_async_callback(reader.close)
    assert {} == reader.lag_counts()
    assigning = asyncio.create_task(reader.assign({SourcePartition(topic, 0): 0}))
    while not assigning.done():
        assert set(reader.lag_counts()) <= {SourcePartition(topic, 0)}
        await asyncio.sleep(0)
    await assigning

    async with asyncio.timeout(60):
        while not (await reader.poll(500, 1)).records:
            pass
    assert {SourcePartition(topic, 0): 1} == reader.lag_counts()


async def test_reader_of_nothing_waits_and_takes_what_comes(log_world: LogWorld) -> None:
    """A task without a partition polls in peace, and reads the first one that it gets."""
    topic = await log_world.create_topic("source", 1)
    await append(log_world, topic, b"x")
    log = await log_world.client()
    reader = await log_world.reader(log, {})
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    assert ([], []) == await reader.poll(200, 10)
    assert loop.time() - started_s > 0.19
    assert {} == reader.lag_counts()

    await reader.assign({SourcePartition(topic, 0): None})
    async with asyncio.timeout(60):
        while not (polled := await reader.poll(500, 10)).records:
            pass
    assert [b"x"] == [record.value for record in polled.records]
