"""Let Ctrl-C, SIGTERM and SIGHUP end the demonstration between two turns, never within one."""

import signal
from types import FrameType, TracebackType
from typing import Any, Final, Self


SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """
    While the block runs, a signal is only taken note of; `check` raises it where nothing is torn.

    So none can strike while the worker is being started or stopped, and leave it behind.
    To be entered in the main thread.
    """

    def __init__(self) -> None:
        """Change nothing yet."""
        self._came = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        """Take the signals."""
        self._before = {number: signal.signal(number, self._note) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give them back as they were."""
        for number, action in self._before.items():
            signal.signal(number, action)

    def check(self) -> None:
        """
        Look whether a signal has come.

        Raises:
            KeyboardInterrupt: one has.

        """
        if self._came:
            raise KeyboardInterrupt

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        """Take note of a signal."""
        self._came = True
