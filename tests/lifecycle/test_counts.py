"""The counts of many banks fit into rows, and come back from them."""

from itertools import permutations
from typing import get_args

import msgspec

from lifecycle.counts import COUNTS_PER_ROW, Counts
from schemas.decisions import ReasonCode, Verdict
from schemas.records import Row


ROW_BYTES_MAX = 900_000
"""What fits into one batch of a transaction."""


def drained(counts: Counts) -> dict[str, dict[str, int]]:
    """Return the changed rows of partition 3, decoded."""
    rows: list[Row] = []
    counts.drain(3, rows)
    return {row.key.decode(): msgspec.msgpack.decode(row.value or b"") for row in rows}


def test_counts_of_one_bank_are_one_row() -> None:
    """What has changed is written, once."""
    counts = Counts()
    for key in ("a", "b", "a"):
        counts.add(key)
    assert {"#counts|3": {"a": 2, "b": 1}} == drained(counts)
    assert {} == drained(counts)
    counts.add("b")
    assert {"#counts|3": {"a": 2, "b": 2}} == drained(counts)


def test_counts_beyond_a_row_go_into_the_next() -> None:
    """A row too long to be written would stop every bank's task; only what changed is written."""
    counts = Counts()
    keys = [f"key-{number}" for number in range(2 * COUNTS_PER_ROW + 1)]
    for key in keys:
        counts.add(key)
    rows = drained(counts)
    assert [COUNTS_PER_ROW, COUNTS_PER_ROW, 1] == [len(row) for row in rows.values()]
    assert ["#counts|3", "#counts|3|1", "#counts|3|2"] == list(rows)
    counts.add(keys[COUNTS_PER_ROW])
    assert ["#counts|3|1"] == list(drained(counts))

    assert dict.fromkeys(keys, 1) | {keys[COUNTS_PER_ROW]: 2} == dict(counts.by_key)


def test_counts_go_on_from_their_rows_in_any_order() -> None:
    """A compacted changelog gives rows back in the order of their last change."""
    written = Counts()
    for number in range(2 * COUNTS_PER_ROW + 1):
        written.add(f"key-{number}")
    rows = list(drained(written).values())
    for order in permutations(range(3)):
        counts = Counts()
        for number in order:
            counts.restore(number, dict(rows[number]))
        counts.add("key-0")
        counts.add("new")

        assert {"#counts|3", "#counts|3|2"} == drained(counts).keys()
        assert (2, 1) == (counts.by_key["key-0"], counts.by_key["new"])
        assert 2 * COUNTS_PER_ROW + 2 == len(counts.by_key)


def test_longest_counts_fit_into_a_row() -> None:
    """By the longest names that settings, policies and our own codes allow."""
    verdict = max(get_args(Verdict), key=len)
    reason = max(get_args(ReasonCode), key=len)
    key = f"decision|{'t' * 128}|{'c' * 64}|{verdict}|{reason}"
    row = {f"{key}{number:04}": 2**63 for number in range(COUNTS_PER_ROW)}

    assert len(msgspec.msgpack.encode(row)) < ROW_BYTES_MAX
