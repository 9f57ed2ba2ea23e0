"""
Read one source record under its binding: attributes and typed fields, or a refusal with a reason.

The steps are those of docs/core.md section 1: form, type, tenant, customer, time, own fields. This
is the hottest path of the house: no dict is built of a value, and nothing is looked at twice
unless it is about to be refused.
"""

from collections.abc import Collection, Iterator
from typing import Final

import msgspec
from msgspec import DecodeError, Raw, Struct

from schemas.attributes import attributes_of_body, attributes_under_headers, header_text
from schemas.events import (
    AnyEvent,
    DeliveryReceipt,
    OfferResult,
    PolicyPublished,
    ResponseRecorded,
)
from schemas.legible import (
    CLASSES,
    DEPTH_MAX,
    MANY_DIGITS,
    ODD,
    OPENING,
    require_printable,
    require_printable_fields,
    require_shallow,
    require_utf8,
)
from schemas.personal import DIGITS_MIN, holds_personal_number
from schemas.records import SourceRecord
from schemas.rejects import RejectedError
from schemas.rfc3339 import epoch_ms
from schemas.routing import SourceBinding
from schemas.wire import EventKind, event_kinds, own_fields


VALUE_BYTES_MAX: Final = 65_536
CUSTOMER_TOKEN_LENGTH_MAX: Final = 128
FUTURE_MS_MAX: Final = 600_000
"""How far event time may be ahead of its record's timestamp."""

FROM_GATEWAYS: Final = (DeliveryReceipt, ResponseRecorded, OfferResult)
"""What answers a trigger, and must say which and whose (SEMANTICS G1)."""


class _Echo(Struct, gc=False):
    """What a gateway must echo beside tenant and customer (SEMANTICS G1)."""

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
            is_odd = _look_over(record, value)
            in_header: str | None = None
            if record.headers:
                headers = dict(record.headers)  # of a repeated name the last counts
                in_header = header_text(headers, "ce_tenantid")
                event = attributes_under_headers(headers, value, self._contract)
            else:
                event = attributes_of_body(value, self._contract)
            if is_odd:
                require_printable(event[:-1])
            kind = self._kinds.get(event.event_type)
            if kind is None or kind.topic not in (self._contract, "*"):
                raise _misplaced(event.event_type)
            tenant = self._tenant(kind, in_header, event.tenant)
            customer_token = _customer(kind, event.customer_token)
            occurred_at_ms = epoch_ms(event.event_time)
            if occurred_at_ms > record.timestamp + FUTURE_MS_MAX and self._has_time(record):
                raise _future()
            content = _content(kind, event.content, tenant)
            if is_odd:
                require_printable_fields(content)
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
            if kind.shape in FROM_GATEWAYS:
                raise RejectedError("NO_ROUTE", "wanted a gateway to name the tenant, found none")
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
    if value is not None and len(value) <= VALUE_BYTES_MAX:
        return value
    if any(holds_personal_number(text) for text in _texts(record) if text):
        raise _personal()  # what is rejected for another reason is kept as it is
    if value is None:
        raise RejectedError("TOMBSTONE_UNEXPECTED", "wanted a value, found a tombstone")
    found = f"found {len(value)}"
    raise RejectedError("TOO_LARGE", f"wanted up to {VALUE_BYTES_MAX} bytes, {found}")


def _texts(record: SourceRecord) -> Iterator[bytes | None]:
    """Yield every text of a record: key, value, header values."""
    yield record.key
    yield record.value
    for _, raw in record.headers:
        yield raw


def _look_over(record: SourceRecord, value: bytes) -> bool:
    """
    Refuse what shows before anything is parsed; return whether a text of the value may be odd.

    Almost every value passes with one translation and three looks at it.
    """
    classes = value.translate(CLASSES)
    if classes.find(MANY_DIGITS) >= 0 and holds_personal_number(value):
        raise _personal()
    key = record.key
    if key is not None and len(key) >= DIGITS_MIN and holds_personal_number(key):
        raise _personal()
    for _, raw in record.headers:
        if raw and len(raw) >= DIGITS_MIN and holds_personal_number(raw):
            raise _personal()
    if classes.count(OPENING) > DEPTH_MAX:
        require_shallow(value)
    is_odd = ODD in classes
    if is_odd:
        require_utf8(value)
    return is_odd


def _personal() -> RejectedError:
    wanted = "wanted tokens only, found the number of a card or of a person"
    return RejectedError("PII_FORBIDDEN", wanted)


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
    if not token and kind.shape in FROM_GATEWAYS:
        raise RejectedError("NO_ROUTE", "wanted a gateway to name the customer, found none")
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
        if kind.shape in FROM_GATEWAYS and _lacks_trigger(value):
            wanted = "wanted a gateway to name the trigger, found none"
            raise RejectedError("NO_ROUTE", wanted) from None
        raise
    if type(record) is PolicyPublished and record.campaign.tenant != tenant:
        raise RejectedError("TENANT_MISMATCH", "wanted a policy of the tenant, found another's")
    return record


def _lacks_trigger(value: bytes | Raw) -> bool:
    """Return whether an answer that could not be read names no trigger."""
    try:
        return not _decode_echo(value).trigger_id
    except DecodeError:
        return False
