"""Say what a history is: the records that a bank's past comes in, and what must become of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS: Final = 86_400_000


class HistoryRecord(NamedTuple):
    """
    One record of a source topic, as an upstream producer writes it.

    `contract` is the topic of `schemas.routing` that it belongs to. `at_ms` is its place in the
    history: when the upstream system sent it, which for a late event is after it occurred.
    """

    at_ms: int
    contract: str
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class History(NamedTuple):
    """
    A tenant's past, in order of `at_ms`.

    `ended_at_ms` is after every record. `rejected_counts` (by reason), `duplicate_count` and
    `issued_count` (distinct cards) are what its maker knows must come out of it.
    """

    tenant: str
    records: Sequence[HistoryRecord]
    started_at_ms: int
    ended_at_ms: int
    issued_count: int
    duplicate_count: int
    rejected_counts: Mapping[str, int]


@lru_cache(maxsize=4_096)
def rfc3339(at_ms: int) -> str:
    """
    Return the moment as a CloudEvent says it.

    >>> rfc3339(852_076_800_000), rfc3339(1)
    ('1997-01-01T00:00:00.000+00:00', '1970-01-01T00:00:00.001+00:00')
    """
    return (EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")


def day(at_ms: int) -> str:
    """
    Return the day, in UTC.

    >>> day(852_076_800_000)
    '1997-01-01'
    """
    return (EPOCH + timedelta(milliseconds=at_ms)).date().isoformat()
