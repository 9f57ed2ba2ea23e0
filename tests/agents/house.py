"""
A house for the tests of real workers: one broker, its topics, processes that are not restarted.

Small, so that a worker is ready within a second or two; everything else is as in production.
"""

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import msgspec
import yaml
from confluent_kafka import KafkaError, Message, Producer

from schemas.routing import STATE_TOPICS
from streams.settings import Settings
from streams.topics import create_topics
from tests.checker.log_reader import LogRecord, read_topics
from tests.kafka_server import ROOT
from tests.proof.workers import WORKER, Worker, await_true


TENANT: Final = "bank-a"
SETTINGS: Final = {
    "app_id": "house",
    "tenants": [TENANT],
    "source_partition_count": 2,
    "output_partition_count": 2,
    "journal_partition_count": 4,
    "ingest_task_count": 2,
    "lifecycle_task_count": 2,
    "learning_task_count": 1,
    "insight_task_count": 1,
    "session_timeout_ms": 4_000,
    "log_level": "info",
}
ALL_TASKS: Final = frozenset(
    {
        *(("ingest", 0), ("ingest", 1), ("clock", 0)),
        *(("lifecycle", 0), ("lifecycle", 1), ("learning", 0), ("insight", 0)),
    }
)
FOLDED: Final = (
    "cardcue_records_in_total",
    "cardcue_records_forwarded_total",
    "cardcue_records_applied_total",
    "cardcue_records_ignored_total",
)
LISTEN: Final = "0A"
"""The state of a listening socket in /proc/net/tcp."""
FLUSH_S_MAX: Final = 60.0
COMMAND_S_MAX: Final = 60.0
ANSWER_S_MAX: Final = 10.0


class LoneWorker(Worker):
    """A worker whose end is its end: nobody starts it again."""

    def start(self) -> None:  # type: ignore[explicit-override]
        """Start it."""
        super().start()
        with self._lock:
            self._supervised = False

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def await_ready(self) -> None:
        """
        Wait until it says on `/readyz` that it is ready.

        Raises:
            AssertionError: it has ended instead.
        """

        def ready() -> bool:
            assert self.running, self.last_words()
            return self.answer("/readyz")[0] == 200

        await_true(ready, f"{self.name} ready")

    def await_tasks(self, *expected: tuple[str, int]) -> None:
        """Wait until it works on exactly these tasks."""
        await_true(lambda: self.tasks() == set(expected), f"{self.name} with {expected}")

    def answer(self, path: str) -> tuple[int, str]:
        """Return status and body of one of its pages; status 0 while nobody listens."""
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=ANSWER_S_MAX) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def listening(self) -> list[tuple[str, int]]:
        """Return the addresses and ports on which its process listens, as the kernel says."""
        names = []
        for link in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # it was closed while we looked
                names.append(link.readlink().name)
        inodes = {name.removeprefix("socket:[").removesuffix("]") for name in names}
        sockets = [
            line.split()
            for kind in ("tcp", "tcp6")
            for line in Path(f"/proc/{self.pid}/net/{kind}").read_text().splitlines()[1:]
        ]
        places = [line[1].split(":") for line in sockets if line[3] == LISTEN and line[9] in inodes]
        return [
            (str(ip_address(bytes.fromhex(address)[::-1])), int(port, 16))
            for address, port in places
        ]

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.ask_to_stop()
        return self.await_stopped()


class SourcePlace(NamedTuple):
    """Where the broker has put a record, and when, in epoch milliseconds UTC."""

    partition: int
    offset: int
    timestamp_ms: int


