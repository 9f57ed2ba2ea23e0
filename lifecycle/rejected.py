"""Keep a source record that cannot be read as it came, with why beside it."""

from collections.abc import Sequence
from hashlib import sha256
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
    HEADER_VALUE_SHA256,
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
    """
    Return the record as it came, or as much of it as fits, with the reason in headers.

    Of a record with personal data nothing is kept but the digest of its value, by which the
    producer can tell which one it was.
    """
    key, value, headers = record.key, record.value, record.headers
    if refusal.reason == "PII_FORBIDDEN":
        digest = sha256(value or b"").hexdigest().encode()
        key, value, headers = None, None, [(HEADER_VALUE_SHA256, digest)]
    elif (size := _size(record)) > KEPT_BYTES_MAX:
        # or it could never be committed, and its partition stood still
        key = key and key[:CUT_KEY_BYTES]
        value = value and value[:CUT_VALUE_BYTES]
        headers = [(HEADER_ORIGINAL_BYTES, str(size).encode())]
    kept = [*headers, *_reason(record, refusal)]
    return OutputRecord(REJECTED_TOPIC, key, value, kept, record.partition)


def _reason(record: SourceRecord, refusal: RejectedError) -> Sequence[tuple[str, bytes]]:
    """Return the headers that say why, and where the record stands."""
    return (
        (HEADER_EXCEPTION, type(refusal).__name__.encode()),
        (HEADER_MESSAGE, str(refusal).encode()),
        (HEADER_TOPIC, record.topic.encode()),
        (HEADER_PARTITION, str(record.partition).encode()),
        (HEADER_OFFSET, str(record.offset).encode()),
        (HEADER_REASON, refusal.reason.encode()),
        (HEADER_TENANT, refusal.tenant.encode()),
    )


def _size(record: SourceRecord) -> int:
    """Return how many bytes key, value and headers take, the headers' own lengths included."""
    size = len(record.key or b"") + len(record.value or b"")
    for name, value in record.headers:
        size += HEADER_OVERHEAD_BYTES + len(name.encode()) + len(value or b"")
    return size
