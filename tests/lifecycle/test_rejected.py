"""A record that cannot be read is kept whole, or as much of it as a message holds."""

from hashlib import sha256

import pytest

from lifecycle.rejected import rejected_record
from schemas.rejects import RejectedError
from tests.builders_source import SPEND, source_record


MESSAGE_BYTES_MAX = 1_048_588
"""Kafka's default `message.max.bytes`."""

ADDED_COUNT = 7
REFUSAL = RejectedError("TOO_LARGE", "wanted up to 65536 bytes, found 2000000", "bank-a")


def size(*parts: bytes | None) -> int:
    """Return how long the parts are together."""
    return sum(len(part or b"") for part in parts)


def test_rejected_record_up_to_the_limit_is_kept_byte_for_byte() -> None:
    """I1: key, value and headers as they came; a null header stays null."""
    headers = [("ce_id", b"e-1"), ("empty", None), ("ce_id", b"e-2")]
    named = sum(8 + len(name) + size(value) for name, value in headers)
    value = b"x" * (786_432 - named - len(b"key"))
    record = source_record(value, key=b"key", headers=headers)  # type: ignore[arg-type]
    kept = rejected_record(record, REFUSAL)

    assert (b"key", value) == (kept.key, kept.value)
    assert headers == list(kept.headers[:-ADDED_COUNT])
    assert "cardcue.original_bytes" not in dict(kept.headers)


@pytest.mark.parametrize(
    ("key", "value", "headers", "original"),
    [
        (b"key", b"x" * 786_430, (), b"786433"),  # one byte too many
        (b"key", b"x" * 20_000_000, (), b"20000003"),  # what a compressed batch may hold
        (b"k" * 900_000, b"v", (), b"900001"),
        (None, None, [("h", b"y" * 900_000)], b"900009"),
        (b"key", b"v", [("", b"")] * 100_000, b"800004"),
    ],
    ids=["one byte", "value", "key", "header", "headers"],
)
def test_rejected_record_that_no_message_holds_is_cut(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]], original: bytes
) -> None:
    """Or its transaction would be refused, and its partition stand still for ever."""
    record = source_record(value, key=key, headers=headers, at=(SPEND, 3, 42))
    kept = rejected_record(record, REFUSAL)

    assert (key and key[:1_024], value and value[:524_288]) == (kept.key, kept.value)
    assert ("cardcue.original_bytes", original) == kept.headers[0]
    assert 1 + ADDED_COUNT == len(kept.headers)
    names = [name.encode() for name, _ in kept.headers]
    assert (
        size(kept.key, kept.value, *names, *dict(kept.headers).values())
        < MESSAGE_BYTES_MAX / 2 + 4_096
    )
    assert (b"3", b"42") == tuple(
        dict(kept.headers)[f"__streams.errors.{name}"] for name in ("partition", "offset")
    )


@pytest.mark.parametrize("value", [b"4111111111111111", b"x" * 65_536], ids=["short", "long"])
@pytest.mark.parametrize("key", [None, b"card-4111111111111111"], ids=["no key", "key"])
def test_rejected_record_with_personal_data_keeps_its_digest_only(
    key: bytes | None, value: bytes
) -> None:
    """PCI DSS 3, PIPL 28: neither key, value nor headers, but what the producer can find it by."""
    headers = [("ce_id", b"4111111111111111"), ("x", b"y" * 900_000)]
    record = source_record(value, key=key, headers=headers, at=(SPEND, 3, 42))
    refusal = RejectedError("PII_FORBIDDEN", "wanted tokens only, found another", "bank-a")
    kept = rejected_record(record, refusal)

    assert (None, None, 3) == (kept.key, kept.value, kept.partition)
    assert [
        ("cardcue.value_sha256", sha256(value).hexdigest().encode()),
        ("__streams.errors.exception", b"RejectedError"),
        ("__streams.errors.message", b"wanted tokens only, found another"),
        ("__streams.errors.topic", b"card.spend.v1"),
        ("__streams.errors.partition", b"3"),
        ("__streams.errors.offset", b"42"),
        ("cardcue.reason", b"PII_FORBIDDEN"),
        ("cardcue.tenant", b"bank-a"),
    ] == kept.headers
