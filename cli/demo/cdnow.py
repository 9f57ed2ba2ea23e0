"""
Read CDNOW: every purchase of the 23,570 customers who first bought there in early 1997.

It is the data set behind BG/NBD (Fader, Hardie, Lee 2005). The `Lifetimes` package carries it, so
it comes by name and hash the way our dependencies do; only the text is kept, nothing is installed.
"""

import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple


WHEEL = "Lifetimes==0.11.3"
WHEEL_SHA256 = "261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8"
TEXT_SHA256 = "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"
TEXT_PATH = Path("lifetimes", "datasets", "CDNOW_master.txt")
DAY_MS = 86_400_000
INSTALL_S_MAX = 300
REPOSITORY = Path(__file__).resolve().parents[2]

# customer, date as YYYYMMDD, number of discs, dollars: " 00001 19970101  1   11.77"
PURCHASE = re.compile(r" ([0-9]{5}) ([0-9]{4})([0-9]{2})([0-9]{2}) +([0-9]+) +([0-9]+)\.([0-9]{2})")


class CdnowError(RuntimeError):
    """The data set is not to be had, or is not the one we know."""


class Purchase(NamedTuple):
    """One line of the file."""

    line: int
    """Line number in the file, whose line 1 is the heading: 2 to 69,660."""
    customer: str
    """Five digits, `00001` to `23570`."""
    bought_on: date
    """Day of the purchase; the file knows no time of day."""
    item_count: int
    """Discs bought, at least 1."""
    amount_minor: int
    """US cents, zero for 80 purchases."""

    @property
    def event_id(self) -> str:
        """Return what identifies the purchase, also among the 255 that repeat another line."""
        return f"cdnow-{self.line}"

    @property
    def bought_at_ms(self) -> int:
        """Return midnight UTC of the day, in milliseconds of the epoch."""
        return (self.bought_on - date(1970, 1, 1)).days * DAY_MS


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return where the text is kept: `CARDCUE_CACHE`, else `build/data` of the repository."""
    named = environ.get("CARDCUE_CACHE")
    return Path(named) if named else REPOSITORY / "build" / "data"


def purchases(text: Path) -> Iterator[Purchase]:
    """
    Yield the file's purchases in its order: by customer, then by day.

    Raises:
        CdnowError: a line is not what it should be; the number is given, never the line.
    """
    with text.open(encoding="ascii") as lines:
        next(lines, None)
        for number, line in enumerate(lines, start=2):
            match = PURCHASE.fullmatch(line.rstrip("\n"))
            if match is None:
                wanted = "customer, day, item count and dollars with two decimals"
                raise CdnowError(f"line {number}: wanted {wanted}, found something else")
            customer, year, month, day, items, dollars, cents = match.groups()
            yield Purchase(
                line=number,
                customer=customer,
                bought_on=date(int(year), int(month), int(day)),
                item_count=int(items),
                amount_minor=int(dollars) * 100 + int(cents),
            )


def fetch(cache: Path, install: Callable[[Path], None] | None = None) -> Path:
    """
    Return the text's path, bringing it into the cache first if it is not there whole.

    Args:
        cache: folder that keeps it; made if missing.
        install: unpacks the wheel into an empty folder; by default with pip, else with uv.

    Raises:
        CdnowError: the wheel could not be had, or the text in it is not the one we know.
    """
    kept = cache / TEXT_PATH.name
    if kept.is_file() and _sha256(kept) == TEXT_SHA256:
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        (install or install_wheel)(Path(folder))
        fresh = Path(folder) / TEXT_PATH
        found = _sha256(fresh) if fresh.is_file() else "no such file"
        if found != TEXT_SHA256:
            raise CdnowError(f"{TEXT_PATH.name}: wanted sha256 {TEXT_SHA256}, found {found}")
        fresh.replace(kept)  # whole or not at all, also when two fetch at once
    return kept


def install_wheel(folder: Path, tool: str | None = None) -> None:
    """
    Unpack the wheel into the folder, refused unless its hash is the pinned one.

    Args:
        folder: an empty folder, no environment: nothing can import from it.
        tool: `pip` or `uv`; by default the first of them that this Python has.

    Raises:
        CdnowError: no tool, no index reached, or another hash.
    """
    asked = folder / "wanted.txt"
    asked.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="ascii")
    command = [sys.executable, "-m", *_installer(tool), "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--target", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - our interpreter, arguments of our own
            [*command, "-r", str(asked)],
            check=False,
            capture_output=True,
            text=True,
            timeout=INSTALL_S_MAX,
            env=_index_for_uv(os.environ),
        )
    except subprocess.TimeoutExpired as error:
        raise CdnowError(f"{WHEEL}: wanted it within {INSTALL_S_MAX} s, found no end") from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise CdnowError(f"{WHEEL}: wanted the wheel with its hash, found {last[0]}")


def _installer(tool: str | None) -> list[str]:
    """Return the module and its words that install packages; uv syncing a venv may drop pip."""
    commands = {
        "pip": ["pip", "install"],
        "uv": ["uv", "pip", "install", "--python", sys.executable],
    }
    for name in commands if tool is None else [tool]:
        if importlib.util.find_spec(name):
            return commands[name]
    raise CdnowError(f"{WHEEL}: wanted pip or uv in {sys.executable}, found neither")


def _index_for_uv(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the package index that pip was told also told to uv."""
    told = environ.get("PIP_INDEX_URL")
    return {**({"UV_DEFAULT_INDEX": told} if told else {}), **environ}


def _sha256(file: Path) -> str:
    """Return the file's digest in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
