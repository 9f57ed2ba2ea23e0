"""Say what a rejected record keeps of its source, and read what was added: core.md §1 (9)."""

import hashlib
from typing import NamedTuple

from tests.checker.log_reader import LogRecord


Headers = list[tuple[str, bytes]]

ADDED = {
    "__streams.errors.exception",
    "__streams.errors.message",
    "__streams.errors.topic",
    "__streams.errors.partition",
    "__streams.errors.offset",
    "cardcue.reason",
    "cardcue.tenant",
}
VALUE_SHA256 = "cardcue.value_sha256"
ORIGINAL_BYTES = "cardcue.original_bytes"
WHOLE_BYTES_MAX = 786_432
KEY_BYTES = 1_024
VALUE_BYTES = 524_288
HEADER_BYTES = 8


class Kept(NamedTuple):
    """What must be left of a source record."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    proof: Headers
    """The header that stands for what was left out."""


def kept_of(source: LogRecord, reason: str) -> Kept:
    """Return what a rejected record must keep."""
    key, value = source.key, source.value
    if reason == "PII_FORBIDDEN":
        digest = hashlib.sha256(value or b"").hexdigest()
        return Kept(None, None, [], [(VALUE_SHA256, digest.encode())])
    size = len(key or b"") + len(value or b"")
    for name, said in source.headers:
        size += len(name.encode()) + len(said or b"") + HEADER_BYTES
    if size <= WHOLE_BYTES_MAX:
        return Kept(key, value, list(source.headers), [])
    proof = [(ORIGINAL_BYTES, b"%d" % size)]
    return Kept(key and key[:KEY_BYTES], value and value[:VALUE_BYTES], [], proof)


def is_kept(record: LogRecord, source: LogRecord, reason: str) -> bool:
    """Return whether a rejected record is its source and what was added, and nothing else."""
    kept = kept_of(source, reason)
    added = list(record.headers[len(kept.headers) :])
    return (
        (record.key, record.value) == (kept.key, kept.value)
        and list(record.headers[: len(kept.headers)]) == kept.headers
        and len(added) == len(ADDED) + len(kept.proof)
        and all(one in added for one in kept.proof)
        and ADDED <= dict(added).keys()
        and dict(added)["__streams.errors.exception"] == b"RejectedError"
    )
