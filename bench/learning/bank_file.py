"""
Read the UCI Bank Marketing file: who was called about a deposit, in order, and who took one.

41,188 contacts from May 2008 to November 2010 (Moro, Cortez, Rita 2014). `duration`, the length of
the call, is left out: it is known only once the answer is.
"""

import csv
import gzip
import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple


FILE: Final = Path("bank_marketing", "bank-additional-full.csv.gz")
SHA256: Final = "74adfc578bf77a7ff4bb1ba4a9f8709d9e3c6907342959c2c8416847e0afb4d8"
"""Of the unzipped text, as its publisher's archive has it."""

REPOSITORY: Final = Path(__file__).resolve().parents[2]

NUMBERS: Final = {
    "age": (0, 100),
    "campaign": (0, 100),
    "pdays": (0, 1_000),
    "previous": (0, 10),
    "emp.var.rate": (-5, 5),
    "cons.price.idx": (90, 100),
    "cons.conf.idx": (-100, 0),
    "euribor3m": (0, 10),
    "nr.employed": (4_900, 5_300),
}
"""Column to the values that are told as 0 and as 10^6 parts per million."""

TEXTS: Final = (
    *("job", "marital", "education", "default", "housing", "loan"),
    *("contact", "month", "day_of_week", "poutcome"),
)
PPM: Final = 1_000_000


class BankFileError(RuntimeError):
    """The file is not there, or is not the one we know."""


class Contact(NamedTuple):
    """
    One call.

    `day` counts the bank's working days: a run of equal month and weekday is one. `numbers` are
    parts per million of each column's range, `texts` as the file has them.
    """

    place: int
    day: int
    numbers: Mapping[str, int]
    texts: Mapping[str, str]
    converted: bool


def contacts_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the file should be: in `CARDCUE_DATA`, else in the folder shared beside us."""
    named = environ.get("CARDCUE_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    return folder / FILE


def contacts(file: Path) -> Iterator[Contact]:
    """
    Yield every contact, in order.

    Raises:
        BankFileError: no such file, or another one.

    """
    if not file.is_file():
        raise BankFileError(f"{file}: wanted the Bank Marketing file, found none")
    text = gzip.decompress(file.read_bytes())
    digest = hashlib.sha256(text).hexdigest()
    if digest != SHA256:
        raise BankFileError(f"{file}: wanted sha256 {SHA256}, found {digest}")
    day, today = -1, ("", "")
    lines = io.StringIO(text.decode("ascii"), newline="")
    for place, row in enumerate(csv.DictReader(lines, delimiter=";")):
        if today != (row["month"], row["day_of_week"]):
            day, today = day + 1, (row["month"], row["day_of_week"])
        yield Contact(
            place=place,
            day=day,
            numbers={name: _ppm(row[name], *NUMBERS[name]) for name in NUMBERS},
            texts={name: row[name] for name in TEXTS},
            converted=row["y"] == "yes",
        )


def _ppm(text: str, least: int, greatest: int) -> int:
    """Return a number as parts per million of its range."""
    share = (float(text) - least) / (greatest - least)
    return min(PPM, max(0, round(share * PPM)))
