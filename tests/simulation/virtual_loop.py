"""
An event loop without real time: when nothing is ready, the clock jumps to the next timer.

Nothing sleeps and nothing waits for a socket, so the same coroutines always run in the same order.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from heapq import heappop
from typing import Any, Final, Protocol


class Stuck(Exception):  # noqa: N818 (it is a finding, not a mistake of the caller)
    """Every coroutine waits and no timer is set: a deadlock."""


class Alive(Protocol):
    """Whoever must know its running coroutines, to end them all at once."""

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Take note of a coroutine that was started within this life."""


LIFE: Final[ContextVar[Alive | None]] = ContextVar("LIFE", default=None)
"""The simulated process that the running code belongs to; None outside all of them."""


class NumberedTask(asyncio.Task[Any]):
    """A task whose place in a set does not depend on where in memory it lies."""

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, Any],
        *,
        loop: asyncio.AbstractEventLoop,
        context: Context,
    ) -> None:
        """Take the next number of the loop."""
        assert isinstance(loop, VirtualLoop)
        self._number = loop.next_number()
        super().__init__(coroutine, loop=loop, context=context)

    def __hash__(self) -> int:
        """Return the number: task groups cancel in the order of a set."""
        return self._number

    def __eq__(self, other: object) -> bool:
        """Every task is itself only."""
        return self is other


class VirtualLoop(asyncio.BaseEventLoop):
    """
    A loop whose time jumps from one timer to the next.

    It has no selector and no sockets, and leaves out what asyncio's own loop looks after (threads,
    debugging): of a story most of the time would go there.

    Attributes:
        now_s: the time.
        tasks: every task that was ever made on it.
    """

    def __init__(self) -> None:
        """Begin at second 0."""
        super().__init__()
        self.now_s = 0.0
        self.tasks: list[asyncio.Task[Any]] = []
        self._numbers = itertools.count()
        self.set_task_factory(_adopting)  # type: ignore[arg-type] # narrower than typeshed's
        self.set_exception_handler(_forget)

    def time(self) -> float:
        """Return the seconds since the beginning."""
        return self.now_s

    def next_number(self) -> int:
        """Return how many tasks there were before."""
        return next(self._numbers)

    def call_soon(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        """Call it in the next round."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def _run_once(self) -> None:
        """
        Run one round: all that is ready, in order; when nothing is, let time pass first.

        Raises:
            Stuck: nothing will ever happen again.
        """
        ready, scheduled = self._ready, self._scheduled
        while scheduled and scheduled[0]._cancelled:  # noqa: SLF001 (as asyncio's own loop)
            heappop(scheduled)
        if not ready:
            if not scheduled:
                raise Stuck("wanted a coroutine that goes on, found all of them waiting")
            self.now_s = max(self.now_s, scheduled[0].when())
        while scheduled and scheduled[0].when() <= self.now_s:
            ready.append(heappop(scheduled))
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:  # noqa: SLF001
                handle._run()  # noqa: SLF001

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing is counted: what is cancelled falls out when it comes up."""

    def _write_to_self(self) -> None:
        """Nobody waits in another thread."""


def run_virtual(main: Callable[[VirtualLoop], Coroutine[Any, Any, None]]) -> None:
    """
    Run a coroutine to its end on a new loop, and what it leaves behind to nowhere.

    Raises:
        Stuck: it can never end.
    """
    loop = VirtualLoop()
    asyncio.set_event_loop(None)
    try:
        loop.run_until_complete(main(loop))
    finally:
        while left := [task for task in loop.tasks if not task.done()]:
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
        for task in loop.tasks:
            asyncio.tasks._unregister_task(task)  # noqa: SLF001 (numbers begin anew: equal hashes)
        loop.close()


def start_in(life: Alive, loop: VirtualLoop, main: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start a coroutine so that all it starts belongs to this life."""
    context = copy_context()
    context.run(LIFE.set, life)
    return loop.create_task(main, context=context)


def _adopting(
    loop: asyncio.AbstractEventLoop,
    coroutine: Coroutine[Any, Any, Any],
    *,
    context: Context | None = None,
) -> asyncio.Task[Any]:
    """Make a task, and tell the life that it belongs to."""
    context = context or copy_context()
    assert isinstance(loop, VirtualLoop)
    task = NumberedTask(coroutine, loop=loop, context=context)
    loop.tasks.append(task)
    if (life := context.get(LIFE)) is not None:
        life.adopt(task)
    return task


def _forget(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """Say nothing of what the dead leave behind; a living process reports its own failures."""
