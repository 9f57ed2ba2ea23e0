"""A header's name that is no UTF-8 holds nothing up: the record is read, and what is beside it."""

import asyncio
from collections.abc import Collection, Iterator

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.consumer import fetcher

from schemas.records import SourceRecord
from streams.embedded import EmbeddedBroker
from streams.kafka_reader import KafkaReader
from streams.port import SourcePartition
from tests.fuzz.odd_names import NAME_AS_READ, write_with_odd_name


READ_S_MAX = 30


@pytest.fixture(autouse=True)
def names_are_read_strictly() -> Iterator[None]:
    """Begin and end as a process begins: what a reader changes, it changes for all of it."""
    strict = fetcher.MemoryRecords
    assert strict.__name__ == "MemoryRecords"
    yield
    fetcher.MemoryRecords = strict


async def read_all(
    bootstrap: str, partitions: int, count: int
) -> dict[int, list[tuple[int, SourceRecord]]]:
    """Return (offset, record) of every partition, in the order read, by a reader of its own."""
    reader = KafkaReader({"bootstrap_servers": bootstrap, "check_crcs": False}, fetch_wait_ms=20)
    await reader.assign({SourcePartition("source", number): 0 for number in range(partitions)})
    found: dict[int, list[tuple[int, SourceRecord]]] = {n: [] for n in range(partitions)}
    async with asyncio.timeout(READ_S_MAX):
        while sum(map(len, found.values())) < count:
            for record in (await reader.poll(200, 7)).records:
                found[record.partition].append((record.offset, record))
    await reader.close()
    return found


@pytest.mark.parametrize("compression", [0, 1], ids=["plain", "gzip"])
@pytest.mark.parametrize("odd", [0, 1, 19], ids=["first", "second", "last"])
async def test_fuzz_header_name_without_utf8_is_read(odd: int, compression: int) -> None:
    """The record keeps key, value and other headers; of the name, what is no UTF-8 is escaped."""
    values = [b"value %d" % number for number in range(20)]
    with EmbeddedBroker() as broker:
        broker.create_topic("source", 1)
        place = ("source", 0)
        others = [("ok", b"2")]
        await write_with_odd_name(
            broker.bootstrap, place, values, odd, others, compression=compression
        )
        found = (await read_all(broker.bootstrap, 1, 20))[0]
    assert list(enumerate(values)) == [(offset, record.value) for offset, record in found]
    headers = [list(record.headers) for _, record in found]
    assert [(NAME_AS_READ, b"1"), ("ok", b"2")] == headers.pop(odd)
    assert [others] * 19 == headers
    assert {b"k"} == {record.key for _, record in found}


async def test_fuzz_header_name_without_utf8_loses_nothing_of_other_partitions() -> None:
    """What the client had read of others when it stumbled is read once, and in order."""
    with EmbeddedBroker() as broker:
        broker.create_topic("source", 4)
        producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
        await producer.start()
        for number in range(400):
            value = b"%d" % number
            await producer.send("source", value, partition=number % 4)
        await producer.stop()
        for partition in (0, 2):
            await write_with_odd_name(broker.bootstrap, ("source", partition), [b"x"] * 5, 3)
        for _ in range(2):
            found = await read_all(broker.bootstrap, 4, 410)
            for partition, records in found.items():
                ours = [record.value for _, record in records[:100]]
                assert [b"%d" % number for number in range(partition, 400, 4)] == ours
                assert list(range(len(records))) == [offset for offset, _ in records]
            assert [105, 100, 105, 100] == [len(records) for records in found.values()]


def answers(reader: KafkaReader) -> Collection[object]:
    """Return what the reader's client has fetched and not yet given to anybody."""
    found: Collection[object] = reader._consumer._fetcher._records  # noqa: SLF001 (no public way)
    return found


async def test_fuzz_header_name_is_read_by_who_had_prefetched_it() -> None:
    """Two readers of one process: what the first has changed helps the second with old answers."""
    with EmbeddedBroker() as broker:
        broker.create_topic("source", 1)
        await write_with_odd_name(broker.bootstrap, ("source", 0), [b"x"] * 3, 1)
        first, second = (
            KafkaReader(
                {"bootstrap_servers": broker.bootstrap, "check_crcs": False}, fetch_wait_ms=20
            )
            for _ in range(2)
        )
        for reader in (first, second):
            await reader.assign({SourcePartition("source", 0): 0})
        async with asyncio.timeout(READ_S_MAX):
            while not all(answers(reader) for reader in (first, second)):  # noqa: ASYNC110 (no event)
                await asyncio.sleep(0.01)
        for reader in (first, second):
            found: list[int] = []
            async with asyncio.timeout(READ_S_MAX):
                while len(found) < 3:
                    found += [record.offset for record in (await reader.poll(200, 10)).records]
            assert [0, 1, 2] == found
            await reader.close()
