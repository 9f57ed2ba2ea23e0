"""Derive ids, hashes and marks from their cause (core.md §3.2, §3.5 and §3.8)."""

import hashlib
import hmac
import uuid
import zlib
from typing import Any

import msgspec


Facts = dict[str, Any]
"""A JSON object or a row as a plain dict."""


def prefixed(*parts: str) -> bytes:
    """Return the parts, each behind its length in 4 bytes big-endian."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def uuid8(*parts: str) -> str:
    """Return the first 16 bytes of SHA-256, dressed as a UUID of version 8."""
    raw = int.from_bytes(hashlib.sha256(prefixed(*parts)).digest()[:16], "big")
    raw = raw & ~(0xF << 76) | 8 << 76  # version nibble
    raw = raw & ~(0b11 << 62) | 0b10 << 62  # variant bits
    return str(uuid.UUID(int=raw))


def event_hash(*parts: str) -> int:
    """Return the 64-bit number h of an event's source and id, or of other parts."""
    return int.from_bytes(hashlib.blake2b(prefixed(*parts), digest_size=8).digest(), "big")


def content_check(record: Facts) -> int:
    """Return the 8 bits by which a repeat is told from another event of the same name."""
    return zlib.crc32(msgspec.json.encode(record)) & 0xFF


def erasure_mark(secret: str, key: str) -> str:
    """Return what is kept for ever of an erased `tenant|customer_token`: 32 digits."""
    return hmac.new(secret.encode(), key.encode(), hashlib.sha256).digest()[:16].hex()


def occurrence_key(about: str, source: str, event_id: str) -> str:
    """Return what sets a journey apart: what it is about, and the entry event's hash in hex."""
    return "|".join((about, event_hash(source, event_id).to_bytes(8, "big").hex()))


def trigger_id(key: str, campaign: str, occurrence: str, step: str, slot: int = 0) -> str:
    """
    Return a trigger's id.

    Args:
        key: `tenant|customer_token`.
        campaign: id.
        occurrence: the journey's occurrence key.
        step: id.
        slot: the treatment's place in the order of channels.
    """
    tenant, _, customer = key.partition("|")
    return uuid8(tenant, customer, campaign, occurrence, step, str(slot))


def decision_id(*about: str) -> str:
    """Return a decision's id: of its time and its candidates, or of a correction's cause."""
    return uuid8("decision", *about)


def bucket(tenant: str, salt: str, customer: str) -> int:
    """Return the place of a customer in an experiment, 0 to 9,999."""
    first = hashlib.sha256(prefixed(tenant, salt, customer)).digest()[:8]
    return int.from_bytes(first, "big") % 10_000
