"""Compare what the log says of records with what the corpus says must become of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple, get_args

import msgspec

from schemas.rejects import RejectReason
from tests.fuzz.cases import APPLIED, Case


Place = tuple[str, int, int]
Header = tuple[str, bytes | None]

REJECT_REASONS: Final = frozenset(get_args(RejectReason))
ADDED: Final = (
    "__streams.errors.exception",
    "__streams.errors.message",
    "__streams.errors.topic",
    "__streams.errors.partition",
    "__streams.errors.offset",
    "cardcue.reason",
    "cardcue.tenant",
)
"""What ingest adds to the headers of a rejected record, in this order (docs/core.md 1, step 9)."""

WHOLE_BYTES_MAX: Final = 786_432


class Kept(NamedTuple):
    """A record of the rejected topic or of the journal, wherever it was read from."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]
    partition: int


class Sent(NamedTuple):
    """A case, the class it is of, and where the log has put it."""

    name: str
    case: Case
    place: Place


def rejected_by_place(records: Iterable[Kept]) -> dict[Place, Kept]:
    """Return the rejected records by where they came from; fails where one was kept twice."""
    found: dict[Place, Kept] = {}
    for record in records:
        said = {name: raw or b"" for name, raw in record.headers[-len(ADDED) :]}
        topic, partition, offset = (said[f"__streams.errors.{name}"].decode() for name in PLACED)
        place = (topic, int(partition), int(offset))
        assert place not in found, f"wanted {place} once, found it twice"
        found[place] = record
    return found


PLACED: Final = ("topic", "partition", "offset")


def forwarded_places(values: Iterable[bytes | None]) -> Counter[Place]:
    """Return from where the journal's customer events came, and how often."""
    sources = [msgspec.json.decode(value or b"")["source"] for value in values]
    return Counter((topic, partition, offset) for topic, partition, offset in sources)


def check_kept(sent: Sent, kept: Kept, partition_count: int) -> None:
    """Fail unless a rejected record is what came, with the reason, tenant and place."""
    case, (topic, partition, offset) = sent.case, sent.place
    headers = list(kept.headers)
    added = headers[-len(ADDED) :]
    assert [name for name, _ in added] == list(ADDED), sent.name
    said = dict(added)
    assert said["cardcue.reason"] == case.outcome.encode(), (sent.name, said, shown(case))
    assert said["cardcue.tenant"] == case.tenant.encode(), (sent.name, said)
    assert said["__streams.errors.exception"] == b"RejectedError"
    assert (said["__streams.errors.message"] or b"").startswith(b"wanted ")
    places = [str(part).encode() for part in (topic, partition, offset)]
    assert places == [said[f"__streams.errors.{name}"] for name in PLACED]
    assert kept.partition == partition % partition_count
    check_bytes(case, kept, headers[: -len(ADDED)])


def check_bytes(case: Case, kept: Kept, original: Sequence[Header]) -> None:
    """Fail unless the record's bytes are all there, or the digest only, or what fits."""
    if case.outcome == "PII_FORBIDDEN":
        digest = sha256(case.value or b"").hexdigest().encode()
        assert (kept.key, kept.value) == (None, None)
        assert original == [("cardcue.value_sha256", digest)]
        return
    size = sum(8 + len(name.encode()) + len(raw or b"") for name, raw in case.headers)
    size += len(case.key or b"") + len(case.value or b"")
    if size > WHOLE_BYTES_MAX:
        assert kept.value == (case.value or b"")[:524_288]
        assert original == [("cardcue.original_bytes", str(size).encode())]
        return
    assert (kept.key, kept.value) == (case.key, case.value)
    assert original == list(case.headers)


def shown(case: Case) -> bytes:
    """Return the beginning of a case's value, for who reads a failure."""
    return (case.value or b"")[:200]


def expected_counts(sent: Iterable[Sent]) -> Mapping[str, Counter[str]]:
    """Return how many cases of each class must end how."""
    expected: dict[str, Counter[str]] = {}
    for one in sent:
        expected.setdefault(one.name, Counter())[one.case.outcome] += 1
    return expected


def is_rejected(case: Case) -> bool:
    """Return whether a case must end in the rejected topic."""
    return case.outcome in REJECT_REASONS


def ignored_counts(sent: Iterable[Sent]) -> Counter[str]:
    """Return how often lifecycle must ignore an event for each reason."""
    outcomes = (one.case.outcome for one in sent)
    return Counter(one for one in outcomes if one not in REJECT_REASONS and one != APPLIED)
