"""A gateway without Kafka: its records are handed in, its answers kept, its clock moved by hand."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from cli.gateway import answers
from cli.gateway.book import Book
from cli.gateway.desk import Desk
from cli.gateway.intake import Intake
from cli.gateway.meters import Meters
from cli.gateway.provider import Outbound, Provider
from cli.gateway.settings import GatewaySettings, SenderPort, Simulated
from cli.gateway.simulated import SimulatedProvider
from cli.gateway.store import Store
from cli.gateway.templates import Templates
from schemas.codec import customer_key, encode_json
from schemas.decisions import Trigger
from schemas.records import OutputRecord, StoredRecord
from schemas.routing import SourceBinding
from schemas.template import Template


T0: Final = 1_772_414_100_000  # 2026-03-02T01:15:00Z
SECOND: Final = 1_000
HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
TENANTS: Final = ("bank-a", "bank-b")
TOPIC: Final = "marketing.triggers.sms.v1"
CONTROL: Final = "marketing.control.v1"
FINAL: Final = frozenset(
    {"delivered", "failed", "expired", "rejected", "cancelled", "unknown", "blocked_optout"}
)
"""How a message can end."""
TEXTS: Final = Templates(
    {
        ("hello", 1): Template(id="hello", version=1, channel="sms", text="Your card waits."),
        ("bill", 1): Template(
            id="bill", version=1, channel="sms", text="{amount} {currency} is due {due_date}."
        ),
        ("banner", 1): Template(id="banner", version=1, channel="push", text="Hello."),
    }
)


class CrashError(Exception):
    """The gateway's process ends here."""


class Fuse:
    """Counts the steps at which a process can end, and ends it at one of them."""

    def __init__(self) -> None:
        """Let everything pass."""
        self.count = 0
        self.blows_at: int | None = None
        self.steps: list[str] = []

    def pass_by(self, step: str) -> None:
        """Take a step, or crash."""
        self.count += 1
        self.steps.append(step)
        if self.blows_at == self.count:
            self.blows_at = None
            raise CrashError(step)


class FusedStore(Store):
    """A store on whose way to the disk, and after it, the process can end."""

    def __init__(self, path: str, fuse: Fuse) -> None:
        """Open the file."""
        self._fuse = fuse
        super().__init__(path)

    @contextmanager
    def transaction(self) -> Iterator[None]:  # type: ignore[explicit-override]
        """As the store's."""
        with super().transaction():
            yield
            self._fuse.pass_by("before commit")
        self._fuse.pass_by("after commit")


def own_settings(folder: Path, **chosen: object) -> GatewaySettings:
    """Return a gateway's settings; ports so fast that nobody waits for a token."""
    fast: dict[str, Any] = {"per_second": 1_000, "burst_count": 1_000}
    ports = (
        SenderPort(name="marketing", message_classes=("marketing",), **fast),
        SenderPort(name="service", message_classes=("servicing", "mandatory"), **fast),
    )
    everything: dict[str, Any] = {
        "channel": "sms",
        "store": str(folder / "store.db"),
        "templates": str(folder),
        "ports": ports,
        **chosen,
    }
    return GatewaySettings(**everything)


def trigger(number: int = 1, **chosen: object) -> Trigger:
    """Return the trigger of that number: marketing of bank-a, for an hour from T0 on."""
    fields: dict[str, Any] = {
        "trigger_id": f"trigger-{number}",
        "idempotency_key": f"trigger-{number}",
        "decision_id": f"decision-{number}",
        "tenant": "bank-a",
        "customer_token": f"c-{number}",
        "card_token": f"card-{number}",
        "trigger_type": "activation_nudge",
        "message_class": "marketing",
        "purpose": "marketing",
        "consent_ref": "consent-1",
        "campaign_id": "activation",
        "policy_version": 1,
        "policy_hash": "hash",
        "step": "first",
        "channel": "sms",
        "template_id": "hello",
        "template_version": 1,
        "variables": {},
        "issued_at_ms": T0,
        "not_before_ms": T0,
        "expires_at_ms": T0 + HOUR,
        "priority": 50,
        "on_unknown": "drop",
        **chosen,
    }
    return Trigger(**fields)


def mandatory(number: int = 1, **chosen: object) -> Trigger:
    """Return a trigger that must arrive."""
    must = {"message_class": "mandatory", "on_unknown": "retry_same_key", "campaign_id": "notice"}
    return trigger(number, **{**must, **chosen})


