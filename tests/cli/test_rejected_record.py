"""A record of the rejected topic is read back as it came, and what we added is told apart."""

from collections.abc import Sequence

import pytest

from cli.rejected.record import Coordinates, Rejected, read_coordinates, read_rejected
from cli.rejected.terms import given_back
from lifecycle.rejected import rejected_record
from schemas.records import OutputRecord, StoredRecord
from schemas.rejects import RejectedError
from schemas.routing import REJECTED_TOPIC
from tests.builders_source import SPEND, TIME_MS, purchase, source_record


REFUSAL = RejectedError("UNKNOWN_TYPE", "wanted a declared event type, found another", "bank-a")
KEPT_AT = (REJECTED_TOPIC, 1, 88)

Headers = Sequence[tuple[str, bytes | None]]


def stored(output: OutputRecord) -> StoredRecord:
    """Return an output as the rejected topic has it."""
    headers = tuple(output.headers)
    return StoredRecord(*KEPT_AT, TIME_MS, output.key, output.value, headers)


def read(
    value: object = b"{}",
    headers: Headers = (),
    refusal: RejectedError = REFUSAL,
    key: bytes | None = b"key",
) -> Rejected:
    """Return what is read of a record that ingest has refused."""
    source = source_record(value, at=(SPEND, 4, 1_207), headers=headers, key=key)  # type: ignore[arg-type]
    rejected = read_rejected(stored(rejected_record(source, refusal)))
    assert rejected is not None
    return rejected


def test_rejected_record_says_where_when_and_why() -> None:
    """Coordinates of the source record and of its copy, time, tenant, reason and message."""
    rejected = read(purchase())

    assert Coordinates(SPEND, 4, 1_207) == rejected.original
    assert Coordinates(*KEPT_AT) == rejected.kept
    assert (TIME_MS, "bank-a", "UNKNOWN_TYPE") == (
        rejected.rejected_at_ms,
        rejected.tenant,
        rejected.reason,
    )
    assert "wanted a declared event type, found another" == rejected.message
    assert (0, "", "") == (rejected.replay_count, rejected.replay_of, rejected.flaw)


@pytest.mark.parametrize(
    ("key", "value", "headers"),
    [
        (b"key", b'{"a": 1}', ()),
        (None, b"\xff\x00 no JSON", (("a", b"1"), ("a", b"2"), ("null", None))),
        (b"", None, (("ce_type", b"card.issued"),)),
        (b"key", b"", (("cardcue.reason", b"forged"), ("__streams.errors.exception", b"theirs"))),
    ],
    ids=["plain", "nulls and repeats", "tombstone", "headers named as ours"],
)
def test_rejected_record_is_given_back_as_it_came(
    key: bytes | None, value: bytes | None, headers: Headers
) -> None:
    """Key, value and headers byte for byte, to its partition; ours are two headers behind."""
    output = given_back(read(value, headers, key=key))

    assert (SPEND, key, value, 4) == (output.topic, output.key, output.value, output.partition)
    assert list(headers) == list(output.headers[:-2])
    assert [
        ("cardcue.replay_of", b"card.spend.v1/4/1207"),
        ("cardcue.replay_count", b"1"),
    ] == list(output.headers[-2:])


def test_rejected_again_is_counted_and_keeps_no_old_mark() -> None:
    """The second time round the count is 2, and the headers are the producer's and our two."""
    before = [("cardcue.replay_of", b"card.spend.v1/4/9"), ("cardcue.replay_count", b"1")]
    rejected = read(b"{}", [("a", b"1"), *before])

    assert (1, "card.spend.v1/4/9") == (rejected.replay_count, rejected.replay_of)
    assert [
        ("a", b"1"),
        ("cardcue.replay_of", b"card.spend.v1/4/1207"),
        ("cardcue.replay_count", b"2"),
    ] == list(given_back(rejected).headers)


