"""
Read one source record under its binding: attributes and typed fields, or a refusal with a reason.

The steps are those of docs/core.md section 1: form, type, tenant, customer, time, own fields. This
is the hottest path of the house: no dict is built of a value, and nothing is looked at twice
unless it is about to be refused.
"""

from collections.abc import Collection
from typing import Final

import msgspec
from msgspec import Raw, Struct

from schemas.attributes import attributes_of_body, attributes_under_headers, header_text
from schemas.events import AnyEvent, DeliveryReceipt, PolicyPublished
from schemas.records import SourceRecord
from schemas.rejects import RejectedError
from schemas.rfc3339 import epoch_ms
from schemas.routing import SourceBinding
from schemas.wire import UNREADABLE, EventKind, event_kinds, own_fields


VALUE_BYTES_MAX: Final = 65_536
CUSTOMER_TOKEN_LENGTH_MAX: Final = 128
FUTURE_MS_MAX: Final = 600_000
"""How far event time may be ahead of its record's timestamp."""


class _Echo(Struct, gc=False):
    """What a receipt must echo beside tenant and customer (SEMANTICS G1)."""

    trigger_id: str | None = None


_decode_echo: Final = msgspec.json.Decoder(_Echo).decode


class Incoming(Struct, frozen=True, gc=False):
    """
    A source record as it was understood.

    `customer_token` is "" for what concerns a tenant or a partition. `occurred_at_ms` is event
    time in epoch milliseconds UTC, floored.
    """

    kind: EventKind
    tenant: str
    customer_token: str
    occurred_at_ms: int
    event_id: str
    event_source: str
    record: AnyEvent


class SourceReader:
    """Reads the records of one source topic."""

    def __init__(self, binding: SourceBinding, tenants: Collection[str]) -> None:
        """Prepare for `binding`; `tenants` are those that a trusted producer may name."""
        self._bound = "" if binding.tenant == "*" else binding.tenant
        self._tenants = frozenset(tenants)
        self._contract = binding.contract or binding.topic
        self._live = binding.time_source == "append"
        self._kinds = event_kinds()

    def read(self, record: SourceRecord) -> Incoming:
        """
        Return the record as understood.

        Raises:
            RejectedError: with the reason; `tenant` where it is known.

        """
        tenant = self._bound
        try:
            value = _value(record)
            in_header: str | None = None
            if record.headers:
                headers = dict(record.headers)  # of a repeated name the last counts
                in_header = header_text(headers, "ce_tenantid")
                event = attributes_under_headers(headers, value, self._contract)
            else:
                event = attributes_of_body(value, self._contract)
            kind = self._kinds.get(event.event_type)
            if kind is None or kind.topic not in (self._contract, "*"):
                raise _misplaced(event.event_type)
            tenant = self._tenant(kind, in_header, event.tenant)
            customer_token = _customer(kind, event.customer_token)
            occurred_at_ms = epoch_ms(event.event_time)
            if occurred_at_ms > record.timestamp + FUTURE_MS_MAX and self._has_time(record):
                raise _future()
            content = _content(kind, event.content, tenant)
        except RejectedError as refusal:
            refusal.tenant = tenant
            raise
        return Incoming(
            kind,
            tenant,
            customer_token,
            occurred_at_ms,
            event.event_id,
            event.event_source,
            content,
        )

    def _has_time(self, record: SourceRecord) -> bool:
        """
        Return whether the record's timestamp bounds its event time.

        A history's is when it was written or when the event was, so a date like 2099-12-31 among
        it is a mistake; believed, it would carry the tenant's clocks there for good. 0 or -1 is
        no time.
        """
        return self._live or record.timestamp > 0

    def _tenant(self, kind: EventKind, in_header: str | None, in_body: str | None) -> str:
        """Return whose record it is: the binding decides, whoever else names one must agree."""
        named = in_header or in_body
        if not named:
            if self._bound:
                return self._bound
            if kind.shape is DeliveryReceipt:
                raise RejectedError("NO_ROUTE", "wanted the tenant of a receipt, found none")
            raise RejectedError("TENANT_UNKNOWN", "wanted a tenant, found none")
        if in_header and in_body and in_header != in_body:
            raise RejectedError("TENANT_MISMATCH", "wanted one tenant, found two")
        if self._bound:
            if named != self._bound:
                raise RejectedError("TENANT_MISMATCH", "wanted the topic's tenant, found another")
            return self._bound
        if named not in self._tenants:
            raise RejectedError("TENANT_UNKNOWN", "wanted a configured tenant, found another")
        return named


def _value(record: SourceRecord) -> bytes:
    """Return the record's bytes, if they are worth a look."""
    value = record.value
    if value is None:
        raise RejectedError("TOMBSTONE_UNEXPECTED", "wanted a value, found a tombstone")
    if len(value) > VALUE_BYTES_MAX:
        found = f"found {len(value)}"
        raise RejectedError("TOO_LARGE", f"wanted up to {VALUE_BYTES_MAX} bytes, {found}")
    if not value.isascii():
        try:
            value.decode()  # a decoder does not look into fields that it skips
        except UnicodeDecodeError:
            raise RejectedError("NOT_JSON", "wanted JSON in UTF-8, found other bytes") from None
    return value


def _misplaced(event_type: str) -> RejectedError:
    """Return why an event of this type cannot be read from this topic."""
    if event_type in event_kinds():
        return RejectedError("WRONG_TOPIC", "wanted the topic of this event type, found another")
    _, dot_v, version = event_type.rpartition(".v")
    if dot_v and version.isascii() and version.isdigit() and version != "1":
        return RejectedError("UNSUPPORTED_VERSION", "wanted version 1 of an event, found another")
    return RejectedError("UNKNOWN_TYPE", "wanted a declared event type, found another")


def _future() -> RejectedError:
    wanted = f"wanted time up to {FUTURE_MS_MAX} ms after the record's, found a later one"
    return RejectedError("FUTURE", wanted)


def _customer(kind: EventKind, token: str | None) -> str:
    """Return the customer's token, "" for an event that concerns no single customer."""
    if kind.concerns != "customer":
        return ""
    if not token and kind.shape is DeliveryReceipt:
        raise RejectedError("NO_ROUTE", "wanted the customer of a receipt, found none")
    if token is None:
        raise RejectedError("SCHEMA", "wanted a customer token, found none")
    fits = 0 < len(token) <= CUSTOMER_TOKEN_LENGTH_MAX
    if not (fits and token.isascii() and token.isprintable() and "|" not in token):
        raise RejectedError("BAD_CUSTOMER", "wanted 1 to 128 printable ASCII characters without |")
    return token


def _content(kind: EventKind, value: bytes | Raw, tenant: str) -> AnyEvent:
    """Return the event's own fields, and see that they belong to the tenant."""
    try:
        record = own_fields(kind, value)
    except RejectedError:
        if kind.shape is DeliveryReceipt and _lacks_trigger(value):
            wanted = "wanted the trigger id of a receipt, found none"
            raise RejectedError("NO_ROUTE", wanted) from None
        raise
    if type(record) is PolicyPublished and record.campaign.tenant != tenant:
        raise RejectedError("TENANT_MISMATCH", "wanted a policy of the tenant, found another's")
    return record


def _lacks_trigger(value: bytes | Raw) -> bool:
    """Return whether a receipt that could not be read names no trigger."""
    try:
        return not _decode_echo(value).trigger_id
    except UNREADABLE:
        return False