class World:
    """One gateway over one file, its provider, and what the broker has."""

    def __init__(self, folder: Path, *, simulated: Simulated | None = None, **own: object) -> None:
        """Start it at T0."""
        self.now_ms = T0
        self.own = own_settings(folder, **own)
        self.fuse = Fuse()
        self.meters = Meters()
        self.produced: list[OutputRecord] = []
        self.looks: list[Callable[[Outbound], None]] = []
        """Called before the provider takes a message."""
        self.simulated = SimulatedProvider(simulated or Simulated(), self.clock, self._at_provider)
        self.provider: Provider = self.simulated
        self.texts = TEXTS
        self.log: list[StoredRecord] = []
        self.taken_count = 0
        self._control_count = 0
        self.start()

    def start(self) -> None:
        """Open the file and settle what a crash has left."""
        self.store = FusedStore(self.own.store, self.fuse)
        book = Book(self.store, self.own, self.clock, self.meters)
        bindings = (SourceBinding(topic=CONTROL),)
        self.intake = Intake(book, self.texts, TENANTS, bindings)
        self.desk = Desk(book, self.provider, self.texts, TENANTS)
        self.desk.recover()

    def restart(self) -> None:
        """End the process as kill -9 does, and start it again; the rest of the log comes again."""
        self.store.close()
        self.start()
        self.take()

    def clock(self) -> int:
        """Return the wall clock."""
        return self.now_ms

    def send(self, *triggers: Trigger) -> None:
        """Put triggers into the log, and let the gateway take them."""
        for one in triggers:
            headers = [("ce_type", b"trigger.requested.v1")]
            key = customer_key(one.tenant, one.customer_token)
            self.append(encode_json(one), headers, key)
        self.take()

    def cancel(self, one: Trigger, reason: str = "OPTED_OUT") -> None:
        """Let the house take a trigger back."""
        body = {"trigger_id": one.trigger_id, "reason_code": reason, "cancelled_at_ms": self.now_ms}
        headers = [
            ("ce_type", b"trigger.cancelled.v1"),
            ("ce_tenantid", one.tenant.encode()),
            ("ce_subject", one.customer_token.encode()),
        ]
        key = customer_key(one.tenant, one.customer_token)
        self.append(json.dumps(body).encode(), headers, key)
        self.take()

    def append(
        self,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
        key: bytes | None = None,
    ) -> None:
        """Put any record into the log."""
        offset = len(self.log)
        self.log.append(StoredRecord(TOPIC, 0, offset, self.now_ms, key, value, headers))

    def take(self) -> None:
        """Let the gateway take what it has not committed."""
        fresh = self.log[self.taken_count :]
        if fresh:
            self.intake.take(fresh)
            self.taken_count += len(fresh)

    def switch(
        self, *, engaged: bool, tenant: str = "bank-a", campaign: str = "", event_id: str = ""
    ) -> None:
        """Let somebody set a kill switch."""
        self._control_count += 1
        headers = {
            "ce_type": "kill_switch.set.v1",
            "ce_id": event_id or f"switch-{self._control_count}",
            "ce_source": "ops",
            "ce_time": "2026-03-02T01:15:00Z",
            "ce_tenantid": tenant,
            "ce_specversion": "1.0",
        }
        body = json.dumps({"engaged": engaged, "campaign_id": campaign}).encode()
        pairs = [(name, text.encode()) for name, text in headers.items()]
        record = StoredRecord(CONTROL, 0, self._control_count, self.now_ms, None, body, pairs)
        self.intake.take_control([record], {(CONTROL, 0): self._control_count + 1})

    def turn(self) -> None:
        """Let the gateway do once what is due, and tell it."""
        self.desk.switches_read(self.now_ms)
        self.desk.turn()
        self.tell()

    def run(self, for_ms: int = 2 * SECOND, step_ms: int = 100) -> None:
        """Let time go by, a turn each step, the last of them at the end of it."""
        end_ms = self.now_ms + for_ms
        while self.now_ms < end_ms:
            self.now_ms = min(end_ms, self.now_ms + step_ms)
            self.turn()

    def tell(self) -> None:
        """Produce what is stored, and mark it."""
        outgoing = self.store.unsent(1_000)
        if outgoing:
            self.fuse.pass_by("before produce")
            self.produced += [answers.record(one, self.own.channel) for one in outgoing]
            self.fuse.pass_by("after produce")
            with self.store.transaction():
                self.store.mark_sent(outgoing)

    def kept(self) -> list[tuple[str, bytes | None]]:
        """Return reason and bytes of every record that was refused, as an operator would look."""
        with closing(sqlite3.connect(self.own.store)) as sql:
            return sql.execute("SELECT reason, value FROM refused ORDER BY offset").fetchall()

    def told(self, number: int = 1) -> list[str]:
        """Return the statuses told of a trigger, each receipt once, in order."""
        seen: dict[str, str] = {}
        for body in self.receipts():
            if body["trigger_id"] == f"trigger-{number}":
                seen[body["receipt_id"]] = body["status"]
        return list(seen.values())

    def receipts(self) -> list[dict[str, Any]]:
        """Return the body of every receipt that was produced, repeats too."""
        bodies = [json.loads(one.value or b"") for one in self.produced]
        return [body for body in bodies if "receipt_id" in body]

    def responses(self) -> list[dict[str, Any]]:
        """Return the body of every response that was produced."""
        bodies = [json.loads(one.value or b"") for one in self.produced]
        return [body for body in bodies if "response_id" in body]

    def sent(self) -> Counter[str]:
        """Return how often the provider has each key."""
        return Counter(one.key for one in self.simulated.taken)

    def _at_provider(self, when: str, message: Outbound) -> None:
        if when == "before":
            for look in self.looks:
                look(message)
        self.fuse.pass_by(f"{when} provider")
