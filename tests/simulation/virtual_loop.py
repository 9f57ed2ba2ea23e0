"""
An event loop without real time: when nothing is ready, the clock jumps to the next timer.

Nothing sleeps and nothing waits for a socket, so the same coroutines always run in the same order.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from typing import Any, Final, Protocol


ROUND_COUNT_MAX: Final = 1_000_000
"""So often may the loop go round at one moment: a tick of thousands of bites takes a few times as
many."""


class Stuck(Exception):  # noqa: N818 (it is a finding, not a mistake of the caller)
    """Every coroutine waits and no timer is set, or they spin: a deadlock, or as good as one."""


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


class Call:
    """Something to be called, at once or later (in place of asyncio's handles)."""

    __slots__ = ("_source_traceback", "at_s", "callback", "cancelled", "context", "operands")

    def __init__(
        self,
        at_s: float,
        callback: Callable[..., object],
        operands: Sequence[Any],
        context: Context,
    ) -> None:
        """Prepare to call `callback` with `operands` at `at_s`."""
        self.at_s = at_s
        self.callback, self.operands, self.context = callback, operands, context
        self.cancelled = False
        self._source_traceback = None

    def cancel(self) -> None:
        """Call nothing."""
        self.cancelled = True

    def when(self) -> float:
        """Return the second."""
        return self.at_s


class VirtualLoop(asyncio.BaseEventLoop):
    """
    A loop whose time jumps from one timer to the next.

    It has no selector and no sockets, and leaves out what asyncio's own loop looks after (threads,
    debugging): of a story much of the time would go there.

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
        self._round_count = 0
        self._soon: deque[Call] = deque()
        self._later: list[tuple[float, int, Call]] = []
        self.set_task_factory(_adopting)  # type: ignore[arg-type] # narrower than typeshed's
        self.set_exception_handler(_forget)

    def time(self) -> float:
        """Return the seconds since the beginning."""
        return self.now_s

    def next_number(self) -> int:
        """Return how many tasks there were before."""
        return next(self._numbers)

    def call_soon(  # type: ignore[override] # a handle of our own
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> Call:
        """Call it in the next round."""
        call = Call(self.now_s, callback, args, copy_context() if context is None else context)
        self._soon.append(call)
        return call

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: object,
        context: Context | None = None,
    ) -> Call:
        """Call it when its time has come; of those of one moment the first that was asked for."""
        call = Call(when, callback, args, copy_context() if context is None else context)
        heappush(self._later, (when, next(self._numbers), call))
        return call

    def _call_soon(
        self, callback: Callable[..., object], args: Sequence[object], context: Context | None
    ) -> Call:
        """Call it in the next round, as asked from a thread: there is none but ours."""
        return self.call_soon(callback, *args, context=context)

    def _run_once(self) -> None:
        """
        Run one round: all that is ready, in order; when nothing is, let time pass first.

        Raises:
            Stuck: nothing will ever happen again, or what happens takes no time at all.
        """
        self._let_time_pass()
        soon = self._soon
        for _ in range(len(soon)):
            call = soon.popleft()
            if not call.cancelled:
                try:
                    call.context.run(call.callback, *call.operands)
                except Exception as error:  # noqa: BLE001 (as asyncio's own loop)
                    self.call_exception_handler({"message": "a callback", "exception": error})

    def _let_time_pass(self) -> None:
        """Make ready what is due; when nothing else is ready, time jumps to the next timer."""
        soon, later = self._soon, self._later
        self._round_count += 1
        while later and later[0][2].cancelled:
            heappop(later)
        if not soon:
            if not later:
                raise Stuck("wanted a coroutine that goes on, found all of them waiting")
            self.now_s = max(self.now_s, later[0][0])
            self._round_count = 0
        elif self._round_count > ROUND_COUNT_MAX:
            raise Stuck("wanted time to pass, found coroutines that never wait for anything")
        while later and later[0][0] <= self.now_s:
            soon.append(heappop(later)[2])

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
