"""The gateway as a process on a real Kafka, killed in the middle of its work."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import pytest
import yaml
from confluent_kafka import Producer

from cli.gateway.simulated import Taken
from schemas.codec import customer_key, encode_json
from schemas.decisions import Trigger
from schemas.events import DeliveryReceipt
from schemas.incoming import SourceReader
from schemas.routing import SourceBinding
from streams.clock import wall_clock_ms
from streams.settings import Settings
from streams.topics import create_topics
from tests.checker.log_reader import LogRecord, read_topics
from tests.gateway.world import FINAL, HOUR, TENANTS, mandatory, trigger
from tests.kafka_server import ROOT, KafkaServer, free_port
from tests.proof.workers import await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

TRIGGERS: Final = "marketing.triggers.sms.v1"
RECEIPTS: Final = "gateway.receipt.v1"
CONTROL: Final = "marketing.control.v1"
PORTS: Final = [
    {"name": "marketing", "message_classes": ["marketing"], "per_second": 40, "burst_count": 5},
    {"name": "service", "message_classes": ["servicing", "mandatory"], "per_second": 40},
]
COUNT: Final = 240
STOP_S_MAX: Final = 30


class Bank:
    """A broker's topics, who writes triggers and switches, and gateways as processes."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        """Create the topics and write both settings files."""
        self.bootstrap = bootstrap
        self.folder = folder
        chosen = {
            "bootstrap": bootstrap,
            "tenants": list(TENANTS),
            "source_partition_count": 2,
            "output_partition_count": 2,
        }
        (folder / "settings.yaml").write_text(yaml.safe_dump(chosen))
        create_topics(msgspec.convert(chosen, Settings))
        (folder / "texts").mkdir()
        text = {"id": "hello", "version": 1, "channel": "sms", "text": "Your card waits."}
        (folder / "texts/hello.yaml").write_text(yaml.safe_dump(text))
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "log_level": 0}
        )

    def send(self, *triggers: Trigger) -> None:
        """Put triggers into the log, as lifecycle does."""
        for one in triggers:
            key = customer_key(one.tenant, one.customer_token)
            headers = [("ce_type", b"trigger.requested.v1")]
            self._producer.produce(TRIGGERS, encode_json(one), key, headers=headers)
        assert 0 == self._producer.flush(STOP_S_MAX)

    def engage(self, tenant: str) -> None:
        """Stop a tenant."""
        body = {"id": f"stop-{tenant}", "type": "kill_switch.set", "tenant": tenant}
        body |= {"occurred_at": "2026-03-02T01:15:00Z", "engaged": True}
        headers = [("ce_tenantid", tenant.encode())]
        self._producer.produce(CONTROL, json.dumps(body).encode(), tenant.encode(), headers=headers)
        assert 0 == self._producer.flush(STOP_S_MAX)

    def receipts(self) -> list[tuple[LogRecord, DeliveryReceipt]]:
        """Return every receipt in the log, read as the house's ingest reads it."""
        reader = SourceReader(SourceBinding(topic=RECEIPTS), TENANTS)
        found = []
        for partition in read_topics(self.bootstrap, [RECEIPTS])[RECEIPTS]:
            for one in partition:
                event = reader.read(one)  # type: ignore[arg-type] # a record with coordinates
                assert isinstance(event.record, DeliveryReceipt)
                found.append((one, event.record))
        return found

    def ends(self) -> dict[str, set[str]]:
        """Return the final statuses that were told of each trigger."""
        ends: dict[str, set[str]] = {}
        for _, one in self.receipts():
            if one.status in FINAL:
                ends.setdefault(one.trigger_id, set()).add(one.status)
        return ends


