"""Keep a source record that cannot be read as it came, with why beside it."""

from typing import Final

from schemas.records import OutputRecord, SourceRecord
from schemas.rejects import (
    HEADER_EXCEPTION,
    HEADER_MESSAGE,
    HEADER_OFFSET,
    HEADER_ORIGINAL_BYTES,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_TENANT,
    HEADER_TOPIC,
    RejectedError,
)
from schemas.routing import REJECTED_TOPIC


KEPT_BYTES_MAX: Final = 786_432
"""A record with more than this might not fit into a message of Kafka's default size (1 MiB): a
compressed batch holds more than the topic it came in through allows."""

CUT_KEY_BYTES: Final = 1_024
CUT_VALUE_BYTES: Final = 524_288
HEADER_OVERHEAD_BYTES: Final = 8


def rejected_record(record: SourceRecord, refusal: RejectedError) -> OutputRecord:
    """Return the record as it came, or as much of it as fits, with the reason in headers."""
    size = _size(record)
    key, value, headers = record.key, record.value, list(record.headers)
    if size > KEPT_BYTES_MAX:  # or it could never be committed, and its partition stood still
        key = key and key[:CUT_KEY_BYTES]
        value = value and value[:CUT_VALUE_BYTES]
        headers = [(HEADER_ORIGINAL_BYTES, str(size).encode())]
    headers += (
        (HEADER_EXCEPTION, type(refusal).__name__.encode()),
        (HEADER_MESSAGE, str(refusal).encode()),
        (HEADER_TOPIC, record.topic.encode()),
        (HEADER_PARTITION, str(record.partition).encode()),
        (HEADER_OFFSET, str(record.offset).encode()),
        (HEADER_REASON, refusal.reason.encode()),
        (HEADER_TENANT, refusal.tenant.encode()),
    )
    return OutputRecord(REJECTED_TOPIC, key, value, headers, record.partition)


def _size(record: SourceRecord) -> int:
    """Return how many bytes key, value and headers take, the headers' own lengths included."""
    size = len(record.key or b"") + len(record.value or b"")
    for name, value in record.headers:
        size += HEADER_OVERHEAD_BYTES + len(name.encode()) + len(value or b"")
    return size
