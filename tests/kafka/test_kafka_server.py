"""The broker of the tests is a real one: it answers, and keeps its data when killed."""

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.kafka_server import ROOT, KafkaServer, free_port


pytestmark = pytest.mark.kafka


async def create_topic(bootstrap: str, topic: str) -> None:
    """Create `topic` with one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()


async def send(bootstrap: str, topic: str, value: bytes, *, transactional_id: str) -> None:
    """Send one record in a transaction of its own and return once it is committed."""
    async with (
        AIOKafkaProducer(
            bootstrap_servers=bootstrap, transactional_id=transactional_id
        ) as producer,
        producer.transaction(),
    ):
        await producer.send_and_wait(topic, value)


async def read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    """Return the first `count` committed values of `topic`."""
    async with AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    ) as consumer:
        async with asyncio.timeout(60):
            return [(await consumer.getone()).value for _ in range(count)]


async def test_kafka_gives_back_what_was_committed(kafka: str, topic_prefix: str) -> None:
    """A record sent in a transaction is read by a read_committed reader."""
    topic = f"{topic_prefix}lines"
    await create_topic(kafka, topic)

    await send(kafka, topic, b"one", transactional_id=topic)

    assert [b"one"] == await read(kafka, topic, 1)


async def test_killed_kafka_restarts_with_its_data(own_kafka: KafkaServer) -> None:
    """A broker killed with -9 comes back at its address, a new process with every record."""
    bootstrap, pid = own_kafka.bootstrap, own_kafka.pid
    await create_topic(bootstrap, "lines")
    await send(bootstrap, "lines", b"before", transactional_id="t")

    await asyncio.to_thread(own_kafka.restart, clean=False)
    await send(bootstrap, "lines", b"after", transactional_id="t")

    assert bootstrap == own_kafka.bootstrap
    assert pid != own_kafka.pid
    assert [b"before", b"after"] == await read(bootstrap, "lines", 2)


def test_stopped_kafka_does_not_answer_until_started(own_kafka: KafkaServer) -> None:
    """After `stop` nobody listens, after `start` it answers again, after `close` no trace."""
    own_kafka.stop()

    assert own_kafka.pid is None
    with pytest.raises(KafkaException):
        AdminClient({"bootstrap.servers": own_kafka.bootstrap, "log_level": 0}).list_topics(
            timeout=1
        )

    own_kafka.start()
    own_kafka.close()

    assert not own_kafka.folder.exists()


def test_kafka_that_cannot_start_says_why() -> None:
    """A broker refused by its configuration is an error that ends with its own words."""
    server = KafkaServer({"num.network.threads": "none"})

    with pytest.raises(RuntimeError, match=r"num\.network\.threads"), server:
        pass

    assert not server.folder.exists()


ORPHAN = """
import os, sys
from tests.kafka_server import KafkaServer
server = KafkaServer()
server.start()
print(server.bootstrap, server.folder, flush=True)
os.kill(os.getpid(), 9)
"""


def test_kafka_ends_with_the_tests_that_started_it() -> None:
    """Tests that are killed with -9 leave no broker and no folder behind."""
    died = subprocess.run(
        [sys.executable, "-c", ORPHAN], cwd=ROOT, capture_output=True, text=True, check=False
    )

    bootstrap, folder = died.stdout.split()
    deadline = time.monotonic() + 30
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert -9 == died.returncode
    assert not Path(folder).exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(bootstrap.partition(":")[2])), timeout=1)


def test_free_ports_lie_below_those_of_outgoing_connections() -> None:
    """A broker's port is never one that the system hands to a client while the broker is away."""
    ports = [free_port() for _ in range(100)]

    assert all(20_000 <= port < 32_000 for port in ports)
