"""Read a source record in any of its three forms (core.md §1), leniently: this is no validation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MICROSECOND = timedelta(microseconds=1)
PLAIN_ATTRIBUTES = {"id", "type", "occurred_at", "customer_token", "tenant"}
STRUCTURED = "application/cloudevents+json"


def said_by(record: LogRecord, contract: str) -> Facts | None:
    """
    Return what a source record says, None when it cannot be read at all.

    `tenants` holds every tenant that the record names; `data` the fields of its own.
    """
    try:
        said = read_form(headers_of(record), orjson.loads(record.value or b""), contract)
        if said is None:
            return None
        said["tenants"] = {name for name in said["tenants"] if name}
        said["event_type"] = said["event_type"].removesuffix(".v1")
        said["occurred_at_ms"] = to_ms(said["occurred_at"])
        said["customer_token"] = said["customer_token"] or ""
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None
    return said


def headers_of(record: LogRecord) -> dict[str, str]:
    """
    Return the headers that mean something, the last of each name, without null ones.

    Raises:
        UnicodeDecodeError: one of them is no text.
    """
    last: dict[str, bytes | None] = dict(record.headers)
    return {
        name: value.decode()
        for name, value in last.items()
        if value is not None and (name.startswith("ce_") or name == "content-type")
    }


def read_form(headers: dict[str, str], body: Any, contract: str) -> Facts | None:  # noqa: ANN401 (any JSON)
    """
    Return attributes and data as they stand, None for those that are missing.

    The whole is None where the form asks for a JSON object and the body is none.
    """
    if "ce_type" in headers:
        said = {
            "specversion": headers.get("ce_specversion"),
            "event_id": headers.get("ce_id"),
            "event_source": headers.get("ce_source"),
            "event_type": headers["ce_type"],
            "occurred_at": headers.get("ce_time"),
            "customer_token": headers.get("ce_subject"),
            "tenants": [],
            "data": body,
        }
    elif not isinstance(body, dict):
        return None
    elif body.get("specversion") is not None or headers.get("content-type", "").startswith(
        STRUCTURED
    ):
        said = {
            "specversion": body.get("specversion"),
            "event_id": body.get("id"),
            "event_source": body.get("source"),
            "event_type": body.get("type"),
            "occurred_at": body.get("time"),
            "customer_token": body.get("subject"),
            "tenants": [body.get("tenantid")],
            "data": body.get("data", {}),
        }
    else:
        said = _plain(body, contract)
    said["tenants"].append(headers.get("ce_tenantid"))
    return said


def _is_structured(headers: dict[str, str], body: Facts) -> bool:
    is_named = headers.get("content-type", "").startswith(STRUCTURED)
    return is_named or body.get("specversion") is not None


def _plain(body: Facts, contract: str) -> Facts:
    return {
        "specversion": None,
        "event_id": body.get("id"),
        "event_source": contract,
        "event_type": body.get("type"),
        "occurred_at": body.get("occurred_at"),
        "customer_token": body.get("customer_token"),
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
    return bool(said == kept) or _is_same_moment(said, kept)


def _is_same_moment(said: Any, kept: Any) -> bool:  # noqa: ANN401 (any JSON)
    """Return whether two texts name one moment, to the microsecond that the journal keeps."""
    if not isinstance(said, str) or not isinstance(kept, str) or "T" not in kept:
        return False
    try:
        apart = datetime.fromisoformat(said.upper()) - datetime.fromisoformat(kept)
    except (ValueError, TypeError):
        return False
    return abs(apart) <= MICROSECOND
