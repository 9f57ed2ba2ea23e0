"""Name the one hook through which every await of the in-memory log goes."""

import asyncio
from collections.abc import Awaitable, Callable


Pause = Callable[[str], Awaitable[None]]
"""
Called with the name of the place before the client goes on, such as `commit:before-end`.

It may suspend, let others run, or raise: that kills the client at exactly that place.
"""


async def breathe(_place: str) -> None:
    """Let every other coroutine run once, wherever we are."""
    await asyncio.sleep(0)
