"""Run one shell a fold in this process, over one connection to the log."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

import structlog
from faust.types import ChannelT

from streams.connection import client_arguments
from streams.exit import asked_for, failing
from streams.fold import FoldSpec
from streams.kafka_log import KafkaLog
from streams.port import Log
from streams.settings import FoldName, Settings
from streams.shell import Shell, ShellObserver
from streams.watch import Watch
from streams.whereabouts import telling_whereabouts


GC_THRESHOLD: Final = (100_000, 20, 100)
"""Python's default (700, 10, 10) walks what a slice has allocated again and again: a quarter of
the worker's time in one profile (43 us an event against 31). Our structures make no cycles."""


_LOG: Final = structlog.get_logger(__name__)


def warn_of_unkeyed_markers(settings: Settings) -> None:
    """Say which tenants' markers of erased customers anybody could work out (SEMANTICS B5)."""
    unkeyed = [name for name in settings.tenants if name not in settings.erasure_secrets]
    if unkeyed and "lifecycle" in settings.folds:
        _LOG.warning("erasure markers without a secret", tenant=",".join(unkeyed))


def warn_of_unsigned_policies(settings: Settings) -> None:
    """Say that nobody has to approve what decides here, until keys are pinned (SEMANTICS P3)."""
    if settings.profile == "development" and "lifecycle" in settings.folds:
        _LOG.warning("unsigned policies decide", tenant=",".join(settings.tenants))


def calm_collector() -> None:
    """Keep the collector off what lives for ever, and let it look at the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)


class Watching(ShellObserver, Protocol):
    """Whoever watches the shells of a worker and serves what it sees."""

    def serving(self, shells: Sequence[Shell]) -> AbstractAsyncContextManager[object]:
        """Show what the shells are about while the block runs."""


class Runtime:
    """The shells of this worker, what they share, and how they end."""

    def __init__(
        self,
        settings: Settings,
        specs: Mapping[FoldName, FoldSpec],
        channels: Mapping[FoldName, ChannelT[Any]],
        fail: Callable[[BaseException], object],
    ) -> None:
        """Prepare; `channels` are those of the folds that this worker runs."""
        self.settings = settings
        self.specs = specs
        self.channels = channels
        self.fail = fail

    async def run(self) -> None:
        """Serve over Kafka, watched, until cancelled; any failure ends the process."""
        calm_collector()
        settings = self.settings
        warn_of_unkeyed_markers(settings)
        warn_of_unsigned_policies(settings)
        with telling_whereabouts():
            await self.serve(KafkaLog(client_arguments(settings), settings), Watch(settings))

    async def serve(self, log: Log, watch: Watching) -> None:
        """Open the log, run every shell until cancelled, close; any failure is the process's."""
        try:
            await log.open()
            shells = self._shells(log, watch)
            async with watch.serving([shell for shell, _ in shells]):
                await run_together([shell.run(count) for shell, count in shells], self.fail)
        except BaseException as error:
            if not asked_for(error):
                self.fail(error)
                return
            await log.close()
            raise

    def _shells(self, log: Log, observer: ShellObserver) -> list[tuple[Shell, int]]:
        """Return the shell of every fold that this worker runs, with the fold's task count."""
        return [
            (
                Shell(
                    self.specs[name],
                    log=log,
                    options=self.settings,
                    # annotated for Faust's events; a channel carries any value as it is
                    deliver=channel.put,  # type: ignore[arg-type]
                    observer=observer,
                    fail=self.fail,
                ),
                self.settings.task_count(name),
            )
            for name, channel in self.channels.items()
        ]


async def run_together(
    runs: Iterable[Coroutine[Any, Any, None]], fail: Callable[[BaseException], object]
) -> None:
    """
    Run shells until cancelled, and then until the last of them has stopped in order.

    The first failure is handed on at once, before any other shell begins to tidy up.
    """

    async def guarded(run: Coroutine[Any, Any, None]) -> None:
        with failing(fail):
            await run

    # `gather` would return with the first shell that has stopped, and the process would end
    # while the others still commit
    async with asyncio.TaskGroup() as group:
        for run in runs:
            group.create_task(guarded(run))
