"""A worker that seems to stand still says where it waits."""

import asyncio
import os
import signal

import structlog
from structlog.testing import capture_logs

from streams.whereabouts import telling_whereabouts, whereabouts


async def inner(event: asyncio.Event) -> None:
    """Wait."""
    await event.wait()


async def outer(event: asyncio.Event) -> None:
    """Wait further in."""
    await inner(event)


async def test_whereabouts_lead_to_what_is_waited_for() -> None:
    """Each frame from the task down to the future that does not come."""
    event = asyncio.Event()
    task = asyncio.create_task(outer(event), name="the one that waits")
    await asyncio.sleep(0)
    (line,) = [line for line in whereabouts() if line.startswith("the one that waits: ")]
    event.set()
    await task

    functions = [place.split(" ")[-1] for place in line.split(": ", 1)[1].split(" > ")]
    assert ["outer", "inner", "wait", "FutureIter"] == functions
    assert "streams/test_whereabouts.py:" in line


async def test_whereabouts_are_told_on_a_signal() -> None:
    """`kill -USR1` is answered in the log, and after the block no more."""
    structlog.reset_defaults()
    with capture_logs() as logs, telling_whereabouts():
        os.kill(os.getpid(), signal.SIGUSR1)
        async with asyncio.timeout(10):
            while not logs:  # noqa: ASYNC110 (a list cannot be awaited)
                await asyncio.sleep(0)
    assert {"waits"} == {log["event"] for log in logs}
    assert any("test_whereabouts_are_told_on_a_signal" in log["at"] for log in logs)
    assert not asyncio.get_running_loop().remove_signal_handler(signal.SIGUSR1)
