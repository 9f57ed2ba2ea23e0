"""
Watch the shells of one worker: turn what they report into metrics, health and the three pages.

Nothing per record: reports come per commit, per opened task and once a second.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from importlib.metadata import version
from typing import Final

import structlog

from schemas.codec import decode_clock_row, decode_trigger
from schemas.routing import TRIGGER_TOPICS
from streams.clock import wall_clock_ms
from streams.health import Health
from streams.http import MonitoringServer
from streams.metrics import Metrics
from streams.port import Transaction
from streams.settings import Settings
from streams.shell import Shell
from streams.task import Task


SAMPLE_S: Final = 1.0
TICK_PREFIX: Final = b"#tick|"
TRIGGERS: Final = frozenset(TRIGGER_TOPICS.values())
REQUESTED: Final = ("ce_type", b"trigger.requested.v1")
"""What a trigger topic carries besides are cancellations."""
LIVE_S_MAX: Final = 3_600.0
"""A trigger caused longer ago belongs to a history or a long outage; it is no latency."""

_LOG: Final = structlog.get_logger(__name__)


class Watch:
    """What one worker tells about itself (port: `streams.shell.ShellObserver`)."""

    def __init__(self, settings: Settings) -> None:
        """Expect the folds of these settings; nothing listens before `serving`."""
        self.settings = settings
        self.metrics = Metrics(version("cardcue"))
        self.health = Health(settings.folds)
        for fold in settings.folds:
            self.metrics.show("cardcue_tasks_expected", settings.task_count(fold), fold)

    @contextlib.asynccontextmanager
    async def serving(self, shells: Sequence[Shell]) -> AsyncIterator[MonitoringServer]:
        """Serve the pages and sample the shells while the block runs."""
        settings = self.settings
        async with (
            MonitoringServer(
                self.metrics, self.health, host=settings.http_host, port=settings.http_port
            ) as server,
            asyncio.TaskGroup() as group,  # a worker must not run unwatched
        ):
            _LOG.info("serving metrics", host=settings.http_host, port=server.port)
            sampling = group.create_task(self._sample(shells))
            try:
                yield server
            finally:
                sampling.cancel()

    def joined(self, fold: str) -> None:
        """Take note of a place in the group."""
        self.health.joined(fold)

    def task_assigned(self, task: Task) -> None:
        """Take note that a task begins to restore."""
        self.metrics.increase("cardcue_rebalances_total", task.spec.name)
        self.health.task_assigned(task.spec.name, task.number)

    def rows_restored(self, task: Task, remaining_count: int) -> None:
        """Show how far a restore is."""
        labels = (task.spec.name, str(task.number))
        self.metrics.show("cardcue_restore_remaining_rows", remaining_count, *labels)

    def task_opened(self, task: Task, seconds: float) -> None:
        """Take note that a task has restored its rows and reads."""
        fold = task.spec.name
        self.metrics.increase("cardcue_restore_rows_total", fold, amount=task.restored_row_count)
        self.metrics.observe("cardcue_restore_seconds", seconds, fold)
        self.metrics.rows.committed(fold, task.number, task.committed_counts)
        self.health.task_opened(fold, task.number)
        row_count = task.restored_row_count
        _LOG.info("task opened", fold=fold, task=task.number, rows=row_count, seconds=seconds)

    def task_closed(self, task: Task) -> None:
        """Take note that a task is no longer ours."""
        self.metrics.forget_task(task.spec.name, task.number)
        self.health.task_closed(task.spec.name, task.number)
        _LOG.info("task closed", fold=task.spec.name, task=task.number)

    def committed(
        self, task: Task, transaction: Transaction, record_count: int, seconds: float
    ) -> None:
        """Take note of one transaction."""
        fold = task.spec.name
        self.metrics.increase("cardcue_commits_total", fold)
        self.metrics.observe("cardcue_commit_seconds", seconds, fold)
        self.metrics.observe("cardcue_transaction_records", record_count, fold)
        self.metrics.rows.committed(fold, task.number, task.committed_counts)
        self.health.committed(fold, task.number, work_left=task.backlog_count > 0)
        for row in transaction.rows:
            if row.key.startswith(TICK_PREFIX) and row.value is not None:
                self._show_clock(row.key.removeprefix(TICK_PREFIX).decode(), row.value)
        for output in transaction.outputs:
            if output.topic in TRIGGERS and output.value and REQUESTED in output.headers:
                self._observe_trigger(output.value)

    def _show_clock(self, tenant: str, value: bytes) -> None:
        """Show a tenant's clocks."""
        clock = decode_clock_row(value)
        now_s, watermark_s = clock.now_at_ms / 1000, clock.watermark_at_ms / 1000
        self.metrics.show("cardcue_now_timestamp_seconds", now_s, tenant)
        self.metrics.show("cardcue_watermark_timestamp_seconds", watermark_s, tenant)
        self.metrics.show("cardcue_watermark_lag_seconds", now_s - watermark_s, tenant)
        self.metrics.show("cardcue_backfill", int(clock.backfill), tenant)

    def _observe_trigger(self, value: bytes) -> None:
        """Observe how long ago the journal time was at which a trigger was decided."""
        trigger = decode_trigger(value)
        seconds = (wall_clock_ms() - trigger.issued_at_ms) / 1000
        if 0 <= seconds < LIVE_S_MAX:
            self.metrics.observe("cardcue_event_to_trigger_seconds", seconds, trigger.tenant)

    async def _sample(self, shells: Sequence[Shell]) -> None:
        """Once a second: backlog, lag, and work that waits."""
        while True:
            for shell in shells:
                for ownership in tuple(shell.running.values()):
                    self._sample_task(ownership.task)
            await asyncio.sleep(SAMPLE_S)

    def _sample_task(self, task: Task) -> None:
        """Show how far a task is behind."""
        fold, number = task.spec.name, str(task.number)
        self.metrics.show("cardcue_slice_backlog_records", task.backlog_count, fold, number)
        if task.backlog_count > 0:
            self.health.work_waits(fold, task.number)
        for source, lag_count in task.lag_counts().items():
            labels = (fold, number, source.topic, str(source.partition))
            self.metrics.show("cardcue_consumer_lag_records", lag_count, *labels)
