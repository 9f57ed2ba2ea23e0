"""
Read a history of examples: a CSV with a column for each input of a model, and `label`.

A number is what the input's rule would give (a whole number, `true` or `false`), a category its
text. Empty is what cannot be computed: 0, or no value that is known (docs/core.md 3.16, Vector).
"""

import csv
import re
from collections.abc import Iterator, Mapping
from math import log1p
from pathlib import Path
from struct import pack, unpack
from typing import Final, Literal, NamedTuple

from schemas.model import CategoryInput, Input, Model, NumberInput


LABEL: Final = "label"
LABELS: Final[Mapping[str, Literal[0, 1]]] = {"0": 0, "1": 1}
TRUTH: Final = {"false": 0, "true": 1}
NUMBER_MAX: Final = 4.0
"""How far from 0 a number of a vector may be."""

_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT32: Final = "<f"


class ExampleError(ValueError):
    """The file cannot be learnt from; the text is `file:line: column: wanted ..., found ...`."""


class Example(NamedTuple):
    """A vector in the order of the model's inputs, as float32 has it, and what came of it."""

    x: tuple[float, ...]
    label: Literal[0, 1]


def read_examples(file: Path, model: Model) -> Iterator[Example]:
    """
    Yield the examples of a file in its order.

    Raises:
        ExampleError: at the first line that is not as described.

    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            for column in (*(one.id for one in model.inputs), LABEL):
                if column not in (rows.fieldnames or ()):
                    raise ExampleError(f"{file}:1: wanted the column {column}, found none")
            for row in rows:
                where = f"{file}:{rows.line_num}"
                yield Example(_vector(row, model, where), _label(row, where))
    except OSError as error:
        raise ExampleError(f"{file}: wanted a file, found {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ExampleError(f"{file}: wanted UTF-8 text, found other bytes") from error
    except csv.Error as error:
        raise ExampleError(f"{file}: wanted CSV, found: {error}") from error


def _vector(row: Mapping[str, str | None], model: Model, where: str) -> tuple[float, ...]:
    """Return what the model would look at."""
    return tuple(_place(one, row[one.id] or "", f"{where}: {one.id}") for one in model.inputs)


def _place(one: Input, text: str, where: str) -> float:
    """Return one place of the vector."""
    if isinstance(one, CategoryInput):
        return float(one.values.index(text) + 1) if text in one.values else 0.0
    if not text:
        return 0.0
    if text not in TRUTH and _WHOLE.fullmatch(text) is None:
        raise ExampleError(f"{where}: wanted a whole number, true or false, found {text[:20]!r}")
    number = TRUTH[text] if text in TRUTH else int(text)
    scaled: float
    (scaled,) = unpack(_FLOAT32, pack(_FLOAT32, _scaled(one, number)))
    return scaled


def _scaled(one: NumberInput, number: int) -> float:
    """Return a number brought to the order of 1."""
    above = number - one.offset
    if one.scale == "log":
        return min(NUMBER_MAX, log1p(max(0, above)) / log1p(one.divisor))
    return max(-NUMBER_MAX, min(NUMBER_MAX, above / one.divisor))


def _label(row: Mapping[str, str | None], where: str) -> Literal[0, 1]:
    """Return what came of the example."""
    text = row[LABEL] or ""
    if text not in LABELS:
        raise ExampleError(f"{where}: label: wanted 0 or 1, found {text[:20]!r}")
    return LABELS[text]
