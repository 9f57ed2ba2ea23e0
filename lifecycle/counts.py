"""Count what became of records, candidates and contacts, in rows small enough for a message."""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Final

from schemas.codec import encode_row
from schemas.records import Row


COUNTS_PER_ROW: Final = 1_024
"""At up to 250 bytes each a fourth of a message; a hundred banks do not fit into one row."""


class Counts:
    """
    The running counts of one partition, and which of its rows have changed.

    Row `#counts|p` holds the first thousand keys that were counted, `#counts|p|1` the next.
    """

    __slots__ = ("_changed", "_number_of", "_rows")

    def __init__(self) -> None:
        """Start at nothing."""
        self._rows: list[dict[str, int]] = [{}]
        self._number_of: dict[str, int] = {}
        self._changed: set[int] = set()

    @property
    def by_key(self) -> Mapping[str, int]:
        """Return every count."""
        return self._rows[0] if len(self._rows) == 1 else ChainMap(*self._rows)

    def add(self, key: str) -> None:
        """Count one more."""
        number = self._number_of.get(key)
        if number is None:
            number = self._begin(key)
        self._rows[number][key] += 1
        self._changed.add(number)

    def restore(self, number: int, counts: dict[str, int]) -> None:
        """Take one row back, whichever comes first."""
        while len(self._rows) <= number:
            self._rows.append({})
        self._rows[number] = counts
        self._number_of.update(dict.fromkeys(counts, number))

    def drain(self, partition: int, rows: list[Row]) -> None:
        """Append the rows that have changed since the last time."""
        for number in sorted(self._changed):
            key = f"#counts|{partition}|{number}" if number else f"#counts|{partition}"
            rows.append(Row(key.encode(), encode_row(self._rows[number])))
        self._changed.clear()

    def _begin(self, key: str) -> int:
        """Return the row in which a new key is counted."""
        if len(self._rows[-1]) >= COUNTS_PER_ROW:
            self._rows.append({})
        number = self._number_of[key] = len(self._rows) - 1
        self._rows[number][key] = 0
        return number


def total(counts: Iterable[Counts]) -> dict[str, int]:
    """Return the counts of several partitions, added up."""
    found: dict[str, int] = {}
    for one in counts:
        for key, count in one.by_key.items():
            found[key] = found.get(key, 0) + count
    return found
