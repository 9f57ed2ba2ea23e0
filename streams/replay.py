"""
Run a fold over recorded records without a log: for proofs, backtests and audits.

Byte-identity is promised from the journal on (SEMANTICS T1): the same journal partitions give
the same outputs and rows here, live, and after a crash, however the records were sliced.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from schemas.records import Applied, Drained, OutputRecord, Row, SourceRecord
from streams.fold import Fold


SLICE_RECORD_COUNT: Final = 1_000


class Replayed(NamedTuple):
    """Every output in the order made, and what the changelog would hold once compacted."""

    outputs: Sequence[OutputRecord]
    rows: dict[bytes, bytes]


class ReplayError(ValueError):
    """The fold waits for something that is not among its records (SEMANTICS T7)."""


def replay(
    fold: Fold,
    records: Iterable[SourceRecord],
    *,
    sources: Sequence[tuple[str, int]],
    rows: Iterable[Row] = (),
    slice_record_count: int = SLICE_RECORD_COUNT,
) -> Replayed:
    """
    Return all that a new fold makes of the records, from a checkpoint's rows or from nothing (B4).

    Args:
        fold: new, neither restored nor opened.
        records: of `sources` only, in offset order within each partition.
        sources: the (topic, partition) pairs of the fold's task.
        rows: the checkpoint, as read from the changelog up to where the records begin, without
            the shell's own offsets row.
        slice_record_count: how many records are folded between two drains; changes nothing.

    Raises:
        ReplayError: a record waits.
    """
    kept = {row.key: row.value for row in rows}
    outputs: list[OutputRecord] = []
    for row in kept.items():
        fold.restore(Row(*row))
    fold.open(sources)
    for drained in fold_in_slices(fold, records, slice_record_count):
        kept.update(drained.rows)
        outputs.extend(drained.outputs)
    return Replayed(outputs, {key: value for key, value in kept.items() if value is not None})


def fold_in_slices(
    fold: Fold, records: Iterable[SourceRecord], slice_record_count: int
) -> Iterator[Drained]:
    """
    Yield what an open fold makes of each slice, for who cannot keep it all.

    Raises:
        ReplayError: a record waits.
    """
    coming = iter(records)
    while part := tuple(islice(coming, slice_record_count)):
        for record in part:
            while (applied := fold.apply(record)) is Applied.AGAIN:
                pass
            if applied is Applied.WAIT:
                where = f"{record.topic}/{record.partition} at {record.offset}"
                raise ReplayError(f"wanted to fold {where}, found that it waits")
        fold.close_slice(())
        yield fold.drain()
