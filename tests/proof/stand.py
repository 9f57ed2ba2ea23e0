"""
A test stand: one broker, one house of topics on it, workers, loaders, and the verdict at the end.

A stand is for one test. Its workers may be killed, frozen and started again; at the end `judge`
lets the folds read to their ends, stops everything and hands the log to the independent checker.
"""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import yaml
from confluent_kafka.admin import AdminClient

from schemas.codec import decode_source_row
from schemas.routing import STATE_TOPICS
from schemas.state_source import SourceRow
from streams.clock import wall_clock_ms
from streams.settings import Settings
from streams.topic_table import FOLDS
from streams.topics import create_topics
from tests.checker.check import Names, check_kafka
from tests.checker.log_reader import read_topics
from tests.checker.report import Report
from tests.kafka_server import ROOT
from tests.proof.forms import Upstream
from tests.proof.loader import Loaded, Loader
from tests.proof.log_ends import LogEnds
from tests.proof.pages import Page
from tests.proof.workers import END_S_MAX, WORKER, Worker, await_true
from tests.proof.world import CAMPAIGNS, TENANTS


SETTINGS: Final = {
    "tenants": TENANTS,
    "source_partition_count": 4,
    "output_partition_count": 4,
    "journal_partition_count": 8,
    "metadata_refresh_ms": 2_000,
    "log_level": "warning",
}
"""What all proofs share; everything else is as in production."""

DRAIN_S_MAX: Final = 600.0
TIME_GOES_ON_MS: Final = 1_500
"""After the last record is read: long enough for the first nudges of the last customers."""


