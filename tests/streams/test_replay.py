"""A recorded journal gives the same outputs and rows, however it is cut, whence ever it starts."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Applied, Claim, Drained, OutputRecord, Row, SourceRecord, StoredRecord
from streams.replay import ReplayError, replay


SOURCES = [("t", 0)]


class Tally:
    """
    Counts bytes per key in bites of one byte (T8), says the sum; value "-" forgets the key.

    A value "?" waits.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.told: list[str] = []
        self.sums: dict[bytes, int] = {}
        self.bitten = 0
        self.rows: dict[bytes, bytes | None] = {}
        self.outputs: list[OutputRecord] = []

    def restore(self, row: Row) -> None:
        """Take a sum back."""
        self.told.append("restore")
        self.sums[row.key] = int(row.value or b"0")

    def open(self, sources: Sequence[tuple[str, int]]) -> None:
        """Note the sources."""
        self.told.append(f"open {sources}")

    def observe(self, row: Row) -> None:
        """Ignore."""

    def apply(self, record: SourceRecord) -> Applied:
        """Add one byte more."""
        key, value = record.key or b"", record.value or b""
        if value == b"?":
            return Applied.WAIT
        if value == b"-":
            self.sums.pop(key, None)
            self.rows[key] = None
            return Applied.DONE
        self.bitten += 1
        self.sums[key] = self.sums.get(key, 0) + value[self.bitten - 1]
        if self.bitten < len(value):
            return Applied.AGAIN
        self.bitten = 0
        self.rows[key] = b"%d" % self.sums[key]
        self.outputs.append(OutputRecord("sums", key, self.rows[key]))
        return Applied.DONE

    def close_slice(self, claims: Sequence[Claim]) -> None:
        """Note it; there are no claims in a replay."""
        self.told.append(f"close {claims}")

    def drain(self) -> Drained:
        """Return what changed."""
        rows = [Row(*row) for row in self.rows.items()]
        outputs, self.outputs, self.rows = self.outputs, [], {}
        return Drained(rows, outputs)

    def counts(self) -> Mapping[str, int]:
        """Return nothing."""
        return {}


def journal(*pairs: tuple[bytes, bytes]) -> list[StoredRecord]:
    """Return records of one partition."""
    return [StoredRecord("t", 0, n, 0, key, value) for n, (key, value) in enumerate(pairs)]


RECORDS = journal((b"a", b"\1\2"), (b"b", b"\5"), (b"a", b"\3"), (b"b", b"-"), (b"c", b"\7"))


def test_replay_gives_every_output_and_the_compacted_rows() -> None:
    """T8, I2: bites are taken to the end, outputs come in order, a deleted row is gone."""
    fold = Tally()
    replayed = replay(fold, RECORDS, sources=SOURCES)
    spoken = [(output.key, output.value) for output in replayed.outputs]
    assert [(b"a", b"3"), (b"b", b"5"), (b"a", b"6"), (b"c", b"7")] == spoken
    assert {b"a": b"6", b"c": b"7"} == replayed.rows
    assert ["open [('t', 0)]", "close ()"] == fold.told


@given(cut=st.integers(0, 5), slice_record_count=st.integers(1, 6))
def test_replay_from_any_checkpoint_in_any_slices(cut: int, slice_record_count: int) -> None:
    """B4: rows and offset of any moment lead to the same end, however the rest is sliced."""
    whole = replay(Tally(), RECORDS, sources=SOURCES)
    head = replay(Tally(), RECORDS[:cut], sources=SOURCES)
    tail = replay(
        Tally(),
        RECORDS[cut:],
        sources=SOURCES,
        rows=[Row(*row) for row in head.rows.items()],
        slice_record_count=slice_record_count,
    )
    assert whole.outputs == [*head.outputs, *tail.outputs]
    assert whole.rows == tail.rows


def test_replay_takes_the_newest_of_many_rows() -> None:
    """A changelog that is not compacted yet restores like a compacted one."""
    rows = [Row(b"a", b"1"), Row(b"z", b"9"), Row(b"a", b"40"), Row(b"z", None)]
    replayed = replay(Tally(), journal((b"a", b"\2")), sources=SOURCES, rows=rows)
    assert {b"a": b"42"} == replayed.rows


def test_replay_refuses_to_wait() -> None:
    """T7: a record that waits for a tick from elsewhere cannot be replayed alone."""
    with pytest.raises(ReplayError, match="t/0 at 1"):
        replay(Tally(), journal((b"a", b"\1"), (b"b", b"?")), sources=SOURCES)
