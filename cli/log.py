"""Meet the log from the command line: read two topics to their ends, and write transactions."""

import asyncio
import logging
import os
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing, contextmanager
from typing import Any, Final, Protocol, TypeVar

import click
from aiokafka.errors import KafkaError

from schemas.records import SourceRecord
from schemas.routing import REPLAYED_TOPIC
from streams.connection import client_arguments
from streams.kafka_log import KafkaLog
from streams.kafka_scan import KafkaScan, Span
from streams.port import LogError, Writer
from streams.settings import Settings, read_settings


Answer = TypeVar("Answer")

WRITER_NAME: Final = "replay"
"""Part of the transactional id, the same for all: of two replays at once the older is fenced."""


class TopicLog(Protocol):
    """What the commands need of a log."""

    async def partition_counts(self, topics: Collection[str]) -> Mapping[str, int]:
        """Return the partition count of each topic; a missing topic is 0."""

    async def spans(self, topic: str, partition_count: int, since_at_ms: int = 0) -> Sequence[Span]:
        """Return what each partition holds now, without what is older (epoch milliseconds)."""

    def read(self, span: Span) -> AsyncGenerator[Sequence[SourceRecord], None]:
        """Yield the committed records of a span in offset order."""

    def writer(self) -> Writer:
        """Return the one writer of all replays, not yet fenced; its rows are markers."""


class KafkaTopicLog:
    """The same on Kafka."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; nothing connects before `open`."""
        options = client_arguments(settings)
        self._log = KafkaLog(options, settings)
        self._scan = KafkaScan(options, check_crcs=settings.check_crcs)

    async def open(self) -> None:
        """Connect."""
        await self._log.open()
        await self._scan.open()

    async def partition_counts(self, topics: Collection[str]) -> Mapping[str, int]:
        """Return the partition count of each topic; a missing topic is 0."""
        return await self._log.partition_counts(topics)

    async def spans(self, topic: str, partition_count: int, since_at_ms: int = 0) -> Sequence[Span]:
        """Return what each partition holds now, without what is older (epoch milliseconds)."""
        return await self._scan.spans(topic, partition_count, since_at_ms)

    def read(self, span: Span) -> AsyncGenerator[Sequence[SourceRecord], None]:
        """Yield the committed records of a span in offset order."""
        return self._scan.read(span)

    def writer(self) -> Writer:
        """Return the one writer of all replays, not yet fenced; its rows are markers."""
        return self._log.writer(fold=WRITER_NAME, task=0, changelog_topic=REPLAYED_TOPIC)

    async def close(self) -> None:
        """Disconnect."""
        await self._scan.close()
        await self._log.close()


async def whole_topic(
    log: TopicLog, topic: str, since_at_ms: int = 0
) -> AsyncGenerator[SourceRecord, None]:
    """
    Yield what a topic holds as of the call, partition by partition, in offset order.

    Raises:
        LogError: the topic is not there, or the log gives up.

    """
    count = (await log.partition_counts([topic]))[topic]
    if not count:
        raise LogError(f"wanted topic {topic}, found none (`cardcue topics create` makes it)")
    # all ends before the first record: what a replay makes ingest reject again is not among it
    for span in await log.spans(topic, count, since_at_ms):
        async with aclosing(log.read(span)) as batches:
            async for batch in batches:
                for record in batch:
                    yield record


def on_kafka(
    work: Callable[[TopicLog, Settings], Awaitable[Answer]], given: Settings | None = None
) -> Answer:
    """
    Return what `work` makes of the Kafka that the settings name: those given, or this process's.

    Raises:
        click.ClickException: with what was wanted of the log and what was found.
        SettingsError: the settings cannot be used.

    """
    settings = given or read_settings(os.environ)

    async def connected() -> Answer:
        asyncio.get_running_loop().set_exception_handler(_left_behind)
        log = KafkaTopicLog(settings)
        try:
            await log.open()
            return await work(log, settings)
        finally:
            await log.close()

    with _quiet():
        try:
            return asyncio.run(connected())
        except LogError as error:
            raise click.ClickException(str(error)) from error
        except KafkaError as error:
            wanted = f"wanted the Kafka at {settings.bootstrap}"
            raise click.ClickException(f"{wanted}, found {type(error).__name__}") from error


def _left_behind(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Let go what aiokafka keeps of a failure that it has raised at us too (a fenced batch)."""
    if not isinstance(context.get("exception"), KafkaError):
        loop.default_exception_handler(context)


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the client's complaints end in one line of ours, not in a screen of its own."""
    logger = logging.getLogger("aiokafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