class Stand:
    """
    One house on one broker.

    Attributes:
        settings: those of its workers.
        workers: every worker ever started, by instance id.
        loaded_count: records written to the source topics so far.
    """

    def __init__(self, bootstrap: str, folder: Path, **changes: Any) -> None:  # noqa: ANN401 (settings)
        """Write the settings and create the topics anew; `changes` win over `SETTINGS`."""
        self.bootstrap, self.folder = bootstrap, folder
        app_id = f"proof-{secrets.token_hex(3)}"  # groups and transactions of its own
        chosen = {**SETTINGS, "bootstrap": bootstrap, "app_id": app_id, **changes}
        self.settings = msgspec.convert(chosen, Settings)
        self.settings_path = folder / "settings.yaml"
        self.settings_path.write_text(yaml.safe_dump(msgspec.to_builtins(chosen)))
        self.workers: dict[str, Worker] = {}
        self.loaded_count = 0
        self._ingested: dict[tuple[str, str], int] = {}
        self.ends = LogEnds(bootstrap)
        self._loaders: list[subprocess.Popen[str]] = []
        self._clear()
        create_topics(self.settings)

    def __enter__(self) -> Self:
        """Return the stand."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Kill everything; show the workers' last words where something went wrong."""
        for loader in self._loaders:
            if loader.poll() is None:
                loader.kill()
            loader.communicate()
        for worker in self.workers.values():
            if kind is not None:
                worker.tell_whereabouts()
            worker.close()
            sys.stdout.write(f"{worker.name}: {worker.exit_codes}\n")
            if kind is not None:
                sys.stdout.write(f"{worker.last_words()}\n")

    def worker(
        self,
        name: str,
        *,
        only: str = "",
        command: tuple[str, ...] = WORKER,
        environ: Mapping[str, str] | None = None,
    ) -> Worker:
        """Start a worker with the folds of `only`, all by default."""
        started = Worker(
            name,
            self.settings_path,
            command=command,
            environ={**({"CARDCUE_FOLDS": only} if only else {}), **(environ or {})},
        )
        if (before := self.workers.get(name)) is not None:
            assert not before.at_work
            started.exit_codes += before.exit_codes
        self.workers[name] = started
        started.start()
        return started

    def begin_load(self, count: int, **options: Any) -> subprocess.Popen[str]:  # noqa: ANN401 (of a command line)
        """Start a loader with the options of `tests.proof.loader`; `end_load` waits for it."""
        command = [sys.executable, "-m", "tests.proof.loader", "--bootstrap", self.bootstrap]
        for name, value in {"count": count, **options}.items():
            flag = f"--{name.replace('_', '-')}"
            command += [flag] if value is True else [flag, str(value)]
        loader = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self._loaders.append(loader)
        return loader

    def end_load(self, loader: subprocess.Popen[str], within_s: float = DRAIN_S_MAX) -> Loaded:
        """Wait until everything is written, and count it."""
        told, _ = loader.communicate(timeout=within_s)
        assert loader.returncode == 0
        loaded = Loaded(**json.loads(told))
        self.loaded_count += loaded.record_count
        return loaded

    def load(self, count: int, **options: Any) -> Loaded:  # noqa: ANN401 (of a command line)
        """Write a world and return once it is written."""
        return self.end_load(self.begin_load(count, **options))

    def write(self, records: Iterable[Upstream]) -> None:
        """Write records from here, and return once the broker has them."""
        loader = Loader(self.bootstrap, seed=0, transaction_ratio=0)
        self.loaded_count += loader.load(records).record_count

    @property
    def all_tasks(self) -> set[tuple[str, int]]:
        """Every (fold, task) of the house."""
        settings = self.settings
        return {(fold, task) for fold in FOLDS for task in range(settings.task_count(fold))}

    def ingested_count(self) -> int:
        """
        Return how many source records ingest's tasks have accounted for, as far as was ever told.

        A task tells its count while a worker has it, and none while it changes hands; what it told
        before was committed and stays.
        """
        for page in self._pages():
            for told in page.select("cardcue_records_in_total"):
                series = (told.labels["task"], told.labels["tenant"])
                self._ingested[series] = max(self._ingested.get(series, 0), int(told.value))
        return sum(self._ingested.values())

    def read_count(self) -> int:
        """Return how many source records ingest's rows account for, worker or none."""
        return sum(
            count
            for row in self._source_rows()
            for name, count in row.counts.items()
            if not name.startswith("clamped|")
        )

    def clamped(self) -> tuple[int, int]:
        """Return how many records' times were raised above a claim, and by how many ms at most."""
        counts = [
            count
            for row in self._source_rows()
            for name, count in row.counts.items()
            if name.startswith("clamped|")
        ]
        return sum(counts), max((row.clamped_ms_max for row in self._source_rows()), default=0)

    def _source_rows(self) -> list[SourceRow]:
        """Return what ingest remembers of every source partition."""
        topic = read_topics(self.bootstrap, [STATE_TOPICS["ingest"]])[STATE_TOPICS["ingest"]]
        rows = {
            record.key: decode_source_row(record.value)
            for partition in topic
            for record in partition
            if record.key and record.key.startswith(b"#source|") and record.value
        }
        return list(rows.values())

    def await_ingested(self) -> float:
        """Wait until every loaded record is accounted for; return after how many seconds."""
        try:
            return await_true(
                lambda: self.ingested_count() >= self.loaded_count,
                f"{self.loaded_count} records read",
                within_s=DRAIN_S_MAX,
            )
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {self.ingested_count()} were") from error

    def drain(self) -> None:
        """Let ingest read to its end and time go on, stop both, let lifecycle read to its end."""
        self.await_ingested()
        self.await_watermark(wall_clock_ms() + TIME_GOES_ON_MS)
        self.drain_journal()

    def watermark_ms(self) -> int:
        """Return the lesser watermark of the two banks by their last ticks, 0 before any."""
        clocks = [
            clock.value
            for page in self._pages()
            for clock in page.select("cardcue_watermark_timestamp_seconds")
        ]
        return round(min(clocks) * 1000) if clocks else 0

    def await_watermark(self, at_ms: int) -> None:
        """Wait until a tick has said that every source was read up to this time."""
        await_true(lambda: self.watermark_ms() >= at_ms, "the watermark")

    def drain_journal(self) -> None:
        """Stop every worker, and read the journal, which grows no more, to its end."""
        names = [worker.name for worker in self.workers.values() if worker.at_work] or ["last"]
        self.stop_workers()
        for name in names:
            self.worker(name, only="lifecycle")
        self.await_journal_read()
        self.stop_workers()

    def await_journal_read(self) -> None:
        """Wait until lifecycle has folded and committed all that is in the journal."""
        await_true(self._journal_read, "the journal read to its end", within_s=DRAIN_S_MAX)

    def stop_workers(self) -> None:
        """Ask every running worker to stop, and wait; all of them are up, so that none is torn."""
        for worker in self.workers.values():
            if worker.at_work:
                await_true(lambda worker=worker: worker.page() is not None, f"{worker.name} up")
        running = [worker for worker in self.workers.values() if worker.at_work]
        for worker in running:
            worker.ask_to_stop()
        assert [0] * len(running) == [worker.await_stopped() for worker in running]

    def judge(self, campaigns: Path | None = CAMPAIGNS) -> Report:
        """Hand the log to the checker and return what it found."""
        report = check_kafka(self.bootstrap, Names(), campaigns)
        sys.stdout.write(f"{report}\n")
        return report

    def exit_codes(self) -> list[int]:
        """Return how processes ended that were not asked to stop, over all workers."""
        codes = [code for worker in self.workers.values() for code in worker.exit_codes]
        return sorted(code for code in codes if code != 0)

    def _clear(self) -> None:
        """Delete what an earlier stand has left on the broker."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap})

        def left() -> list[str]:
            names = admin.list_topics(timeout=END_S_MAX).topics
            return [name for name in names if not name.startswith("__")]

        if names := left():
            for answer in admin.delete_topics(names).values():
                answer.result()
            await_true(lambda: not left(), "every topic of the last stand deleted")

    def _pages(self) -> list[Page]:
        """Return what the running workers tell, those that answer."""
        pages = [worker.page() for worker in self.workers.values() if worker.at_work]
        return [page for page in pages if page is not None]

    def _journal_read(self) -> bool:
        """Whether the running workers own every journal partition and have folded all there is."""
        pages = [worker.page() for worker in self.workers.values() if worker.at_work]
        lag_counts = []
        for page in pages:
            if page is None:
                return False
            lag_counts += page.select("cardcue_consumer_lag_records")
            lag_counts += page.select("cardcue_slice_backlog_records")
        partitions = {lag.labels["partition"] for lag in lag_counts if "partition" in lag.labels}
        return len(partitions) == self.settings.journal_partition_count and not any(
            lag.value for lag in lag_counts
        )
