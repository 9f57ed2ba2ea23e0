"""
Describe what the folds read from and write to the log, whatever carries it.

The shell hands the client library's own record objects to the folds: `SourceRecord` names the
attributes they may touch, so that nothing is copied per record.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple, Protocol


BROADCAST: Final = -1
"""Partition number of an output that goes to every partition of its topic."""


class SourceRecord(Protocol):
    """
    A record as read from one partition, in offset order.

    `timestamp` is the broker's record timestamp in epoch milliseconds UTC; `value` is None for a
    tombstone; `headers` keep their order and may repeat a name.
    """

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp(self) -> int: ...  # noqa: D102
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...  # noqa: D102


class StoredRecord(NamedTuple):
    """A record with its coordinates, as the in-memory log and the tests make it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class OutputRecord(NamedTuple):
    """
    A record to append.

    `partition` None means by key (murmur2, as Java's default partitioner), `BROADCAST` means one
    copy in every partition, any other number means that partition.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None


class Claim(NamedTuple):
    """
    How far one source partition has been read in time (SEMANTICS T3).

    Every record of `topic`/`partition` that was not read when the claim was sampled is younger
    than `claim_at_ms` (epoch milliseconds UTC), up to the clock skew declared for the source.
    """

    topic: str
    partition: int
    claim_at_ms: int


class Row(NamedTuple):
    """A changelog row: `value` None deletes the key."""

    key: bytes
    value: bytes | None


class Drained(NamedTuple):
    """What a fold has changed since it was last drained; already bytes, safe to await over."""

    rows: Sequence[Row]
    outputs: Sequence[OutputRecord]


class Applied(IntEnum):
    """
    What became of a record that was given to a fold.

    DONE: its offset may move. AGAIN: give me the same record again (a tick with more due timers
    than fit in one bite, SEMANTICS T8; a restore that is not done). WAIT: keep it and what
    follows it in its partition until the watermark has moved (backfill pace, T7).
    """

    DONE = 0
    AGAIN = 1
    WAIT = 2
