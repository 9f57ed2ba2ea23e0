"""Build source records, bindings and claims for tests, each in one short call."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from schemas.journal import JournalEnvelope, Progress
from schemas.records import Claim, Drained, OutputRecord, Row, StoredRecord
from schemas.routing import JOURNAL_TOPIC, PROGRESS_TOPIC, REJECTED_TOPIC, SourceBinding
from schemas.state_source import ClockRow, SourceRow


SPEND = "card.spend.v1"
ISSUE = "card.issue.v1"
TIME = "2026-03-02T09:15:00Z"
TIME_MS = 1_772_442_900_000
"""TIME as `date -u -d 2026-03-02T09:15:00Z +%s` prints it, in milliseconds."""


def purchase(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 (any field)
    """Return a plain purchase; a value of `...` takes the field out."""
    fields = {
        "id": "e-1",
        "type": "txn.posted",
        "occurred_at": TIME,
        "customer_token": "c-1",
        "txn_id": "t-1",
        "card_token": "k-1",
        "amount_minor": 1_999,
        "currency": "CNY",
    }
    merged = fields | changed
    return {name: value for name, value in merged.items() if value is not ...}


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Return a JSON object as bytes."""
    return msgspec.json.encode(value)


def source_record(
    value: Mapping[str, Any] | bytes | None,
    *,
    at: tuple[str, int, int] = (SPEND, 0, 0),
    timestamp: int = TIME_MS + 1_500,
    key: bytes | None = b"as-upstream-likes",
    headers: Sequence[tuple[str, bytes]] = (),
) -> StoredRecord:
    """Return a source record at (topic, partition, offset)."""
    raw = value if value is None or isinstance(value, bytes) else json_bytes(value)
    return StoredRecord(*at, timestamp, key, raw, headers)


def bound(
    topic: str = SPEND,
    tenant: str = "bank-a",
    **changed: Any,  # noqa: ANN401 (any field)
) -> SourceBinding:
    """Return the binding of one topic."""
    return SourceBinding(topic=topic, tenant=tenant, **changed)


def heard(claim_at_ms: int, partition: int = 0, topic: str = SPEND) -> Claim:
    """Return a claim as the shell samples it."""
    return Claim(topic, partition, claim_at_ms)


def tick_row(tenant: str, watermark_at_ms: int) -> Row:
    """Return the clock's row of a tenant, as ingest observes it."""
    row = ClockRow(watermark_at_ms, watermark_at_ms)
    return Row(f"#tick|{tenant}".encode(), msgspec.msgpack.encode(row))


def outputs_of(drained: Drained, topic: str) -> list[OutputRecord]:
    """Return the outputs to one topic, in order."""
    return [output for output in drained.outputs if output.topic == topic]


def journaled(drained: Drained) -> list[JournalEnvelope]:
    """Return what went to the journal, decoded."""
    outputs = outputs_of(drained, JOURNAL_TOPIC)
    return [msgspec.json.decode(output.value or b"", type=JournalEnvelope) for output in outputs]


def rejected(drained: Drained) -> list[OutputRecord]:
    """Return what went to the rejected topic."""
    return outputs_of(drained, REJECTED_TOPIC)


def source_rows(drained: Drained) -> dict[str, SourceRow]:
    """Return the rows of source partitions by key, decoded."""
    return {
        row.key.decode(): msgspec.msgpack.decode(row.value or b"", type=SourceRow)
        for row in drained.rows
        if row.key.startswith(b"#source|")
    }


def progress_of(drained: Drained) -> list[Progress]:
    """Return the progress records, decoded."""
    outputs = outputs_of(drained, PROGRESS_TOPIC)
    return [msgspec.json.decode(output.value or b"", type=Progress) for output in outputs]
