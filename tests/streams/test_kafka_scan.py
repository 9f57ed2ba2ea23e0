"""A scan sees what is committed when it begins, from a moment on, and moves nobody's work."""

from collections.abc import AsyncIterator

import pytest

from schemas.records import SourceRecord
from streams.kafka_scan import KafkaScan, Span
from streams.port import LogError, SourcePartition
from tests.streams.kafka_world import KafkaWorld
from tests.streams.log_worlds import append, plain


pytestmark = pytest.mark.kafka


@pytest.fixture
async def world(kafka: str, topic_prefix: str) -> AsyncIterator[KafkaWorld]:
    """Yield a running world on a real Kafka."""
    async with KafkaWorld(topic_prefix, kafka) as running:
        yield running


@pytest.fixture
async def scan(kafka: str) -> AsyncIterator[KafkaScan]:
    """Yield a connected scan."""
    opened = KafkaScan({"bootstrap_servers": kafka}, check_crcs=True)
    await opened.open()
    yield opened
    await opened.close()


async def records(scan: KafkaScan, span: Span) -> list[SourceRecord]:
    """Return all records of a span."""
    return [record async for batch in scan.read(span) for record in batch]


async def told(scan: KafkaScan, topic: str, count: int = 1) -> list[bytes | None]:
    """Return the values of a whole topic."""
    spans = await scan.spans(topic, count)
    return [record.value for span in spans for record in await records(scan, span)]


async def test_scan_reads_every_partition_to_its_end(world: KafkaWorld, scan: KafkaScan) -> None:
    """Partition by partition, in offset order; an empty one gives nothing and is no wait."""
    topic = await world.create_topic("said", 3)
    await append(world, topic, b"c", partition=2)
    await append(world, topic, b"a", b"b", partition=0)
    spans = await scan.spans(topic, 3)

    assert [(0, 2), (0, 0), (0, 1)] == [(span.begin, span.end) for span in spans]
    assert [b"a", b"b", b"c"] == await told(scan, topic, 3)
    assert [b"a", b"b", b"c"] == await told(scan, topic, 3)


async def test_scan_ends_where_the_log_ended_when_it_began(
    world: KafkaWorld, scan: KafkaScan
) -> None:
    """What is appended meanwhile belongs to the next one."""
    topic = await world.create_topic("said", 1)
    await append(world, topic, b"a")
    (span,) = await scan.spans(topic, 1)
    await append(world, topic, b"b")

    assert [b"a"] == [record.value for record in await records(scan, span)]


async def test_scan_sees_committed_transactions_only(world: KafkaWorld, scan: KafkaScan) -> None:
    """An aborted one is skipped, an open one is the end; markers at the end are no stall."""
    topic = await world.create_topic("said", 1)
    for word, ends in ((b"a", "commit"), (b"b", "abort"), (b"c", "commit")):
        transaction = await world.open_transaction(f"upstream-{word.decode()}")
        await transaction.append(plain(topic, word)[0])
        await (transaction.commit() if ends == "commit" else transaction.abort())
    closed = await told(scan, topic)
    still_open = await world.open_transaction("upstream-d")
    await still_open.append(plain(topic, b"d")[0])
    await append(world, topic, b"e")
    behind = await told(scan, topic)
    await still_open.abort()

    assert [b"a", b"c"] == closed == behind


async def test_scan_begins_at_a_moment(world: KafkaWorld, scan: KafkaScan) -> None:
    """By record timestamps; after the last of them nothing is left to read."""
    topic = await world.create_topic("said", 2)
    await append(world, topic, b"a", b"b")
    first, second = await records(scan, (await scan.spans(topic, 2))[0])
    since_first = await scan.spans(topic, 2, first.timestamp)
    since_after = await scan.spans(topic, 2, second.timestamp + 1)

    assert [(0, 2), (0, 0)] == [(span.begin, span.end) for span in since_first]
    assert [(2, 2), (0, 0)] == [(span.begin, span.end) for span in since_after]


async def test_scan_begins_where_retention_has_left_off(world: KafkaWorld, scan: KafkaScan) -> None:
    """Records that are gone are not waited for."""
    topic = await world.create_topic("said", 1)
    await append(world, topic, b"a", b"b", b"c")
    await world.delete_before(SourcePartition(topic, 0), 2)

    assert [b"c"] == await told(scan, topic)


async def test_scan_of_a_span_that_is_gone_is_told(world: KafkaWorld, scan: KafkaScan) -> None:
    """Retention overtook the reader: half of it read would look like the whole."""
    topic = await world.create_topic("said", 1)
    await append(world, topic, b"a", b"b", b"c")
    (span,) = await scan.spans(topic, 1)
    await world.delete_before(SourcePartition(topic, 0), 2)

    with pytest.raises(LogError, match=r"wanted to read .*said/0, found OffsetOutOfRangeError"):
        await records(scan, span)


async def test_scan_that_is_not_open_is_told() -> None:
    """A defect of the caller's, in our words."""
    scan = KafkaScan({"bootstrap_servers": "127.0.0.1:9"}, check_crcs=True)

    with pytest.raises(LogError, match="wanted an open log, found it closed"):
        await scan.spans("said", 1)
    await scan.close()
