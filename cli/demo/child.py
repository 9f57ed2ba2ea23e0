"""Run the real worker as a child of ours, and leave nothing of it behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from streams.settings import FILE_VARIABLE, PREFIX


LOG_LINES_SHOWN: Final = 15


class WorkerDiedError(RuntimeError):
    """The worker ended before it was told to."""


class Child:
    """`cardcue worker` in a process group of its own, so that Ctrl-C reaches it through us only."""

    def __init__(self, settings_file: Path) -> None:
        """Start it beside its settings; there goes what it says, and whatever else it writes."""
        self._log = settings_file.with_suffix(".log")
        with self._log.open("wb") as said:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "worker"],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=settings_file.parent,
                env=environment(os.environ, settings_file),
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        """Return the running worker."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it, gently only at first."""
        self.stop()

    @property
    def pid(self) -> int:
        """Return the worker's process id, which is also its group's."""
        return self._running.pid

    def check(self) -> None:
        """
        Look whether it still runs.

        Raises:
            WorkerDiedError: with its exit code and the end of its log.

        """
        code = self._running.poll()
        if code is not None:
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            end = "\n".join(lines[-LOG_LINES_SHOWN:])
            raise WorkerDiedError(f"wanted a running worker, found exit code {code}:\n{end}")

    def stop(self) -> None:
        """
        End the whole group and wait for the worker; twice is once.

        By a kill, which is how a worker is made to end (ADR 6): what it could still say would
        go to a broker that is taken down with it.
        """
        try:
            os.killpg(self._running.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # gone, and waited for
        self._running.wait()


def environment(environ: Mapping[str, str], settings_file: Path) -> dict[str, str]:
    """
    Return ours with the demonstration's settings, and no setting of another deployment.

    What the worker puts into its temporary folder goes where its settings are, to be taken away.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(PREFIX)}
    return kept | {FILE_VARIABLE: str(settings_file), "TMPDIR": str(settings_file.parent)}