class House:
    """
    Topics on a broker, producers upstream, and workers.

    Attributes:
        sent_count: records put into source topics so far.
    """

    def __init__(self, bootstrap: str, folder: Path) -> None:
        """Write the settings and create the topics."""
        self.bootstrap = bootstrap
        self.settings_path = folder / "settings.yaml"
        chosen = {**SETTINGS, "bootstrap": bootstrap}
        self.settings_path.write_text(yaml.safe_dump(chosen))
        self.settings = msgspec.convert(chosen, Settings)
        create_topics(self.settings)
        self.sent_count = 0
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": "murmur2_random",
                "linger.ms": 0,
                "log_level": 0,
            }
        )
        self._workers: list[LoneWorker] = []

    def __enter__(self) -> Self:
        """Return the house."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Kill what still runs."""
        for worker in self._workers:
            worker.close()

    def worker(
        self, name: str, *options: str, command: Sequence[str] = WORKER, **environ: str
    ) -> LoneWorker:
        """Start a worker with options of its command line and variables of its own."""
        worker = LoneWorker(name, self.settings_path, command=(*command, *options), environ=environ)
        worker.log = worker.log.with_name(f"{len(self._workers)}-{name}.log")
        self._workers.append(worker)
        worker.start()
        return worker

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours to its end, with the settings of the house."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**clean_environment(), "CARDCUE_SETTINGS": str(self.settings_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_S_MAX,
        )

    def send(self, topic: str, value: Mapping[str, Any] | bytes, key: str = "") -> SourcePlace:
        """Put a record of the tenant into a source topic; return where it is."""
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        stored: list[SourcePlace] = []

        def keep(error: KafkaError | None, message: Message) -> None:
            partition, offset = message.partition(), message.offset()
            assert error is None
            assert partition is not None
            assert offset is not None
            stored.append(SourcePlace(partition, offset, message.timestamp()[1]))

        self._producer.produce(
            topic,
            raw,
            key.encode(),
            headers=[("ce_tenantid", TENANT.encode())],
            on_delivery=keep,
        )
        assert self._producer.flush(FLUSH_S_MAX) == 0
        self.sent_count += 1
        return stored[0]

    def configure(self) -> None:
        """Say what time it is at the bank: where nobody knows, nobody is contacted."""
        said = {"id": "zone", "type": "tenant.configured", "occurred_at": "2026-01-01T00:00:00Z"}
        self.send("marketing.control.v1", {**said, "live_from_ms": 0, "time_zone": "UTC"}, TENANT)

    def define_models(self) -> None:
        """Put the models that ship with us into the log, by our own command."""
        files = sorted(map(str, (ROOT / "deploy" / "models").glob("*.yaml")))
        done = self.run("cli.main", "model", "define", *files, "--tenant", TENANT)
        assert done.returncode == 0, done.stderr
        self.sent_count += len(files)

    def publish(self, campaign: str) -> None:
        """Put a campaign that ships with us into the log, by our own command."""
        file = str(ROOT / "campaigns" / f"{campaign}.yaml")
        done = self.run("cli.main", "policy", "publish", file, "--tenant", TENANT)
        assert done.returncode == 0, done.stderr
        self.sent_count += 1

    def await_folded(self, *workers: LoneWorker) -> None:
        """Wait until every record sent is read by ingest, and what it forwarded is folded."""

        def folded() -> bool:
            assert all(worker.running for worker in workers), workers[0].last_words()
            read, forwarded, *ended = (
                sum(page.total(name) for worker in workers if (page := worker.page()))
                for name in FOLDED
            )
            return read == self.sent_count and forwarded == sum(ended)

        await_true(folded, f"{self.sent_count} records folded")

    def records(self, topic: str) -> list[LogRecord]:
        """Return every committed record of a topic, partition by partition."""
        return [record for part in read_topics(self.bootstrap, [topic])[topic] for record in part]

    def counts(self, fold: str) -> dict[str, int]:
        """Return the sums of the counts in the newest rows of a fold, by their keys."""
        rows = {record.key: record.value for record in self.records(STATE_TOPICS[fold])}
        totals: dict[str, int] = {}
        for key, value in rows.items():
            for name, count in _counts_in(key or b"", value or b"").items():
                totals[name] = totals.get(name, 0) + count
        return totals


def clean_environment() -> dict[str, str]:
    """Return our environment without settings of other workers."""
    return {name: text for name, text in os.environ.items() if not name.startswith("CARDCUE_")}


def _counts_in(key: bytes, value: bytes) -> dict[str, int]:
    """Return the counts in a row, written down from docs/core.md rather than by our own decoder."""
    if key.startswith(b"#counts|"):
        return msgspec.msgpack.decode(value, type=dict[str, int])
    if key.startswith(b"#source|"):
        counts: dict[str, int] = msgspec.msgpack.decode(value)[1]
        return counts
    return {}
