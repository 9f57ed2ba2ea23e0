"""
Read one record of the rejected topic: what it was, where it came from, and why it was refused.

Ingest appends its own headers after the original ones, so what stands before them is the
producer's, whatever its names. A record without them was written by somebody else.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from msgspec import Struct

from schemas.attributes import attributes_under_headers
from schemas.records import SourceRecord
from schemas.rejects import (
    HEADER_EXCEPTION,
    HEADER_MESSAGE,
    HEADER_OFFSET,
    HEADER_ORIGINAL_BYTES,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_REPLAY_COUNT,
    HEADER_REPLAY_OF,
    HEADER_TENANT,
    HEADER_TOPIC,
    HEADER_VALUE_SHA256,
    RejectedError,
)
from schemas.wire import event_kinds


REPLAY_HEADERS: Final = frozenset({HEADER_REPLAY_OF, HEADER_REPLAY_COUNT})

_COORDINATES: Final = re.compile(r"([A-Za-z0-9._-]{1,249})/([0-9]{1,9})/([0-9]{1,18})")
_REASON: Final = re.compile(r"[A-Z0-9_]{1,64}")
_TENANT: Final = re.compile(r"[A-Za-z0-9._-]{0,128}")
_COUNT: Final = re.compile(r"[0-9]{1,9}")

Headers = Sequence[tuple[str, bytes | None]]
"""Kafka's headers in their order; a name may repeat, a value may be null."""


class Coordinates(NamedTuple):
    """Where a record stands; written `topic/partition/offset`."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:  # type: ignore[explicit-override]
        """Return `topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Rejected(Struct, frozen=True, kw_only=True):
    """
    A rejected record.

    `original` is where ingest met it, `kept` where it stands now, `rejected_at_ms` its timestamp
    there, epoch milliseconds UTC. `key`, `value` and `headers` are the producer's own, without
    what we added, now or when we gave it back before. `event_type` is "" unless it is a declared
    one: any other text might be a customer's. `replay_count` says how often it was given back
    before it came here, `replay_of` for which record, "" for none. `cut_bytes` is how long it
    was where only a part is kept, else 0; of a `withheld` record (personal data) nothing is kept.
    """

    original: Coordinates
    kept: Coordinates
    rejected_at_ms: int
    tenant: str
    reason: str
    message: str
    event_type: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    replay_count: int
    replay_of: str
    cut_bytes: int
    withheld: bool

    @property
    def flaw(self) -> str:
        """Return why no replay can ever give it back, "" where one can."""
        if self.withheld:
            return "wanted its bytes, found them withheld as personal data"
        if self.cut_bytes:
            return f"wanted the whole record, found it cut, of {self.cut_bytes} bytes"
        return ""


def read_coordinates(text: str) -> Coordinates:
    """
    Return coordinates as they are written.

    Raises:
        ValueError: they are not.

    """
    written = _COORDINATES.fullmatch(text)
    if written is None:
        raise ValueError(f"wanted topic/partition/offset, found {text!r}")
    return Coordinates(written[1], int(written[2]), int(written[3]))


def read_rejected(record: SourceRecord) -> Rejected | None:
    """Return a record of the rejected topic, None where ingest has not written it."""
    headers: Headers = record.headers
    places = [place for place, (name, _) in enumerate(headers) if name == HEADER_EXCEPTION]
    if not places:
        return None
    theirs = headers[: places[-1]]
    ours = {name: (value or b"").decode(errors="replace") for name, value in headers[places[-1] :]}
    original = _original(ours)
    reason, tenant = ours.get(HEADER_REASON, ""), ours.get(HEADER_TENANT, "")
    if original is None or not _REASON.fullmatch(reason) or not _TENANT.fullmatch(tenant):
        return None
    before = {name: (value or b"").decode(errors="replace") for name, value in theirs}
    own = [(name, value) for name, value in theirs if name not in REPLAY_HEADERS]
    return Rejected(
        original=original,
        kept=Coordinates(record.topic, record.partition, record.offset),
        rejected_at_ms=record.timestamp,
        tenant=tenant,
        reason=reason,
        message=printable(ours.get(HEADER_MESSAGE, "")),
        event_type=_event_type(own, record.value, original.topic),
        key=record.key,
        value=record.value,
        headers=own,
        replay_count=_count(before.get(HEADER_REPLAY_COUNT, "")),
        replay_of=printable(before.get(HEADER_REPLAY_OF, "")),
        cut_bytes=_count(before.get(HEADER_ORIGINAL_BYTES, "")),
        withheld=HEADER_VALUE_SHA256 in {**before, **ours} or reason == "PII_FORBIDDEN",
    )


def printable(text: str) -> str:
    """Return a text without what would move a terminal's cursor or colours."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def written_time(at_ms: int) -> str:
    """Return epoch milliseconds as RFC 3339 in UTC."""
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _original(ours: Mapping[str, str]) -> Coordinates | None:
    """Return where ingest met the record, None where the headers do not say."""
    named = (ours.get(name, "") for name in (HEADER_TOPIC, HEADER_PARTITION, HEADER_OFFSET))
    try:
        return read_coordinates("/".join(named))
    except ValueError:
        return None


def _count(text: str) -> int:
    """Return a number that a header has, 0 where it has none."""
    return int(text) if _COUNT.fullmatch(text) else 0


def _event_type(headers: Headers, value: bytes | None, topic: str) -> str:
    """Return the event's type if it can be told and is one of ours."""
    try:
        told = attributes_under_headers(dict(headers), value or b"", topic).event_type
    except RejectedError:
        return ""
    return told if told in event_kinds() else ""
