"""Show what goes on: a block that is redrawn on a terminal, and plain lines anywhere else."""

import shutil
import time
from collections.abc import Callable, Sequence
from typing import Final, TextIO


REDRAW_S: Final = 0.2
PLAIN_S: Final = 5.0
BAR_WIDTH: Final = 24
UP_AND_CLEAR: Final = "\x1b[{}F\x1b[J"
"""To the beginning of the line so many lines up; clear from there to the end of the screen."""


class Screen:
    """Lines that stay, and below them a block that changes."""

    def __init__(self, out: TextIO, *, now_s: Callable[[], float] = time.monotonic) -> None:
        """Write to `out`; `now_s` are monotonic seconds."""
        self._out = out
        self._live = out.isatty()
        self._now_s = now_s
        self._due_s = now_s()
        self._block_line_count = 0

    def say(self, text: str) -> None:
        """Print lines that stay."""
        self._clear()
        self._out.write(f"{text}\n")
        self._out.flush()
        self._due_s = min(self._due_s, self._now_s()) if self._live else self._due_s

    def show(self, block: Callable[[], Sequence[str]], *, now: bool = False) -> None:
        """Draw the block if it is time to; it is built only then."""
        if not now and self._now_s() < self._due_s:
            return
        self._due_s = self._now_s() + (REDRAW_S if self._live else PLAIN_S)
        width = shutil.get_terminal_size().columns - 1 if self._live else None
        lines = [line[:width] for line in block()]  # one that wraps could not be taken away
        self._clear()
        self._out.write("".join(f"{line}\n" for line in lines))
        self._out.flush()
        self._block_line_count = len(lines) if self._live else 0

    def _clear(self) -> None:
        """Take the block away, on a terminal."""
        if self._block_line_count:
            self._out.write(UP_AND_CLEAR.format(self._block_line_count))
            self._block_line_count = 0


def bar(ratio: float) -> str:
    """
    Return a bar that is filled so far.

    >>> bar(0.5)
    '[############............]'
    """
    filled = round(max(0.0, min(1.0, ratio)) * BAR_WIDTH)
    return f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}]"
