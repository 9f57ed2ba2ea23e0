"""
Run workers as their supervisor does: processes of their own, started again when they crash.

A worker that was killed (-9) or crashed on purpose (70) is started again at once; any other end
is final. Every exit code is kept.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from streams.exit import EXIT_CRASHED
from tests.kafka_server import ROOT, free_port
from tests.proof.pages import Page, read_page, read_readiness, read_tasks


KILLED: Final = -signal.SIGKILL
WORKER: Final = (sys.executable, "-m", "cli.main", "worker")
WITH_BACKLOG: Final = ("ingest", "lifecycle")
"""Folds that a load gives work; the clock's transactions are many and hold next to nothing."""
END_S_MAX: Final = 60.0
CRASHES_IN_A_ROW_MAX: Final = 60
"""Of processes that lived for less than `CRASH_S_MAX`: then something is wrong for good."""
CRASH_S_MAX: Final = 10.0
PAUSE_S: Final = 0.5
"""Before a worker that crashed by itself is started again: its broker may be away."""
LOOK_AGAIN_S: Final = 0.02
LOOK_AGAIN_S_MAX: Final = 0.25
LOOK_AGAIN_RATIO: Final = 0.05
"""Of the time waited so far: a look costs the worker a page, 4 ms that its work lacks."""


class Worker:
    """
    One supervised worker.

    Attributes:
        name: its instance id.
        exit_codes: how its processes ended, in order.
        start_count: how often it was started.
        log: file of what its processes wrote to stdout and stderr.
    """

    def __init__(
        self,
        name: str,
        settings_path: Path,
        *,
        command: Sequence[str] = WORKER,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare; `environ` is added to ours, out of which settings of other workers are left."""
        self.name = name
        self.log = settings_path.parent / f"{name}.log"
        self.port = free_port()
        self.exit_codes: list[int] = []
        self.start_count = 0
        self._command = list(command)
        self._environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("CARDCUE_")},
            "CARDCUE_SETTINGS": str(settings_path),
            "CARDCUE_INSTANCE_ID": name,
            "CARDCUE_HTTP_PORT": str(self.port),
            **(environ or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._supervised = False
        self._gave_up = False
        self._lock = threading.Lock()
        self._supervisor: threading.Thread | None = None

    def start(self) -> None:
        """Start it, and start it again whenever it crashes."""
        self._watch = _watch()
        self._supervised = True
        self._spawn()
        self._supervisor = threading.Thread(target=self._supervise, name=f"supervise {self.name}")
        self._supervisor.start()

    @property
    def at_work(self) -> bool:
        """Whether it was started and not asked to end: a process of it should be there."""
        return self._supervised

    def kill9(self, *, restart: bool = True) -> None:
        """Kill it and return once it is dead; the supervisor starts it again if `restart`."""
        with self._lock:
            self._supervised = restart
            process, exit_count = self._process, len(self.exit_codes)
            self._signal(signal.SIGKILL)
        if process is not None:
            process.wait(END_S_MAX)
        await_true(lambda: len(self.exit_codes) > exit_count, "the exit code of the killed worker")
        if not restart:
            self._end_supervision()

    def freeze(self) -> None:
        """Stop it where it is (SIGSTOP): a zombie in the making."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        """Ask it to stop (SIGTERM); it is not started again."""
        with self._lock:
            self._supervised = False
            self._signal(signal.SIGTERM)

    def await_stopped(self) -> int:
        """Wait until it has stopped as asked, and return its exit code."""
        self._end_supervision()
        return self.exit_codes[-1]

    def close(self) -> None:
        """Kill what is left of it; to call it twice is fine."""
        if self._supervisor is None:
            return
        with self._lock:
            self._supervised = False
            self._signal(signal.SIGKILL)
        self._end_supervision()

    def page(self) -> Page | None:
        """
        Return its metrics, None while it does not answer.

        Raises:
            RuntimeError: it has ended in a way that its supervisor does not repair.
        """
        if self._gave_up:
            raise RuntimeError(f"wanted {self.name} at work, found {self.exit_codes}")
        return read_page(self.port)

    def tasks(self) -> set[tuple[str, int]]:
        """Return the (fold, task) pairs that it works on now."""
        return read_tasks(self.port)

    def tell_whereabouts(self) -> None:
        """Let it write down where it waits, and whether it is ready: for a test that gives up."""
        self._signal(signal.SIGUSR1)
        with self.log.open("a") as log:
            log.write(f"/readyz: {read_readiness(self.port)}\n")

    def committed_count(self) -> int:
        """Return how many records of the backlog its present process has folded and committed."""
        page = self.page()
        name = "cardcue_transaction_records_sum"
        return sum(page.total(name, fold=fold) for fold in WITH_BACKLOG) if page else 0

    def last_words(self, byte_count: int = 30_000) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-byte_count:] if self.log.exists() else ""

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def _spawn(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a process group of its own
            )
        self.start_count += 1
        assert self._watch.stdin is not None
        self._watch.stdin.write(f"{self._process.pid}\n".encode())
        self._watch.stdin.flush()

    def _supervise(self) -> None:
        """Wait for each process to end; start the next one if it crashed, but not for ever."""
        crashes_in_a_row = 0
        while True:
            process, started_s = self._process, time.monotonic()
            assert process is not None
            code = process.wait()
            quick = code == EXIT_CRASHED and time.monotonic() - started_s < CRASH_S_MAX
            crashes_in_a_row = crashes_in_a_row + 1 if quick else 0
            if code == EXIT_CRASHED:
                time.sleep(PAUSE_S)
            with self._lock:
                self.exit_codes.append(code)
                if not self._supervised:
                    return
                if code not in (EXIT_CRASHED, KILLED) or crashes_in_a_row > CRASHES_IN_A_ROW_MAX:
                    self._gave_up = True
                    return
                self._spawn()

    def _end_supervision(self) -> None:
        assert self._supervisor is not None
        self._supervisor.join(END_S_MAX)
        if self._supervisor.is_alive():
            self._signal(signal.SIGKILL)
            self._supervisor.join(END_S_MAX)
            raise TimeoutError(f"wanted {self.name} to stop, found it running")
        self._supervisor = None
        self._watch.kill()
        self._watch.communicate()


def _watch() -> subprocess.Popen[bytes]:
    """Return a shell that kills the process group it was told last, when we end in any way."""
    script = 'while read -r pid; do last=$pid; done; [ -n "$last" ] && kill -KILL -- "-$last"'
    return subprocess.Popen(
        ["sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def await_true(condition: Callable[[], bool], what: str, *, within_s: float = END_S_MAX) -> float:
    """
    Look until the condition holds; return after how many seconds it did.

    Raises:
        TimeoutError: it did not, within ten times what it needs.
    """
    started_s = time.monotonic()
    while not condition():
        waited_s = time.monotonic() - started_s
        if waited_s > within_s:
            raise TimeoutError(f"wanted {what} within {within_s:.0f} s, found none")
        time.sleep(min(max(LOOK_AGAIN_S, LOOK_AGAIN_RATIO * waited_s), LOOK_AGAIN_S_MAX))
    return time.monotonic() - started_s
