"""
Wait for Kafka, but not for ever: what has not come by then will not come in this process.

A client that waits for an answer that was lost waits without a word; crash-only, the process ends
and its successor asks again. Before, it says where everything waits.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from streams.port import LogError
from streams.whereabouts import tell_whereabouts


ANSWER_S_MAX: Final = 120.0
"""Twice the time after which a broker gives up a transaction by itself (`transaction.timeout.ms`)
and any request of ours has failed."""

TOLD_RATIO: Final = 0.99
"""Just before the deadline, as the waiting is gone once it is cancelled."""


@contextlib.asynccontextmanager
async def within(seconds: float, what: str) -> AsyncIterator[None]:
    """
    Run the block for so long at most.

    Raises:
        LogError: it had not ended by then.

    """
    telling = asyncio.get_running_loop().call_later(seconds * TOLD_RATIO, tell_whereabouts)
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise LogError(f"wanted {what} within {seconds:.0f} s, found no answer") from error
    finally:
        telling.cancel()
