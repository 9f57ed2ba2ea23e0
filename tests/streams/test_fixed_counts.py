"""The journal keeps its partition count: with another, what is known of customers stays behind."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest

from schemas.records import OutputRecord, Row
from schemas.routing import JOURNAL_TOPIC
from streams.embedded import EmbeddedBroker
from streams.kafka_log import KafkaLog
from streams.port import LogError, Transaction
from streams.settings import Settings


CREATED_WITH = 5
WRONG = re.escape("wanted 4 partitions of lifecycle.journal.v1, found 5")


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    """Return a broker with a journal of five partitions, a changelog and another topic."""
    with EmbeddedBroker() as running:
        running.create_topic(JOURNAL_TOPIC, CREATED_WITH)
        running.create_topic("rows", 1)
        running.create_topic("said", 2)
        yield running


@pytest.fixture(params=[CREATED_WITH - 1, CREATED_WITH])
async def log(request: pytest.FixtureRequest, broker: EmbeddedBroker) -> AsyncIterator[KafkaLog]:
    """Return an open log whose settings have four, then five partitions of the journal."""
    settings = Settings(journal_partition_count=request.param, check_crcs=False)
    opened = KafkaLog({"bootstrap_servers": broker.bootstrap}, settings)
    await opened.open()
    yield opened
    await opened.close()


def is_wrong(request: pytest.FixtureRequest) -> bool:
    """Return whether the settings differ from what the journal was created with."""
    return bool(request.node.callspec.params["log"] != CREATED_WITH)


async def test_writer_writes_nothing_into_a_journal_of_another_count(
    log: KafkaLog, request: pytest.FixtureRequest
) -> None:
    """A grown journal stops the worker before the first record has gone astray."""
    writer = log.writer(fold="count", task=0, changelog_topic="rows")
    await writer.fence()
    output = OutputRecord(JOURNAL_TOPIC, b"bank|c-1", b"x")
    commit = writer.commit(Transaction([output], [Row(b"k", b"v")], {}))
    if is_wrong(request):
        with pytest.raises(LogError, match=WRONG):
            await commit
    else:
        await commit
    await writer.close()


async def test_task_is_told_that_the_journal_has_another_count(
    log: KafkaLog, request: pytest.FixtureRequest
) -> None:
    """Readers of it look every 30 s; any other topic may have what it likes."""
    assert {"said": 2, "rows": 1} == await log.partition_counts(["said", "rows"])
    if is_wrong(request):
        with pytest.raises(LogError, match=WRONG):
            await log.partition_counts([JOURNAL_TOPIC])
    else:
        assert {JOURNAL_TOPIC: 5} == await log.partition_counts([JOURNAL_TOPIC])
