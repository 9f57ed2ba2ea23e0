"""
Derive every identity from its cause: the same cause gives the same id, on every machine, for ever.

Parts are length-prefixed before they are hashed (4 bytes big-endian, then UTF-8), so that no two
lists of parts share their bytes, whatever the parts contain.
"""

from hashlib import blake2b, sha256
from typing import Final
from zlib import crc32

from schemas.codec import encode_json
from schemas.events import EventData


_VARIANT: Final = {f"{digit:x}": f"{digit & 0b11 | 0b1000:x}" for digit in range(16)}
"""A hexadecimal digit with its two high bits as the variant wants them."""


def derived_id(*parts: str) -> str:
    """
    Return the id of what `parts` caused, as a lower-case UUID of version 8 (SEMANTICS B1).

    SHA-256 over the length-prefixed parts, first 16 bytes; version and variant as RFC 9562
    section 5.8 wants them.
    """
    digits = sha256(prefixed(parts)).hexdigest()
    variant = _VARIANT[digits[16]]
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def occurrence_key(about: str, identity: int) -> str:
    """
    Return what sets a journey apart from the campaign's others (SEMANTICS B1, ADR 7).

    `about` is the card, statement or purchase; `identity` the entry event's `event_hash`, in 16
    hexadecimal digits: two sources may use one event id, and a key has to stay short.
    """
    return f"{about}|{identity:016x}"


def event_hash(event_source: str, event_id: str) -> int:
    """
    Return what a customer's ring remembers of an event (SEMANTICS B2): unsigned, 64 bits.

    BLAKE2b with a digest of 8 bytes (RFC 7693) over both length-prefixed parts, big-endian.
    """
    source = event_source.encode()
    name = event_id.encode()
    prefixed = b"%b%b%b%b" % (
        len(source).to_bytes(4, "big"),
        source,
        len(name).to_bytes(4, "big"),
        name,
    )
    return int.from_bytes(blake2b(prefixed, digest_size=8).digest(), "big")


def content_check(event: EventData) -> int:
    """
    Return 8 bits of what an event says, for telling a repeat from another event of the same id.

    The low bits of CRC-32 over the event as it stands in the journal.
    """
    return crc32(encode_json(event)) & 0xFF


def prefixed(parts: tuple[str, ...]) -> bytes:
    """Return each part's length and bytes, one after the other."""
    return b"".join([len(piece).to_bytes(4) + piece for piece in map(str.encode, parts)])
