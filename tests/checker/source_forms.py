"""Read a source record in any of its three forms (core.md §1), leniently: this is no validation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tests.checker.log_reader import LogRecord
from tests.checker.oracle_customer import Facts


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
PLAIN_ATTRIBUTES = {"id", "type", "occurred_at", "customer_token", "tenant"}


def said_by(record: LogRecord, contract: str) -> Facts | None:
    """
    Return what a source record says, None when it cannot be read at all.

    `tenants` holds every tenant that the record names; `data` the fields of its own.
    """
    try:
        return _said_by(record, contract)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def _said_by(record: LogRecord, contract: str) -> Facts:
    last = dict(record.headers)  # of a repeated header the last counts, a null one is none
    headers = {name: value.decode() for name, value in last.items() if value is not None}
    body = orjson.loads(record.value or b"")
    if "ce_type" in headers:
        said = _binary(headers, body)
    elif "specversion" in body or headers.get("content-type", "").startswith(
        "application/cloudevents+json"
    ):
        said = _structured(body)
    else:
        said = _plain(body, contract)
    said["tenants"] = {name for name in (*said["tenants"], headers.get("ce_tenantid")) if name}
    said["event_type"] = said["event_type"].removesuffix(".v1")
    said["occurred_at_ms"] = to_ms(said["occurred_at_ms"])
    return said


def _binary(headers: dict[str, str], body: Any) -> Facts:  # noqa: ANN401 (any JSON)
    return {
        "event_id": headers["ce_id"],
        "event_source": headers["ce_source"],
        "event_type": headers["ce_type"],
        "occurred_at_ms": headers["ce_time"],
        "customer_token": headers.get("ce_subject", ""),
        "tenants": [],
        "data": body,
    }


def _structured(body: Facts) -> Facts:
    return {
        "event_id": body["id"],
        "event_source": body["source"],
        "event_type": body["type"],
        "occurred_at_ms": body["time"],
        "customer_token": body.get("subject", ""),
        "tenants": [body.get("tenantid")],
        "data": body.get("data", {}),
    }


def _plain(body: Facts, contract: str) -> Facts:
    return {
        "event_id": body["id"],
        "event_source": contract,
        "event_type": body["type"],
        "occurred_at_ms": body["occurred_at"],
        "customer_token": body.get("customer_token", ""),
        "tenants": [body.get("tenant")],
        "data": {name: value for name, value in body.items() if name not in PLAIN_ATTRIBUTES},
    }


def to_ms(text: str) -> int:
    """Return an RFC 3339 time as epoch milliseconds, floored."""
    return (datetime.fromisoformat(text.upper()) - EPOCH) // MILLISECOND


def agrees(said: Any, kept: Any) -> bool:  # noqa: ANN401 (any JSON)
    """Return whether what was kept is what was said, where both speak; defaults may be added."""
    if isinstance(said, dict) and isinstance(kept, dict):
        return all(agrees(said[name], kept[name]) for name in said.keys() & kept.keys())
    if isinstance(said, list) and isinstance(kept, list):
        return len(said) == len(kept) and all(map(agrees, said, kept))
    return bool(said == kept)
