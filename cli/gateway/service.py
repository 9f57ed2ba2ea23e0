"""
Run a gateway: control records, triggers, a turn of the desk, answers; and again.

One loop, so that each step sees the one before. Store and provider work in a thread of their own,
for the disk and the provider may be slow and Kafka must not think that we are gone.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import structlog

from cli.gateway import answers
from cli.gateway.book import Book
from cli.gateway.clients import AnswerWriter, ControlReader, TriggerReader
from cli.gateway.desk import Desk
from cli.gateway.intake import Intake
from cli.gateway.meters import Meters
from cli.gateway.pages import Pages
from cli.gateway.provider import Provider
from cli.gateway.settings import GatewaySettings
from cli.gateway.store import Outgoing, Store
from cli.gateway.templates import read_templates
from schemas.records import OutputRecord
from schemas.routing import ROUTE_BY_TYPE, TRIGGER_TOPICS
from streams.connection import client_arguments
from streams.kafka_batches import accept_any_header_name
from streams.settings import Settings


POLL_MS: Final = 50
"""How long an idle gateway waits for triggers before it looks at everything else again."""
ANSWERS_PER_TURN: Final = 500
PRODUCE_S_MAX: Final = 60.0

P = ParamSpec("P")
T = TypeVar("T")

_LOG: Final = structlog.get_logger(__name__)


class Gateway:
    """All parts of one gateway, and the loop that moves them."""

    def __init__(
        self,
        settings: Settings,
        own: GatewaySettings,
        provider: Provider,
        clock: Callable[[], int],
    ) -> None:
        """
        Open the store and read the templates.

        Raises:
            SettingsError: one of them cannot be used.

        """
        templates = read_templates(Path(own.templates))
        self._meters = Meters()
        self._store = Store(own.store)
        book = Book(self._store, own, clock, self._meters)
        bindings = [one for one in settings.bindings if one.time_source == "append"]
        self._intake = Intake(book, templates, settings.tenants, bindings)
        self._desk = Desk(book, provider, templates, settings.tenants)
        self._own = own
        self._topics = {
            (one.contract or one.topic, one.tenant): one.topic for one in reversed(bindings)
        }
        options = client_arguments(settings)
        options["client_id"] = own.consumer_group
        self._triggers = TriggerReader(options, TRIGGER_TOPICS[own.channel], own.consumer_group)
        self._control = ControlReader(options, self._intake.control_topics)
        self._answers = AnswerWriter(options)
        self._thread = ThreadPoolExecutor(1, "gateway")
        self._has_more = False

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; whatever fails, fails the gateway, and a restart mends it."""
        accept_any_header_name()  # one odd name must not end us for ever
        async with AsyncExitStack() as closing:
            closing.callback(self._close)
            await closing.enter_async_context(
                Pages(self._meters, self._missing, self._own.http_port)
            )
            await self._at_desk(self._desk.recover)
            for client in (self._answers, self._triggers):
                closing.push_async_callback(client.close)
                await client.start()
            closing.push_async_callback(self._control.close)
            await self._control.start(self._store.switches.positions())
            _LOG.info("gateway runs", topic=TRIGGER_TOPICS[self._own.channel])
            while not stop.is_set():
                await self._turn()

    async def _turn(self) -> None:
        """Do each thing once."""
        await self._read_control()
        records = await self._triggers.poll(0 if self._has_more else POLL_MS)
        if records:
            await self._at_desk(self._intake.take, records)
            await self._triggers.commit(records)
        self._has_more = await self._at_desk(self._desk.turn)
        await self._tell()

    async def _read_control(self) -> None:
        """Take what the control topics say, and when they were read to their ends."""
        records, positions = await self._control.poll()
        if positions:
            await self._at_desk(self._intake.take_control, records, positions)
        if read_at_ms := await self._control.read_at_ms():
            self._desk.switches_read(read_at_ms)

    async def _tell(self) -> None:
        """Produce what is stored, then mark it: a crash in between tells it again."""
        outgoing = await self._at_desk(self._store.unsent, ANSWERS_PER_TURN)
        if outgoing:
            async with asyncio.timeout(PRODUCE_S_MAX):
                await self._answers.append([self._record(one) for one in outgoing])
            await self._at_desk(self._mark, outgoing)

    def _mark(self, outgoing: Sequence[Outgoing]) -> None:
        with self._store.transaction():
            self._store.mark_sent(outgoing)

    def _record(self, outgoing: Outgoing) -> OutputRecord:
        """Return an answer for the topic that its tenant's answers travel on."""
        contract = ROUTE_BY_TYPE[outgoing.event_type].topic
        shared = self._topics.get((contract, "*"), contract)
        topic = self._topics.get((contract, outgoing.tenant), shared)
        return answers.record(outgoing, self._own.channel, topic)

    def _missing(self) -> str:
        """Return what the gateway waits for before it sends."""
        if not self._desk.switches_fresh():
            return "wanted the kill switches read within 5 s, found them older"
        return self._triggers.missing()

    async def _at_desk(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something in the one thread of store and provider."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(work, *args, **kwargs))

    def _close(self) -> None:
        self._thread.shutdown()
        self._store.close()
