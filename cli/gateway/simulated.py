"""
Stand in for a provider: what becomes of a submission is drawn from its seed, key and attempt.

Like SMS it has no idempotency: the same key twice is two messages. Its ledger outlives the
gateway, as a provider does.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from cli.gateway.provider import (
    Accepted,
    Answer,
    Busy,
    DeliveryReport,
    FateUnknownError,
    Outbound,
    Refused,
    Reply,
    Report,
)
from cli.gateway.settings import PPM, Simulated


Fate = Literal["failed", "busy", "refused", "silent", "stop", "lost", "unreachable", "delivered"]
DRAWN: Final[tuple[Fate, ...]] = (
    "failed",
    "busy",
    "refused",
    "silent",
    "stop",
    "lost",
    "unreachable",
)
"""In the order in which shares are laid beside each other."""

REPORTS_MAX: Final = 200
"""How many reports are told at once."""


class Taken(Struct, frozen=True, kw_only=True, tag="taken"):
    """A line of the ledger: a message that the provider has."""

    gateway_msg_id: str
    key: str
    tenant: str
    port: str
    at_ms: int
    expires_at_ms: int
    fate: Fate


class Confirmed(Struct, frozen=True, kw_only=True, tag="confirmed"):
    """A line of the ledger: a report that the gateway has stored."""

    report_id: str


_decode: Final = msgspec.json.Decoder(Taken | Confirmed).decode


class SimulatedProvider:
    """The provider (port: `cli.gateway.provider.Provider`)."""

    def __init__(
        self,
        settings: Simulated,
        clock: Callable[[], int],
        failing: Callable[[str, Outbound], None] = lambda _when, _message: None,
    ) -> None:
        """Read the ledger; `failing` is called "before" and "after" taking, and may raise."""
        self._settings = settings
        self._clock = clock
        self._failing = failing
        self.taken: list[Taken] = []
        """Every message that it has, in order."""
        self._open: dict[str, Report] = {}
        self._ledger = Path(settings.ledger) if settings.ledger else None
        for line in _lines(self._ledger):
            self._read(line)

    def submit(self, message: Outbound) -> Answer:
        """Take a message, or not, as the draw says."""
        self._failing("before", message)
        fate = self._drawn(message)
        if fate == "busy":
            return Busy(self._settings.busy_for_ms)
        if fate == "refused":
            return Refused("SIMULATED")
        if fate == "unreachable":
            raise FateUnknownError("wanted an answer, found none")
        gateway_msg_id = _hash(f"{self._settings.seed}|{message.tenant}|{message.key}", message)
        taken = Taken(
            gateway_msg_id=gateway_msg_id[:32],
            key=message.key,
            tenant=message.tenant,
            port=message.port,
            at_ms=self._clock(),
            expires_at_ms=message.expires_at_ms,
            fate=fate,
        )
        self._write(taken)
        self._failing("after", message)
        if fate == "lost":
            raise FateUnknownError("wanted an answer, found none")
        return Accepted(taken.gateway_msg_id)

    def reports(self) -> Sequence[Report]:
        """Return what is due by now."""
        now_ms = self._clock()
        due = [report for report in self._open.values() if report.at_ms <= now_ms]
        return sorted(due, key=lambda report: report.at_ms)[:REPORTS_MAX]

    def confirm(self, reports: Sequence[Report]) -> None:
        """Forget these."""
        for report in reports:
            self._write(Confirmed(report_id=report.report_id))

    def _drawn(self, message: Outbound) -> Fate:
        """Return the fate of a submission: the same seed, key and attempt, the same fate."""
        place = int(_hash(str(self._settings.seed), message)[:16], 16) % PPM
        for fate in DRAWN:
            place -= int(getattr(self._settings, f"{fate}_ppm"))
            if place < 0:
                return fate
        return "delivered"

    def _write(self, line: Taken | Confirmed) -> None:
        if self._ledger is not None:
            with self._ledger.open("ab") as ledger:
                ledger.write(msgspec.json.encode(line) + b"\n")
        self._read(line)

    def _read(self, line: Taken | Confirmed) -> None:
        if isinstance(line, Confirmed):
            self._open.pop(line.report_id, None)
            return
        self.taken.append(line)
        for report in self._reports_of(line):
            self._open[report.report_id] = report

    def _reports_of(self, taken: Taken) -> Iterator[Report]:
        """Yield what will be told of a message: as CMPP does, by the provider's own id."""
        identity, at_ms = taken.gateway_msg_id, taken.at_ms + self._settings.report_delay_ms
        if taken.fate == "silent":
            return
        if taken.fate == "failed":
            yield DeliveryReport(f"{identity}.report", identity, at_ms, "failed", "UNDELIV")
            return
        yield DeliveryReport(f"{identity}.report", identity, at_ms, "delivered", "DELIVRD", 1)
        if taken.fate == "stop":
            at_ms += self._settings.report_delay_ms
            yield Reply(f"{identity}.reply", identity, at_ms, "optout")


def _hash(seed: str, message: Outbound) -> str:
    """Return 64 hexadecimal digits for a submission."""
    text = f"{seed}|{message.attempt}|{message.key}"
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(ledger: Path | None) -> Iterator[Taken | Confirmed]:
    """Yield the lines of a ledger; the last may be torn by a crash."""
    if ledger is None or not ledger.exists():
        return
    whole, _, torn = ledger.read_bytes().rpartition(b"\n")
    if torn:
        ledger.write_bytes(whole + b"\n")
    for line in whole.splitlines():
        yield _decode(line)
