"""
Read a record of a trigger topic: a trigger, a cancellation, or what a gateway cannot act upon.

Nothing is raised: a record that nobody can read must not hold up those behind it.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from cli.gateway.settings import GatewaySettings
from schemas.codec import decode_trigger
from schemas.decisions import Trigger
from schemas.incoming import CUSTOMER_TOKEN_LENGTH_MAX
from schemas.records import SourceRecord


Reason = Literal[
    "TOMBSTONE",
    "UNREADABLE",
    "UNKNOWN_TYPE",
    "UNKNOWN_VERSION",
    "UNKNOWN_TENANT",
    "BAD_IDENTITY",
    "BAD_TIME",
    "WRONG_CHANNEL",
    "UNKNOWN_CLASS",
]
TRIGGER_TYPE: Final = "trigger.requested.v1"
CANCELLED_TYPE: Final = "trigger.cancelled.v1"
VERSION: Final = 1
TIME_MS_MAX: Final = 2**53
TOKEN_LENGTH_MAX: Final = 128


class Identity(NamedTuple):
    """Whom a record is about and which contact: what every answer echoes (SEMANTICS G1)."""

    tenant: str
    customer_token: str
    trigger_id: str


class Requested(NamedTuple):
    """A trigger that can be acted upon, and its bytes."""

    trigger: Trigger
    value: bytes

    @property
    def identity(self) -> Identity:
        """Whom it is about."""
        return Identity(self.trigger.tenant, self.trigger.customer_token, self.trigger.trigger_id)


class Cancelled(NamedTuple):
    """The house takes a trigger back; `customer_token` "" where only the trigger is named."""

    identity: Identity
    reason_code: str


class Unreadable(NamedTuple):
    """What cannot be acted upon; `identity` is None where it cannot even be answered."""

    reason: Reason
    identity: Identity | None = None
    key: str = ""


Read: TypeAlias = Requested | Cancelled | Unreadable


class Reader:
    """Reads the records of one gateway's topic."""

    def __init__(self, settings: GatewaySettings, tenants: Collection[str]) -> None:
        """Prepare for a channel and the tenants of the house."""
        self._settings = settings
        self._tenants = frozenset(tenants)

    def read(self, record: SourceRecord) -> Read:
        """Return what the record says."""
        headers = {name: raw or b"" for name, raw in record.headers}  # Kafka has null headers
        kind = headers.get("ce_type", b"").decode(errors="replace") or TRIGGER_TYPE
        if record.value is None:
            return Unreadable("TOMBSTONE")
        if kind == CANCELLED_TYPE:
            return self._cancelled(record, headers, record.value)
        if kind != TRIGGER_TYPE:
            return Unreadable("UNKNOWN_TYPE")
        return self._requested(record.value)

    def _requested(self, value: bytes) -> Read:
        try:
            trigger = decode_trigger(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._unreadable("UNREADABLE", value)
        reason = self._fault(trigger)
        return self._unreadable(reason, value) if reason else Requested(trigger, value)

    def _fault(self, trigger: Trigger) -> Reason | None:
        """Return why a trigger cannot be acted upon though it can be read."""
        times = (trigger.issued_at_ms, trigger.not_before_ms, trigger.expires_at_ms)
        faults: tuple[tuple[bool, Reason], ...] = (
            (trigger.v != VERSION, "UNKNOWN_VERSION"),
            (trigger.tenant not in self._tenants, "UNKNOWN_TENANT"),
            (self._identity(Requested(trigger, b"").identity) is None, "BAD_IDENTITY"),
            (not 1 <= len(trigger.idempotency_key) <= TOKEN_LENGTH_MAX, "BAD_IDENTITY"),
            (not all(0 <= time <= TIME_MS_MAX for time in times), "BAD_TIME"),
            (trigger.channel != self._settings.channel, "WRONG_CHANNEL"),
            (not self._settings.port_of(trigger.message_class), "UNKNOWN_CLASS"),
        )
        return next((reason for faulty, reason in faults if faulty), None)

    def _unreadable(self, reason: Reason, value: bytes) -> Unreadable:
        """Return a fault with whatever can be said of whom it concerns."""
        found = _object(value)
        named = Identity(*(_text(found, name) for name in Identity._fields))
        identity = self._identity(named)
        return Unreadable(reason, identity, _text(found, "idempotency_key")[:TOKEN_LENGTH_MAX])

    def _cancelled(self, record: SourceRecord, headers: Mapping[str, bytes], value: bytes) -> Read:
        """Return a cancellation; whose it is stands in the body, the headers or the key."""
        found = _object(value)
        tenant, _, customer_token = (record.key or b"").decode(errors="replace").partition("|")
        named = Identity(
            _text(found, "tenant") or _header(headers, "ce_tenantid") or tenant,
            _text(found, "customer_token") or _header(headers, "ce_subject") or customer_token,
            _text(found, "trigger_id"),
        )
        if self._identity(named) is None:
            return Unreadable("UNREADABLE")
        return Cancelled(named, _text(found, "reason_code"))

    def _identity(self, named: Identity) -> Identity | None:
        """Return who is named, None unless ingest would take an answer about them."""
        token = named.customer_token
        plain = token.isascii() and token.isprintable() and "|" not in token
        good = (
            named.tenant in self._tenants
            and plain
            and 1 <= len(token) <= CUSTOMER_TOKEN_LENGTH_MAX
            and 1 <= len(named.trigger_id) <= TOKEN_LENGTH_MAX
            and named.trigger_id.isprintable()
        )
        return named if good else None


def _object(value: bytes) -> Mapping[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    try:
        found = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _header(headers: Mapping[str, bytes], name: str) -> str:
    return headers.get(name, b"").decode(errors="replace")
