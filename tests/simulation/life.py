"""Be one incarnation of a simulated worker process: what it runs, and that it is dead."""

import asyncio
from collections.abc import Callable
from typing import Any, Final


PRUNED_COUNT: Final = 64


class Killed(BaseException):
    """`kill -9`: nothing of this process runs any more; no `except Exception` may see it."""


class Life:
    """
    One incarnation of a worker process.

    Attributes:
        dead: nothing of it may touch the log any more.
        frozen_until_s: it stands still until then (SIGSTOP).
        main: what it was started with.
        excuses: the errors that it may end with, because of what was done to it.
        at_end: called when it dies, before its coroutines are ended.
    """

    def __init__(self, name: str, incarnation: int) -> None:
        """Begin to live."""
        self.name = name
        self.incarnation = incarnation
        self.dead = False
        self.frozen_until_s = 0.0
        self.main: asyncio.Task[None] | None = None
        self.excuses: tuple[type[BaseException], ...] = ()
        self.at_end: list[Callable[[], object]] = []
        self._tasks: list[asyncio.Task[Any]] = []

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Take note of a coroutine of this life."""
        if len(self._tasks) >= PRUNED_COUNT:
            self._tasks = [known for known in self._tasks if not known.done()]
        self._tasks.append(task)
        if self.dead:
            self._cancel_soon()

    def end(self) -> None:
        """Die: every coroutine ends where it is, and the log is out of reach for what they say."""
        self.dead = True
        for tell in self.at_end:
            tell()
        self._cancel_soon()

    def _cancel_soon(self) -> None:
        """Cancel once those that were just created have begun, or Python warns of them."""
        asyncio.get_running_loop().call_soon(self._cancel)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
