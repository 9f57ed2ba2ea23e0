"""
Write down what a proof at full length has shown: machine, commit, command, figures.

`docs/proof.md` grows by one section a run; the short form shows and writes nothing.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from streams.clock import wall_clock_ms
from tests.kafka_server import ROOT


PAGE = ROOT / "docs/proof.md"
GIB = 2**30


class ProofRecord:
    """
    The section of one run, written line by line, so that a run that fails leaves what it had.

    Args of `add` are in the order in which they are to be read.
    """

    def __init__(self, page: Path | None, command: str) -> None:
        """Write to `page`, or nowhere; `command` is how the run was started."""
        self._page, self._command = page, command
        self._begun = False

    def add(self, title: str, figures: Mapping[str, object]) -> None:
        """Write one proof down."""
        said = ", ".join(f"{name} {_shown(value)}" for name, value in figures.items())
        sys.stdout.write(f"PROOF {title}: {said}\n")
        if self._page is None:
            return
        with self._page.open("a", encoding="utf-8") as page:
            if not self._begun:
                page.write(
                    f"\n## {self._heading()}\n\n{_machine()}.\nCommand: `{self._command}`.\n\n"
                )
                self._begun = True
            page.write(f"* **{title}**: {said}\n")

    def _heading(self) -> str:
        day = datetime.fromtimestamp(wall_clock_ms() / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"{day}, commit {_commit()}"


def _shown(value: object) -> str:
    """Return a figure as people read it."""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _commit() -> str:
    """Return the commit, with a word if the tree differs from it."""
    sha = _said("git", "rev-parse", "--short=12", "HEAD")
    changed = _said("git", "status", "--porcelain", "--untracked-files=no", "--", "*.py", "*.toml")
    return f"{sha} with changes" if changed else sha


def _machine() -> str:
    """Return what the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    java = _said("java", "-version").splitlines()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, {java}"
    )


def _said(*command: str) -> str:
    """Return what a command said, on either stream."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return done.stdout.strip()