@pytest.mark.parametrize("count", [b"", b"-1", b"many", b"\xff", b"9" * 30, None])
def test_replay_count_that_is_none_counts_as_none(count: bytes | None) -> None:
    """A producer may have written anything under our name."""
    assert 0 == read(b"{}", [("cardcue.replay_count", count)]).replay_count


@pytest.mark.parametrize(
    ("value", "headers", "told"),
    [
        (purchase(), (), "txn.posted"),
        (b"no JSON", (("ce_type", b"card.issued.v1"), *[(f"ce_{n}", b"x") for n in "abc"]), ""),
        (
            b"no JSON",
            [(f"ce_{name}", b"x") for name in ("id", "source", "time")]
            + [("ce_type", b"card.issued.v1")],
            "card.issued.v1",
        ),
        (purchase(type="Zhang San"), (), ""),
        (b"no JSON", (), ""),
        (None, (), ""),
    ],
    ids=["body", "incomplete header form", "header", "not declared", "no JSON", "tombstone"],
)
def test_event_type_is_told_only_if_it_is_declared(
    value: object, headers: Headers, told: str
) -> None:
    """Any other text under `type` may be a customer's, and is not shown."""
    assert told == read(value, headers).event_type


def test_cut_record_cannot_be_given_back() -> None:
    """What is left of it is not what the producer sent; the flaw says how long it was."""
    rejected = read(b"x" * 900_000)

    assert 900_000 + len(b"key") == rejected.cut_bytes
    assert "wanted the whole record, found it cut, of 900003 bytes" == rejected.flaw


def test_personal_record_cannot_be_given_back() -> None:
    """A record with personal data keeps a digest, and nothing that could be sent."""
    refusal = RejectedError("PII_FORBIDDEN", "wanted tokens, found a card number", "bank-a")
    rejected = read(purchase(), [("a", b"1")], refusal)

    assert "wanted its bytes, found them withheld as personal data" == rejected.flaw
    assert (None, None) == (rejected.key, rejected.value)
    assert [("cardcue.value_sha256", 64)] == [(n, len(v or b"")) for n, v in rejected.headers]


@pytest.mark.parametrize(
    "changed",
    [
        {"__streams.errors.exception": None},
        {"__streams.errors.topic": b"../etc"},
        {"__streams.errors.partition": b"-1"},
        {"__streams.errors.offset": b"seven"},
        {"cardcue.reason": b"\x1b[31mRED"},
        {"cardcue.tenant": b"bank a\n"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_record_that_ingest_has_not_written_is_a_stranger(changed: dict[str, bytes | None]) -> None:
    """Nothing of it is shown or sent: whoever may write to the topic could send anywhere."""
    output = rejected_record(source_record(b"{}"), REFUSAL)
    headers = [(name, changed.get(name, value)) for name, value in output.headers]
    kept = [(name, value) for name, value in headers if value is not None]

    assert read_rejected(stored(output)) is not None
    assert read_rejected(stored(output._replace(headers=kept))) is None


def test_message_cannot_move_the_terminal() -> None:
    """Control characters in a header are shown as question marks."""
    assert "a?[2Jb" == read(refusal=RejectedError("SCHEMA", "a\x1b[2Jb")).message


def test_coordinates_are_read_as_they_are_written() -> None:
    """`topic/partition/offset`, there and back."""
    coordinates = Coordinates("card.spend.v1", 4, 1_207)

    assert (
        coordinates
        == read_coordinates("card.spend.v1/4/1207")
        == read_coordinates(str(coordinates))
    )


@pytest.mark.parametrize(
    "text", ["", "card.spend.v1", "a/b/c", "a/1/-1", "a//1", "a/1/2/3", "a/1/²"]
)
def test_other_text_is_no_coordinates(text: str) -> None:
    """It is said what was wanted."""
    with pytest.raises(ValueError, match="wanted topic/partition/offset, found"):
        read_coordinates(text)
