"""
A fold that is easy to check and hard on the shell: a record takes several bites (T8).

A record of value `n` says n numbers, one a bite; its key's row remembers the last number said, a
row of its partition how many bites of which record are taken. Every number of a key is said once,
in order, or something went wrong.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from schemas.codec import decode_row, encode_row
from schemas.records import Applied, Claim, Drained, OutputRecord, Row, SourceRecord


NUMBERS = "numbers"


class TallyFold:
    """One task of the tally (port: `streams.fold.Fold`)."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.said: dict[bytes, int] = {}
        self.bites: dict[bytes, tuple[int, int]] = {}
        self._changed: dict[bytes, None] = {}
        self._outputs: list[OutputRecord] = []

    def restore(self, row: Row) -> None:
        """Take a row back."""
        assert row.value is not None
        if row.key.startswith(b"#bites|"):
            self.bites[row.key] = decode_row(row.value, tuple[int, int])
        else:
            self.said[row.key] = decode_row(row.value, int)

    def open(self, sources: Sequence[tuple[str, int]]) -> None:
        """There is nothing to build."""

    def observe(self, row: Row) -> None:
        """Ignore."""

    def apply(self, record: SourceRecord) -> Applied:
        """Say one number."""
        assert record.key is not None
        assert record.value is not None
        place = f"#bites|{record.topic}|{record.partition}".encode()
        offset, taken = self.bites.get(place, (-1, 0))
        taken = taken + 1 if offset == record.offset else 1
        self.bites[place] = (record.offset, taken)
        number = self.said[record.key] = self.said.get(record.key, 0) + 1
        self._outputs.append(OutputRecord(NUMBERS, record.key, b"%d" % number))
        self._changed |= {place: None, record.key: None}
        return Applied.AGAIN if taken < int(record.value) else Applied.DONE

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """Ignore."""

    def drain(self) -> Drained:
        """Return what changed."""
        rows = [Row(key, self._row(key)) for key in self._changed]
        outputs, self._outputs, self._changed = self._outputs, [], {}
        return Drained(rows, outputs)

    def counts(self) -> Mapping[str, int]:
        """Return how many keys there are."""
        return {"keys": len(self.said)}

    def _row(self, key: bytes) -> bytes:
        return encode_row(self.bites[key] if key in self.bites else self.said[key])


class TallySpec(Struct, frozen=True, kw_only=True):
    """What the shell must know of the tally."""

    name: str = "tally"
    source_topics: tuple[str, ...] = ("first", "second")
    changelog_topic: str = "tally.rows"
    observed_topic: str = ""

    def make(self, task: int, task_count: int) -> TallyFold:  # noqa: ARG002 (as the port wants it)
        """Return a new fold."""
        return TallyFold()
