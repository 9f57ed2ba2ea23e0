"""
Say where every coroutine of this process waits: `kill -USR1` of a worker that seems to stand still.

`Task.print_stack` knows only the outermost frame of a coroutine that is suspended; what it waits
for lies further in, in the library that does not answer.
"""

import asyncio
import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any, Final

import structlog


DEPTH_MAX: Final = 40
INNER: Final = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))

_LOG: Final = structlog.get_logger(__name__)


def whereabouts() -> list[str]:
    """Return a line for each unfinished task of the running loop: its name, then the way in."""
    return sorted(
        f"{task.get_name()}: {' > '.join(_places(task.get_coro()))}" for task in asyncio.all_tasks()
    )


@contextlib.contextmanager
def telling_whereabouts(number: signal.Signals = signal.SIGUSR1) -> Iterator[None]:
    """Log the `whereabouts` whenever the signal comes, while the block runs."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(number, tell_whereabouts)
    try:
        yield
    finally:
        loop.remove_signal_handler(number)


def tell_whereabouts() -> None:
    """Log the `whereabouts`."""
    for line in whereabouts():
        _LOG.warning("waits", at=line)


def _places(awaited: Any) -> Iterator[str]:  # noqa: ANN401 (a coroutine, generator or future)
    """Yield file, line and function of each frame, the outermost first, and what it waits for."""
    for _ in range(DEPTH_MAX):
        for frame_name, inner_name in INNER:
            if hasattr(awaited, frame_name):
                frame, inner = getattr(awaited, frame_name), getattr(awaited, inner_name)
                break
        else:
            if awaited is not None:
                yield type(awaited).__name__
            return
        if frame is not None:
            yield _place(frame)
        awaited = inner


def _place(frame: FrameType) -> str:
    path = "/".join(frame.f_code.co_filename.split("/")[-2:])
    return f"{path}:{frame.f_lineno} {frame.f_code.co_name}"
