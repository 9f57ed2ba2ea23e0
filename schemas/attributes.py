"""
Find the attributes of an event in each form that a source record may have.

CloudEvents 1.0 in Kafka headers (binary), CloudEvents as one JSON object (structured), or a flat
JSON object (plain). Of a header that is repeated the last counts, as everywhere in Kafka.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct, field

from schemas.rejects import RejectedError
from schemas.wire import read_attributes


NAME_LENGTH_MAX: Final = 256
"""Longest id or source of an event: both are kept in rows."""

Headers = Mapping[str, bytes | None]
"""Kafka's headers; a value may be null, which counts as none."""

_STRUCTURED: Final = b"application/cloudevents+json"


class Attributes(NamedTuple):
    """
    What the three forms have in common.

    `customer_token` and `tenant` (the body's word) are None or "" where there is none. `content`
    is the JSON object with the event's own fields, among others in the plain form.
    """

    event_id: str
    event_source: str
    event_type: str
    event_time: str
    customer_token: str | None
    tenant: str | None
    content: bytes | Raw


class _Plain(Struct, gc=False):
    """A flat JSON object; `specversion` says that it is a CloudEvent that came unannounced."""

    id: str = ""
    type: str = ""
    occurred_at: str = ""
    customer_token: str | None = None
    tenant: str | None = None
    specversion: str | None = None


class _Structured(Struct, gc=False):
    """A CloudEvent 1.0 as one JSON object; `content` is its member `data`, unread."""

    specversion: str | None = None
    id: str = ""
    source: str = ""
    type: str = ""
    time: str = ""
    subject: str | None = None
    tenantid: str | None = None
    content: Raw = field(default_factory=lambda: Raw(b"{}"), name="data")


_decode_plain: Final = msgspec.json.Decoder(_Plain).decode
_decode_structured: Final = msgspec.json.Decoder(_Structured).decode


def attributes_under_headers(headers: Headers, value: bytes, contract: str) -> Attributes:
    """
    Return the attributes of a record whose headers may say what form it has.

    Raises:
        RejectedError: NOT_JSON, SCHEMA or UNSUPPORTED_VERSION.

    """
    if "ce_type" in headers:
        return _binary(headers, value)
    content_type = headers.get("content-type")
    if content_type is not None and content_type.startswith(_STRUCTURED):
        return _structured(value)
    return attributes_of_body(value, contract)


def attributes_of_body(value: bytes, contract: str) -> Attributes:
    """
    Return the attributes of a flat JSON object, or of a CloudEvent that came unannounced.

    `contract` is the source of a plain event.

    Raises:
        RejectedError: NOT_JSON, SCHEMA or UNSUPPORTED_VERSION.

    """
    flat = read_attributes(_decode_plain, value)
    if flat.specversion is not None:
        return _structured(value)
    if not (flat.id and flat.type and flat.occurred_at):
        raise RejectedError("SCHEMA", "wanted id, type and occurred_at, found one missing")
    if len(flat.id) > NAME_LENGTH_MAX:
        raise _too_long()
    return Attributes(
        flat.id,
        contract,
        flat.type,
        flat.occurred_at,
        flat.customer_token,
        flat.tenant,
        value,
    )


def header_text(headers: Headers, name: str) -> str | None:
    """
    Return a header's text, None where there is none.

    Raises:
        RejectedError: SCHEMA, where it is no UTF-8, or cannot be shown.

    """
    raw = headers.get(name)
    if raw is None:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        wanted = f"wanted header {name} in UTF-8, found other bytes"
        raise RejectedError("SCHEMA", wanted) from None
    if not text.isprintable():
        wanted = f"wanted printable text in header {name}, found another character"
        raise RejectedError("SCHEMA", wanted)
    return text


def _structured(value: bytes) -> Attributes:
    """Return the attributes of a CloudEvent as one JSON object."""
    event = read_attributes(_decode_structured, value)
    _require_version(event.specversion)
    return _whole(
        Attributes(
            event.id,
            event.source,
            event.type,
            event.time,
            event.subject,
            event.tenantid,
            event.content,
        )
    )


def _binary(headers: Headers, value: bytes) -> Attributes:
    """Return the attributes of a CloudEvent in Kafka headers; its value is the event's own."""
    _require_version(header_text(headers, "ce_specversion"))
    return _whole(
        Attributes(
            header_text(headers, "ce_id") or "",
            header_text(headers, "ce_source") or "",
            header_text(headers, "ce_type") or "",
            header_text(headers, "ce_time") or "",
            header_text(headers, "ce_subject"),
            None,
            value,
        )
    )


def _whole(event: Attributes) -> Attributes:
    """Return the CloudEvent if it has every attribute that each must have, none beyond bounds."""
    if not all(event[:4]):
        raise RejectedError("SCHEMA", "wanted id, source, type and time, found one missing")
    if max(len(event.event_id), len(event.event_source)) > NAME_LENGTH_MAX:
        raise _too_long()
    return event


def _require_version(specversion: str | None) -> None:
    """Refuse a CloudEvent of another version than 1.0."""
    if specversion not in (None, "1.0"):
        raise RejectedError("UNSUPPORTED_VERSION", "wanted specversion 1.0, found another")


def _too_long() -> RejectedError:
    wanted = f"wanted id and source of up to {NAME_LENGTH_MAX} characters, found a longer one"
    return RejectedError("SCHEMA", wanted)
