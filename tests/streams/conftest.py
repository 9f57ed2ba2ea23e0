"""The worlds in which the log's contract is tested."""

from collections.abc import AsyncIterator

import pytest

from tests.streams.kafka_world import KafkaWorld
from tests.streams.log_worlds import LogWorld
from tests.streams.memory_world import MemoryWorld


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.kafka)])
def new_log_world(request: pytest.FixtureRequest, topic_prefix: str) -> LogWorld:
    """Return a world that is not running yet, of each implementation of the port."""
    if request.param == "memory":
        return MemoryWorld(topic_prefix)
    return KafkaWorld(topic_prefix, request.getfixturevalue("kafka"))


@pytest.fixture
async def log_world(new_log_world: LogWorld) -> AsyncIterator[LogWorld]:
    """Yield a running world, and close all that a test took from it."""
    async with new_log_world as world:
        yield world
