"""
Name why a record can be rejected or ignored, and the headers of the rejected topic.

A rejected record keeps its original key, value and headers; what we add is headers only
(`__streams.errors.*` after Kafka Streams' KIP-1034, and ours).
"""

from typing import Final, Literal


RejectReason = Literal[
    "NOT_JSON",
    "TOO_DEEP",
    "SCHEMA",
    "BAD_NUMBER",
    "BAD_AMOUNT",
    "CURRENCY",
    "UNKNOWN_TYPE",
    "UNSUPPORTED_VERSION",
    "WRONG_TOPIC",
    "BAD_TIME",
    "FUTURE",
    "TOMBSTONE_UNEXPECTED",
    "TOO_LARGE",
    "TENANT_UNKNOWN",
    "TENANT_MISMATCH",
    "BAD_CUSTOMER",
    "NO_ROUTE",
    "PII_FORBIDDEN",
]
"""Why ingest cannot read a record; it goes to the rejected topic with its original bytes."""

IgnoreReason = Literal[
    "DUPLICATE",
    "ID_CONFLICT",
    "ERASED",
    "NOT_SUPPORTED",
    "NO_CONSENT",
    "LATE_FOR_COUNTERS",
    "UNKNOWN_TRIGGER",
    "STALE_VERSION",
    "OTHER_KIND",
    "BAD_RULE",
    "NOT_SIGNED",
    "BAD_SIGNATURE",
    "SAME_PERSON",
    "POLICY_HASH",
    "STATE_FULL",
]
"""Why a well-formed record changes nothing (or, LATE_FOR_COUNTERS, milestones only)."""

HEADER_EXCEPTION: Final = "__streams.errors.exception"
HEADER_MESSAGE: Final = "__streams.errors.message"
HEADER_TOPIC: Final = "__streams.errors.topic"
HEADER_PARTITION: Final = "__streams.errors.partition"
HEADER_OFFSET: Final = "__streams.errors.offset"
HEADER_REASON: Final = "cardcue.reason"
HEADER_TENANT: Final = "cardcue.tenant"
HEADER_VALUE_SHA256: Final = "cardcue.value_sha256"
"""Only on a record that carried personal data, in place of everything it carried."""

HEADER_ORIGINAL_BYTES: Final = "cardcue.original_bytes"
"""Only on a record that was too long to be kept whole."""

HEADER_REPLAY_OF: Final = "cardcue.replay_of"
"""On a source record that we gave back: `topic/partition/offset` of where it was rejected."""

HEADER_REPLAY_COUNT: Final = "cardcue.replay_count"
"""On the same: how often it was given back, decimal. Ingest reads neither and keeps both."""


class RejectedError(Exception):
    """
    A record that ingest must reject: `reason` is the code, the message names no customer data.

    `tenant` is whose record it was, "" where that is not known. The record goes to the rejected
    topic and the partition goes on.
    """

    def __init__(self, reason: RejectReason, message: str, tenant: str = "") -> None:
        """Keep the reason beside the message."""
        super().__init__(message)
        self.reason: RejectReason = reason
        self.tenant = tenant
