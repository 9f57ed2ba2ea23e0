"""
Read a history of examples: a CSV with a column for each input of a model, and `label`.

A number is what the input's rule would give (a whole number, or `true` and `false`, also 1 and 0),
a category its text. Empty is what cannot be computed: 0, or no value that is known (docs/core.md
3.16, Vector). Other columns are passed over. No error quotes a value: it may be a customer's.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from struct import Struct
from typing import Final, Literal, NamedTuple

from lifecycle.clauses import KINDS, READERS
from lifecycle.rule_calls import INT_MAX, INT_MIN
from lifecycle.rules import compiled
from lifecycle.scoring import scaled
from schemas.model import CategoryInput, Input, Model


LABEL: Final = "label"
LABELS: Final[Mapping[str, Literal[0, 1]]] = {"0": 0, "1": 1}
TRUTH: Final = {"false": 0, "true": 1, **LABELS}

_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,19}")


class ExampleError(ValueError):
    """The file cannot be learnt from; the text is `file:line: column: wanted ..., found ...`."""


class Example(NamedTuple):
    """A vector as an exposure keeps it, and what came of it."""

    vector: bytes
    label: Literal[0, 1]


def read_examples(file: Path, model: Model) -> Iterator[Example]:
    """
    Yield the examples of a file in its order, one at least.

    Raises:
        ExampleError: at the first line that is not as described.

    """
    rows = csv.reader(_lines(file), strict=True)
    try:
        header = next(rows, [])
        columns = _columns(header, model, f"{file}:1")
        floats = Struct(f"<{len(model.inputs)}f")
        is_empty = True
        for row in rows:
            if not row:  # an empty line, as at the end of many files
                continue
            is_empty = False
            where = f"{file}:{rows.line_num}"
            if len(row) != len(header):
                raise ExampleError(f"{where}: wanted {len(header)} values, found {len(row)}")
            *vector, label = (column.value(row, where) for column in columns)
            yield Example(floats.pack(*vector), 1 if label else 0)
        if is_empty:
            raise ExampleError(f"{file}:2: wanted an example, found none")
    except csv.Error as error:
        raise ExampleError(f"{file}:{rows.line_num}: wanted CSV, found: {error}") from error


class _Column(NamedTuple):
    """Where something stands in a row, what it is called, and what its text says."""

    place: int
    name: str
    read: Callable[[str], float]

    def value(self, row: Sequence[str], where: str) -> float:
        """Return what the row says, or raise what was wanted at `where`."""
        text = row[self.place]
        try:
            return self.read(text)
        except ExampleError as error:
            found = "other text" if text else "none"
            raise ExampleError(f"{where}: {self.name}: wanted {error}, found {found}") from None


def _lines(file: Path) -> Iterator[str]:
    """Yield the lines of a file, each with its end."""
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    wanted = f"{file}:{number}: wanted UTF-8 text, found other bytes"
                    raise ExampleError(wanted) from error
    except OSError as error:
        raise ExampleError(f"{file}: wanted a file, found {error.strerror}") from error


def _columns(header: Sequence[str], model: Model, where: str) -> list[_Column]:
    """Return the columns of the inputs in their order, and last the label's."""
    if any(one.id == LABEL for one in model.inputs):
        raise ExampleError(f"{where}: wanted a model without an input {LABEL}, found one")
    wanted = [*((one.id, _reader(one)) for one in model.inputs), (LABEL, _label)]
    for name, _ in wanted:
        if (count := header.count(name)) != 1:
            raise ExampleError(f"{where}: wanted the column {name} once, found {count or 'none'}")
    return [_Column(header.index(name), name, read) for name, read in wanted]


def _reader(one: Input) -> Callable[[str], float]:
    """Return from a text to the input's place of the vector; it raises only what was wanted."""
    placed = scaled(one)
    if isinstance(one, CategoryInput):
        return placed
    kind, _ = compiled(one.rule.tree, KINDS, READERS)
    number = _truth if kind == "bool" else _whole
    return lambda text: placed(number(text)) if text else 0.0


def _whole(text: str) -> int:
    """Return a number as rules have them."""
    if _WHOLE.fullmatch(text) is None or not INT_MIN <= int(text) <= INT_MAX:
        raise ExampleError("a whole number of 64 bits")
    return int(text)


def _truth(text: str) -> int:
    """Return a truth value as a number."""
    if text not in TRUTH:
        raise ExampleError("true or false")
    return TRUTH[text]


def _label(text: str) -> Literal[0, 1]:
    """Return what came of the example."""
    if text not in LABELS:
        raise ExampleError("0 or 1")
    return LABELS[text]
