"""
Apply a unified diff to a tree of files, strictly: every line of context must be there.

A hunk may have moved within its file, as long as there is one place nearest to where it was.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple


HUNK: Final = re.compile(r"^@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


class PatchError(ValueError):
    """A patch that does not apply any more; it has to be written anew."""


class Hunk(NamedTuple):
    """Lines of a file that are replaced; `line_number` is where they once began, from 1."""

    path: str
    line_number: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def read_hunks(text: str) -> list[Hunk]:
    """
    Return the hunks of a unified diff; what stands before the first file is a comment.

    Raises:
        PatchError: there is none.
    """
    hunks: list[Hunk] = []
    path = ""
    for line in text.splitlines():
        if line.startswith("+++ "):
            path = line[4:].partition("\t")[0].partition("/")[2]
        elif (match := HUNK.match(line)) is not None:
            hunks.append(Hunk(path, int(match[1]), (), ()))
        elif hunks and not line.startswith(("---", "diff ")):
            hunks[-1] = _longer(hunks[-1], line)
    if not hunks:
        raise PatchError("wanted a hunk, found none")
    return hunks


def apply(text: str, root: Path) -> None:
    """
    Change the files under `root` as the diff says.

    Raises:
        PatchError: a file or a hunk's place is not there.
    """
    for hunk in read_hunks(text):
        path = root / hunk.path
        if not path.is_file():
            raise PatchError(f"wanted {hunk.path}, found no such file")
        lines = path.read_text(encoding="utf-8").splitlines()
        place = _place(hunk, lines)
        lines[place : place + len(hunk.before)] = hunk.after
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _longer(hunk: Hunk, line: str) -> Hunk:
    """Return a hunk with one line more."""
    mark, said = line[:1], line[1:]
    before = (*hunk.before, said) if mark in {" ", "-", ""} else hunk.before
    after = (*hunk.after, said) if mark in {" ", "+", ""} else hunk.after
    return hunk._replace(before=before, after=after)


def _place(hunk: Hunk, lines: list[str]) -> int:
    """Return where the hunk's lines begin: of several places the nearest."""
    found = sorted(_places(hunk, lines), key=lambda place: abs(place - hunk.line_number + 1))
    if not found:
        context = "\n".join(hunk.before)
        raise PatchError(f"wanted these lines in {hunk.path}, found others:\n{context}")
    return found[0]


def _places(hunk: Hunk, lines: list[str]) -> Iterator[int]:
    """Yield every place at which the hunk's lines stand."""
    count = len(hunk.before)
    for place in range(len(lines) - count + 1):
        if tuple(lines[place : place + count]) == hunk.before:
            yield place
