"""Work ids out from SEMANTICS B1 and ADR 7 with hashlib alone, digit by digit."""

import hashlib


def uuid8(*parts: str) -> str:
    """Return an id as SEMANTICS B1 describes it."""
    digits = hashlib.sha256(prefixed(*parts)).hexdigest()[:32]
    variant = "89ab"[int(digits[16], 16) & 3]
    shaped = digits[:12] + "8" + digits[13:16] + variant + digits[17:]
    return "-".join((shaped[:8], shaped[8:12], shaped[12:16], shaped[16:20], shaped[20:]))


def identity(event_id: str, source: str = "core") -> str:
    """Return the 16 hexadecimal digits by which an event of that source is known."""
    return hashlib.blake2b(prefixed(source, event_id), digest_size=8).hexdigest()


def occurrence(about: str, event_id: str, source: str = "core") -> str:
    """Return the occurrence key of a journey about a card, statement or purchase."""
    return f"{about}|{identity(event_id, source)}"


def prefixed(*parts: str) -> bytes:
    """Return parts with their lengths before them (docs/core.md 3.2.1)."""
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
