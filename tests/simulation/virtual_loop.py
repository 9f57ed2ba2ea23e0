"""
An event loop without real time: when nothing is ready, the clock jumps to the next timer.

Nothing sleeps and nothing waits for a socket, so the same coroutines always run in the same order.
"""

import asyncio
import itertools
import selectors
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context, ContextVar, copy_context
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


class NoSockets(selectors.BaseSelector):
    """A selector on which nothing ever happens: to wait is to move the time."""

    def __init__(self) -> None:
        """Begin at second 0."""
        self.now_s = 0.0
        self._keys: dict[object, selectors.SelectorKey] = {}

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """
        Let time pass.

        Raises:
            Stuck: nothing will ever happen again.
        """
        if timeout is None:
            raise Stuck("wanted a coroutine that goes on, found all of them waiting")
        self.now_s += timeout
        return []

    def register(self, fileobj: object, events: int, data: object = None) -> selectors.SelectorKey:
        """Keep the loop's own wake-up socket, which nobody writes to."""
        self._keys[fileobj] = key = selectors.SelectorKey(-1, -1, events, data)
        return key

    def unregister(self, fileobj: object) -> selectors.SelectorKey:
        """Forget it."""
        return self._keys.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """Return what is registered."""
        return self._keys


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time jumps from one timer to the next."""

    def __init__(self) -> None:
        """Begin at second 0."""
        self._no_sockets = NoSockets()
        self._numbers = itertools.count()
        super().__init__(self._no_sockets)
        self.set_task_factory(_adopting)  # type: ignore[arg-type] # narrower than typeshed's
        self.set_exception_handler(_forget)

    def time(self) -> float:
        """Return the seconds since the beginning."""
        return self._no_sockets.now_s

    def next_number(self) -> int:
        """Return how many tasks there were before."""
        return next(self._numbers)


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
        while left := asyncio.all_tasks(loop):
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
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
    task = NumberedTask(coroutine, loop=loop, context=context)
    if (life := context.get(LIFE)) is not None:
        life.adopt(task)
    return task


def _forget(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """Say nothing of what the dead leave behind; a living process reports its own failures."""
