"""
End the process at once: the only place that does.

Crash-only: on any doubt nothing is repaired in place. No cleanup runs, so no half-known state is
committed; the supervisor starts the worker again, and a successor's fence aborts what was open.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from typing import Final, NoReturn


EXIT_CRASHED: Final = 70
"""`EX_SOFTWARE`: restart is the recovery path."""

_LOG: Final = logging.getLogger(__name__)


def stop_process(error: BaseException) -> NoReturn:
    """Log where and why it failed, without what a message might quote, and exit with code 70."""
    _LOG.critical("stopped on a doubt", exc_info=error)
    logging.shutdown()
    os._exit(EXIT_CRASHED)


def asked_for(error: BaseException) -> bool:
    """
    Return whether the error is the order to stop: somebody has cancelled the task that asks.

    A `CancelledError` without that slipped out of a library: an end that nobody asked for, and so
    a doubt like any other. Taken for an order it would end a loop without a word.
    """
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


@contextlib.contextmanager
def failing(fail: Callable[[BaseException], object]) -> Iterator[None]:
    """
    Hand a failure of the block to `fail` before it goes on, whatever the caller makes of it.

    An order to stop is no failure and only goes on.
    """
    try:
        yield
    except BaseException as error:
        if not asked_for(error):
            fail(error)
        raise
