"""What Kafka does not let us see is not what does not exist."""

from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NodeNotReadyError

from streams import kafka_log
from streams.embedded import EmbeddedBroker
from streams.kafka_log import KafkaLog
from streams.port import LogError
from streams.settings import Settings


NO_ERROR, UNKNOWN_TOPIC, NO_LEADER, NOT_AUTHORIZED = 0, 3, 5, 29
"""As the protocol numbers them."""


def answering(monkeypatch: pytest.MonkeyPatch, error_code: int) -> None:
    """Let the administrator's client hear of a good topic, and of one with this error."""

    class Answer:
        def to_object(self) -> Mapping[str, Any]:
            good = {"error_code": NO_ERROR, "topic": "a", "partitions": [{}, {}, {}]}
            other = {"error_code": error_code, "topic": "b", "partitions": []}
            return {"topics": [good, other]}

    async def answer(self: AIOKafkaAdminClient, request: object) -> Answer:
        del self, request
        return Answer()

    monkeypatch.setattr(AIOKafkaAdminClient, "_send_request", answer)


@pytest.mark.parametrize(
    ("error_code", "found"),
    [
        (NOT_AUTHORIZED, "TopicAuthorizationFailedError"),
        (NO_LEADER, "LeaderNotAvailableError"),
    ],
)
async def test_partition_counts_refuse_a_topic_that_cannot_be_looked_at(
    monkeypatch: pytest.MonkeyPatch, error_code: int, found: str
) -> None:
    """T3: taken for missing, a source would stay unread and hold no watermark: wrong nudges."""
    answering(monkeypatch, error_code)
    with EmbeddedBroker() as broker:
        log = KafkaLog({"bootstrap_servers": broker.bootstrap}, Settings())
        await log.open()
        with pytest.raises(LogError, match=f"wanted the partition count of b, found {found}"):
            await log.partition_counts(["b", "a"])
        await log.close()


async def test_partition_count_of_a_missing_topic_is_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound topic may be created later: then it has grown."""
    answering(monkeypatch, UNKNOWN_TOPIC)
    with EmbeddedBroker() as broker:
        log = KafkaLog({"bootstrap_servers": broker.bootstrap}, Settings())
        await log.open()
        assert {"a": 3, "b": 0} == await log.partition_counts(["b", "a"])
        await log.close()


async def test_partition_counts_create_nothing() -> None:
    """T1: a source made by a look at it would have the broker's defaults: the producers' time."""
    with EmbeddedBroker() as broker:
        broker.create_topic("there", 2)
        log = KafkaLog({"bootstrap_servers": broker.bootstrap}, Settings())
        await log.open()
        for _ in range(2):
            assert {"there": 2, "missing": 0} == await log.partition_counts(["there", "missing"])
        await log.close()


@pytest.mark.parametrize(("failure_count", "succeeds"), [(3, True), (4, False)])
async def test_partition_counts_ask_another_broker(
    monkeypatch: pytest.MonkeyPatch,
    failure_count: int,
    succeeds: bool,  # noqa: FBT001 (the expected outcome)
) -> None:
    """One of several brokers restarts: no worker need end because it was the one to be asked."""
    monkeypatch.setattr(kafka_log, "LOOK_AGAIN_S", 0.0)
    answering(monkeypatch, UNKNOWN_TOPIC)
    answer = AIOKafkaAdminClient._send_request  # noqa: SLF001
    asked: list[object] = []

    async def failing(self: AIOKafkaAdminClient, request: object) -> object:
        asked.append(request)
        if len(asked) <= failure_count:
            raise NodeNotReadyError
        return await answer(self, request)

    monkeypatch.setattr(AIOKafkaAdminClient, "_send_request", failing)
    with EmbeddedBroker() as broker:
        log = KafkaLog({"bootstrap_servers": broker.bootstrap}, Settings())
        await log.open()
        looking = log.partition_counts(["a", "b"])
        if succeeds:
            assert {"a": 3, "b": 0} == await looking
        else:
            with pytest.raises(LogError, match="wanted partition counts, found NodeNotReadyError"):
                await looking
        await log.close()
    assert 4 == len(asked)
