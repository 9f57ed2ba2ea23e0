"""
Say what the house is told: receipts and responses, each with an id that follows from its cause.

So a repeat of a receipt is a duplicate to whoever reads it (SEMANTICS B2), and all of them echo
tenant, customer token and trigger id (SEMANTICS G1).
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from cli.gateway.provider import Reply
from cli.gateway.store import Message, Outgoing
from schemas.channels import Channel
from schemas.codec import customer_key, encode_json
from schemas.events import DeliveryReceipt, ReceiptStatus, ResponseRecorded
from schemas.records import OutputRecord
from schemas.routing import ROUTE_BY_TYPE


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LABEL_LENGTH_MAX: Final = 128


class Told(NamedTuple):
    """What a receipt says beside whose it is."""

    status: ReceiptStatus
    at_ms: int
    raw_status: str = ""
    segment_count: int = 0
    cost_minor: int = 0


def receipt(message: Message, channel: Channel, told: Told, keep_until_ms: int) -> Outgoing:
    """Return the receipt of a message; key, attempt and status make its id."""
    parts = (message.tenant, message.key, str(message.attempt), told.status)
    data = DeliveryReceipt(
        receipt_id=_identity("receipt", parts),
        trigger_id=message.trigger_id,
        channel=channel,
        status=told.status,
        attempt=message.attempt,
        raw_status=label(told.raw_status),
        gateway_msg_id=label(message.gateway_msg_id),
        segment_count=told.segment_count,
        cost_minor=told.cost_minor,
    )
    return Outgoing(
        0,
        data.receipt_id,
        "delivery.receipt",
        message.tenant,
        message.customer_token,
        told.at_ms,
        _own_fields(data),
        keep_until_ms,
    )


def response(message: Message, channel: Channel, reply: Reply, keep_until_ms: int) -> Outgoing:
    """Return what a customer did with a message."""
    told = ResponseRecorded(
        response_id=_identity("response", (message.tenant, reply.report_id)),
        trigger_id=message.trigger_id,
        channel=channel,
        kind=reply.kind,
    )
    return Outgoing(
        0,
        told.response_id,
        "response.recorded",
        message.tenant,
        message.customer_token,
        reply.at_ms,
        _own_fields(told),
        keep_until_ms,
    )


def record(outgoing: Outgoing, channel: str, topic: str = "") -> OutputRecord:
    """Return the CloudEvent in binary mode; `topic` "" is the contract's own name."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": outgoing.record_id,
        "ce_source": f"/gateways/{channel}",
        "ce_type": f"{outgoing.event_type}.v1",
        "ce_time": _rfc3339(outgoing.at_ms),
        "ce_subject": outgoing.customer_token,
        "ce_tenantid": outgoing.tenant,
        "content-type": "application/json",
    }
    return OutputRecord(
        topic or ROUTE_BY_TYPE[outgoing.event_type].topic,
        customer_key(outgoing.tenant, outgoing.customer_token),
        outgoing.value,
        tuple((name, text.encode()) for name, text in headers.items()),
    )


def label(text: str) -> str:
    """Return a provider's word as ingest takes it: printable, and not too long."""
    return "".join(one for one in text if one.isprintable())[:LABEL_LENGTH_MAX]


def _identity(kind: str, parts: Sequence[str]) -> str:
    """Return an id; it begins with a letter so that no run of digits is a card's number."""
    long = (kind, *parts)
    sized = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in long)
    return f"{kind[0]}{hashlib.sha256(sized).hexdigest()[:40]}"


def _own_fields(told: DeliveryReceipt | ResponseRecorded) -> bytes:
    """Return the data of an event; its type travels in the header."""
    fields = msgspec.to_builtins(told)
    del fields["event_type"]
    return encode_json(fields)


def _rfc3339(at_ms: int) -> str:
    moment = EPOCH + timedelta(milliseconds=at_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
