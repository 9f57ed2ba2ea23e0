"""
Read the golden files of `tests/golden`: bytes that were written and reviewed by hand.

Nothing here writes. A line that has to change is changed by a person, together with
`SEMANTICS_VERSION` where the journal, triggers or decisions are concerned (B3). When a row grows
by a field, its old file goes to `yesterday/` and stays there for ever: such rows are in changelogs.
"""

from pathlib import Path
from typing import Final

from tests.kafka_server import ROOT


GOLDEN: Final = ROOT / "tests" / "golden"


def golden_lines(name: str) -> list[bytes]:
    """Return the lines of a file, each the bytes of one record."""
    return _bytes(name).splitlines()


def golden_binary() -> list[tuple[dict[str, str], bytes]]:
    """Return headers and value of each binary CloudEvent: blank lines stand between the parts."""
    parts = _bytes("binary.txt").rstrip(b"\n").split(b"\n\n")
    return [
        (dict(line.split(": ", 1) for line in head.decode().splitlines()), value)
        for head, value in zip(parts[::2], parts[1::2], strict=True)
    ]


def golden_row(name: str) -> bytes:
    """Return a row that is written as hex, a value a line, with what it means after a `#`."""
    lines = (GOLDEN / name).read_text(encoding="utf-8").splitlines()
    return bytes.fromhex("".join(line.partition("#")[0] for line in lines))


def _bytes(name: str) -> bytes:
    path: Path = GOLDEN / name
    return path.read_bytes()
