"""
Read a history of examples: a CSV with a column for each input of a model, and `label`.

A number is what the input's rule would give (a whole number, `true` or `false`), a category its
text. Empty is what cannot be computed: 0, or no value that is known (docs/core.md 3.16, Vector).
"""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from struct import pack
from typing import Final, Literal, NamedTuple

from lifecycle.scoring import scaled
from schemas.model import CategoryInput, Input, Model


LABEL: Final = "label"
LABELS: Final[Mapping[str, Literal[0, 1]]] = {"0": 0, "1": 1}
TRUTH: Final = {"false": 0, "true": 1}

_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,18}")


class ExampleError(ValueError):
    """The file cannot be learnt from; the text is `file:line: column: wanted ..., found ...`."""


class Example(NamedTuple):
    """A vector as an exposure keeps it, and what came of it."""

    vector: bytes
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


def _vector(row: Mapping[str, str | None], model: Model, where: str) -> bytes:
    """Return what the model would look at."""
    places = (_place(one, row[one.id] or "", f"{where}: {one.id}") for one in model.inputs)
    return pack(f"<{len(model.inputs)}f", *places)


def _place(one: Input, text: str, where: str) -> float:
    """Return one place of the vector."""
    if isinstance(one, CategoryInput):
        return scaled(one)(text)
    if not text:
        return 0.0
    if text not in TRUTH and _WHOLE.fullmatch(text) is None:
        raise ExampleError(f"{where}: wanted a whole number, true or false, found {text[:20]!r}")
    return scaled(one)(TRUTH[text] if text in TRUTH else int(text))


def _label(row: Mapping[str, str | None], where: str) -> Literal[0, 1]:
    """Return what came of the example."""
    text = row[LABEL] or ""
    if text not in LABELS:
        raise ExampleError(f"{where}: label: wanted 0 or 1, found {text[:20]!r}")
    return LABELS[text]
