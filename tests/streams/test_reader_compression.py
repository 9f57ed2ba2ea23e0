"""What producers compress is read, whichever way their library does it."""

import asyncio

import pytest
from confluent_kafka import Producer

from streams.embedded import EmbeddedBroker
from streams.kafka_reader import KafkaReader
from streams.port import SourcePartition


VALUES = [b'{"id":"%d","type":"card.issued"}' % number for number in range(50)]


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
async def test_reader_reads_what_is_compressed_with(codec: str) -> None:
    """A codec that we lack would end the worker again and again, at the same record."""
    with EmbeddedBroker() as broker:
        broker.create_topic("source", 1)
        settings = {"compression.type": codec, "linger.ms": 50, "log_level": 2}
        producer = Producer({"bootstrap.servers": broker.bootstrap, **settings})
        for value in VALUES:
            producer.produce("source", value=value, partition=0)
        assert 0 == producer.flush(10)

        options = {"bootstrap_servers": broker.bootstrap, "check_crcs": False}
        reader = KafkaReader(options, fetch_wait_ms=50)
        await reader.assign({SourcePartition("source", 0): 0})
        found: list[bytes | None] = []
        async with asyncio.timeout(30):
            while len(found) < len(VALUES):
                polled = await reader.poll(500, 100)
                found.extend(record.value for record in polled.records)
        await reader.close()

    assert VALUES == found
