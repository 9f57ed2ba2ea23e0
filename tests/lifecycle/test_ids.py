"""Ids come from their cause alone, and another program can work them out from the rule."""

import hashlib
import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.ids import derived_id, event_hash, occurrence_key


PARTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5)


def prefixed(*parts: str) -> bytes:
    """Return the bytes that docs/core.md 3.2.1 describes, written the long way."""
    out = bytearray()
    for part in parts:
        body = part.encode("utf-8")
        out += bytes([0, 0, len(body) // 256, len(body) % 256])
        out += body
    return bytes(out)


def test_derived_id_is_sha256_of_the_prefixed_parts_shaped_as_uuid8() -> None:
    """B1: first 16 bytes of SHA-256, version nibble 8, variant bits 10, lower case."""
    parts = ("bank-a", "c-1", "activation_nudge", "card-1|d2cbd48f6bbe843a", "after_72h", "0")
    digest = bytearray(hashlib.sha256(prefixed(*parts)).digest()[:16])
    digest[6] = 0x80 | (digest[6] & 0x0F)
    digest[8] = 0x80 | (digest[8] & 0x3F)
    assert derived_id(*parts) == str(uuid.UUID(bytes=bytes(digest)))


def test_derived_id_never_changes() -> None:
    """B1: as `sha256sum` prints it for the prefixed parts; outside programs remember these ids."""
    # printf '\0\0\0\1a\0\0\0\1b' | sha256sum
    # 16275ef0f5d0eb9dd9e0a53277549fda...: the 13th digit e becomes 8, the 17th d (1101) 9 (1001)
    assert derived_id("a", "b") == "16275ef0-f5d0-8b9d-99e0-a53277549fda"


@given(PARTS)
def test_derived_id_is_a_uuid_of_version_8(parts: list[str]) -> None:
    """B1: whatever the parts, a parser of UUIDs reads version 8 and the RFC's variant."""
    text = derived_id(*parts)
    parsed = uuid.UUID(text)
    assert parsed.version == 8
    assert parsed.variant == uuid.RFC_4122
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)


def test_derived_id_tells_parts_apart_that_join_to_the_same_text() -> None:
    """B1: length prefixes keep ("a", "bc") and ("ab", "c") apart, also with separators in them."""
    same_text = [("a", "bc"), ("ab", "c"), ("abc",), ("abc", ""), ("", "abc")]
    assert len({derived_id(*parts) for parts in same_text}) == len(same_text)
    assert derived_id("a|b", "c") != derived_id("a", "b|c")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text("ab|"))
def test_event_hash_is_blake2b_of_both_prefixed_parts(source: str, name: str) -> None:
    """B2: 8 bytes of BLAKE2b, read big-endian, unsigned."""
    digest = hashlib.blake2b(prefixed(source, name), digest_size=8).digest()
    worked_out = 0
    for byte in digest:
        worked_out = worked_out * 256 + byte
    assert event_hash(source, name) == worked_out
    assert 0 <= event_hash(source, name) < 2**64


def test_event_hash_never_changes() -> None:
    """B2: as `b2sum -l 64` prints it for the prefixed parts; rows remember these numbers."""
    # printf '\0\0\0\4core\0\0\0\0011' | b2sum -l 64
    assert event_hash("core", "1") == 0xD2CBD48F6BBE843A


def test_event_hash_tells_source_and_id_apart() -> None:
    """B2: an id belongs to its source; the border between the two counts."""
    assert event_hash("core", "1") != event_hash("core1", "")
    assert event_hash("core", "1") != event_hash("1", "core")


def test_occurrence_key_ends_in_the_sixteen_digits_of_the_event() -> None:
    """B1, ADR 7: the identity in lower-case hexadecimal, leading zeros kept."""
    # printf '\0\0\0\4core\0\0\0\0011' | b2sum -l 64
    assert occurrence_key("k1", event_hash("core", "1")) == "k1|d2cbd48f6bbe843a"
    assert occurrence_key("s|1", 0x2A) == "s|1|000000000000002a"
