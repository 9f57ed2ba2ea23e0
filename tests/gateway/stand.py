"""A bank's topics on a real Kafka, and gateways as processes over them."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import yaml
from confluent_kafka import Producer

from cli.gateway.simulated import Taken
from schemas.codec import customer_key, encode_json
from schemas.decisions import Trigger
from schemas.events import DeliveryReceipt
from schemas.incoming import SourceReader
from schemas.routing import SourceBinding
from streams.settings import Settings
from streams.topics import create_topics
from tests.checker.log_reader import LogRecord, read_topics
from tests.gateway.world import FINAL, TENANTS
from tests.kafka_server import ROOT, free_port
from tests.proof.workers import await_true


TRIGGERS: Final = "marketing.triggers.sms.v1"
RECEIPTS: Final = "gateway.receipt.v1"
CONTROL: Final = "marketing.control.v1"
PORTS: Final = [
    {"name": "marketing", "message_classes": ["marketing"], "per_second": 40, "burst_count": 5},
    {"name": "service", "message_classes": ["servicing", "mandatory"], "per_second": 40},
]
CANCELLED: Final = b"trigger.cancelled.v1"
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

    def cancel(self, one: Trigger, reason: str) -> None:
        """Take a trigger back, as lifecycle does."""
        body = {"trigger_id": one.trigger_id, "reason_code": reason, "tenant": one.tenant}
        key = customer_key(one.tenant, one.customer_token)
        headers = [("ce_type", CANCELLED)]
        self._producer.produce(TRIGGERS, json.dumps(body).encode(), key, headers=headers)
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

    def cancelled_at_ms(self) -> dict[str, int]:
        """Return when `cancelled` was told of each trigger, by the broker's clock."""
        return {
            one.trigger_id: record.timestamp
            for record, one in self.receipts()
            if one.status == "cancelled"
        }

    def asked_at_ms(self) -> dict[str, int]:
        """Return when each trigger was taken back, and under the topic's name the last switch."""
        topics = read_topics(self.bootstrap, [TRIGGERS, CONTROL])
        asked = {
            json.loads(record.value or b"")["trigger_id"]: record.timestamp
            for part in topics[TRIGGERS]
            for record in part
            if ("ce_type", CANCELLED) in record.headers
        }
        switches = (record.timestamp for part in topics[CONTROL] for record in part)
        return {**asked, CONTROL: max(switches)}

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
