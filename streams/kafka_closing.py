"""Close a Kafka consumer to its end, whatever its fetches are waiting for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka import AIOKafkaConsumer


async def close_consumer(consumer: AIOKafkaConsumer) -> None:
    """
    Stop a consumer; our own cancellation is the only one that leaves here.

    aiokafka cancels a fetch that waits for its next attempt (a broker is away) and awaits it, so
    `stop` raises that cancellation at its caller, with the connections still open (aiokafka issue
    647). Whoever took it for their own would end without a word: a task that is asked back, the
    group's coordination with it, and so the shell.
    """
    try:
        if await _cancelled(consumer.stop()):
            await _cancelled(consumer._fetcher.close())  # noqa: SLF001 (a second `stop` does nothing)
    finally:
        await consumer._client.close()  # noqa: SLF001 (closed already: nothing happens)


async def _cancelled(closing: Coroutine[Any, Any, None]) -> bool:
    """Run it to its end; return whether it was cancelled, raise what else it raised."""
    task = asyncio.create_task(closing)
    await asyncio.wait([task])
    if task.cancelled():
        return True
    task.result()
    return False