class Running:
    """A gateway's process; killed at the end of the block, if it has not ended."""

    def __init__(self, bank: Bank, name: str = "store") -> None:
        """Start it over a store of that name."""
        self.ledger = bank.folder / "ledger"
        self.port = free_port()
        own: dict[str, Any] = {
            "channel": "sms",
            "store": f"{name}.db",
            "templates": "texts",
            "ports": PORTS,
            "http_port": self.port,
            "retry_after_ms": 500,
            "simulated": {"report_delay_ms": 200, "ledger": "ledger"},
        }
        path = bank.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(own))
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CARDCUE_")}
        self.log = bank.folder / f"{name}.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "gateway", "--settings", str(path)],
                cwd=ROOT,
                env={**clean, "CARDCUE_SETTINGS": str(bank.folder / "settings.yaml")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it."""
        self.kill()

    def taken(self) -> list[Taken]:
        """Return what the provider has, by its own ledger."""
        if not self.ledger.exists():
            return []
        lines = self.ledger.read_bytes().rpartition(b"\n")[0].splitlines()
        taken = [line for line in lines if b'"type":"taken"' in line]
        return [msgspec.json.decode(line, type=Taken) for line in taken]

    def await_taken(self, count: int) -> None:
        """Wait until the provider has so many."""

        def there() -> bool:
            assert self._process.poll() is None, self.log.read_text()[-2_000:]
            return len(self.taken()) >= count

        await_true(there, f"{count} messages at the provider")

    def page(self, path: str) -> tuple[int, str]:
        """Return status and text of a page; 0 while nobody listens."""
        with contextlib.suppress(OSError):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()
        return 0, ""

    def halved(self) -> bool:
        """Return whether it says that it has one partition of two."""
        wanted = f"wanted all 2 partitions of {TRIGGERS}, found 1\n"
        return self.page("/readyz") == (503, wanted)

    def received(self) -> int:
        """Return how many triggers it has received."""
        page = self.page("/metrics")[1]
        found = re.search(r"^cardcue_gateway_received_total (\S+)$", page, re.MULTILINE)
        return int(float(found[1])) if found else 0

    def kill(self) -> None:
        """End it in the middle of what it does."""
        self._process.kill()
        self._process.wait(STOP_S_MAX)

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_S_MAX)


@pytest.fixture
def bank(own_kafka: KafkaServer, tmp_path: Path) -> Bank:
    """Return topics with their real names on a broker of their own."""
    return Bank(own_kafka.bootstrap, tmp_path)


def story() -> list[Trigger]:
    """Return marketing and mandatory of two tenants, every tenth of them twice."""
    now_ms = wall_clock_ms()
    told = []
    for number in range(COUNT):
        chosen = {
            "tenant": TENANTS[number % 2],
            "customer_token": f"c-{number % 17}",
            "issued_at_ms": now_ms,
            "not_before_ms": now_ms,
            "expires_at_ms": now_ms + HOUR,
        }
        make = trigger if number % 4 < 2 else mandatory
        told += [make(number, **chosen)] * (2 if number % 10 == 0 else 1)
    return told


def test_killed_gateway_sends_marketing_once_and_ends_everything_once(bank: Bank) -> None:
    """
    Killed (-9) at a quarter and at a half of its work, and started again over the same store.

    By the provider's own ledger no marketing message was submitted twice; by the receipts in the
    log every trigger has ended once; unknown are at most as many as there were kills.
    """
    bank.send(*story())
    for count in (COUNT // 4, COUNT // 2):
        with Running(bank) as running:
            running.await_taken(count)
            running.kill()
    with Running(bank) as running:
        await_true(lambda: len(bank.ends()) == COUNT, f"{COUNT} triggers ended")
        page = running.page("/metrics")[1]
        assert (200, "ready\n") == running.page("/readyz")
        assert 0 == running.stop()
        keys = Counter(one.key for one in running.taken())
    ends = bank.ends()

    marketing = {f"trigger-{number}" for number in range(COUNT) if number % 4 < 2}
    assert max(keys[key] for key in marketing) == 1
    assert all(len(found) == 1 for found in ends.values())
    assert {"delivered"} == set().union(*(ends[k] for k in ends.keys() - marketing))
    assert 2 >= sum(found == {"unknown"} for found in ends.values())
    assert "cardcue_gateway_waiting 0.0" in page


def test_kill_switch_is_answered_within_five_seconds(bank: Bank) -> None:
    """From the switch in the log to `cancelled` in the log, by the broker's own clock (O6)."""
    now_ms = wall_clock_ms()
    late = {"not_before_ms": now_ms + HOUR, "expires_at_ms": now_ms + 2 * HOUR}
    bank.send(*(trigger(number, issued_at_ms=now_ms, **late) for number in range(100)))
    with Running(bank) as running:
        await_true(lambda: len(bank.receipts()) == 100, "100 accepted")
        bank.engage("bank-a")
        await_true(lambda: len(bank.ends()) == 100, "100 cancelled")
        assert 0 == running.stop()
    switched_ms = max(
        one.timestamp for part in read_topics(bank.bootstrap, [CONTROL])[CONTROL] for one in part
    )
    cancelled = [record for record, one in bank.receipts() if one.status == "cancelled"]

    assert 100 == len(cancelled)
    assert max(record.timestamp for record in cancelled) - switched_ms <= 5_000


def test_two_gateways_in_one_group_take_nothing(bank: Bank) -> None:
    """
    Each has half of the topic and a store of its own: both wait, and say for what.

    When one has left, the other takes every record: the first has taken none.
    """
    records = story()
    with Running(bank) as one, Running(bank, "other") as other:
        await_true(one.halved, "a halved topic")
        await_true(other.halved, "a halved topic")
        bank.send(*records)
        assert 0 == other.stop()
        await_true(lambda: one.received() == len(records), f"{len(records)} records received")
        assert 0 == one.stop()
