"""Run what is measured as processes of their own, each on its core, and read their CPU time."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self


ROOT = Path(__file__).resolve().parent.parent
WORKER_CORE = 0
OTHERS_CORE = 1
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return user and system CPU time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


class Child:
    """A child pinned to one core; killed with its group at the end of the block."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        """Prepare; the child's output goes to `log`."""
        self.argv = ["taskset", "-c", str(WORKER_CORE), *argv]
        self.env = {**os.environ, **env, "PYTHONPATH": str(ROOT)}
        self.log = log

    def __enter__(self) -> Self:
        """Start."""
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(  # noqa: S603 (our own commands)
                self.argv,
                env=self.env,
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.pid = self._child.pid
        return self

    def __exit__(self, *_: object) -> None:
        """Kill the whole group, if anything of it is left."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def check(self) -> None:
        """Stop the benchmark if the child has ended: its figures would be worth nothing."""
        if (code := self._child.poll()) is not None:
            raise RuntimeError(f"wanted a running process, found exit code {code}, see {self.log}")


def worker(env: Mapping[str, str], log: Path) -> Child:
    """Return our worker."""
    return Child([sys.executable, "-m", "cli.main", "worker"], env, log)


def faust_peer(env: Mapping[str, str], log: Path) -> Child:
    """Return the idiomatic Faust peer."""
    argv = [sys.executable, "-m", "faust", "-A", "bench.faust_peer", "-L", "uvloop", "worker"]
    return Child([*argv, "-l", "warn", "--without-web"], env, log)
