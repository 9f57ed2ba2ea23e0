"""The shells of a worker stop together, each in order, and the first failure ends all."""

import asyncio

import pytest

from agents.runtime import run_together
from streams.memory_pause import breathe
from streams.settings import Settings
from streams.watch import Watch
from tests.streams.shell_worker import ShellWorker
from tests.streams.shell_world import ShellWorld, until, virtual


def folded_counts(workers: list[ShellWorker]) -> list[int]:
    """Return how many records each worker's tasks have folded."""
    return [sum(task.folded_count for task in worker.notes.tasks) for worker in workers]


@virtual
async def test_runtime_waits_for_the_last_shell_to_stop() -> None:
    """Told to stop, a worker ends when every shell has committed, not when the first one has."""
    worlds = [ShellWorld(source_partition_count=1) for _ in range(3)]

    async def slow(place: str) -> None:
        await (asyncio.sleep(5) if place == "commit:before-end" else breathe(place))

    workers = [
        ShellWorker(world, pause=pause)
        for world, pause in zip(worlds, (breathe, slow, breathe), strict=True)
    ]
    failures: list[BaseException] = []
    for worker in workers:
        worker.start_agent()
    running = asyncio.create_task(
        run_together([worker.shell.run(1) for worker in workers], failures.append)
    )
    for world in worlds:
        world.append(b"x", b"x")
    await until(lambda: [2, 2, 2] == folded_counts(workers), "all folded")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert [{b"k": 2}] * 3 == [world.counts() for world in worlds]
    assert ["leave:before"] * 3 == [world.places[-1] for world in worlds]
    assert [] == failures


@virtual
async def test_runtime_hands_on_the_first_failure_before_anybody_tidies_up() -> None:
    """Crash-only: when one shell fails, the others have not yet begun to stop."""
    world = ShellWorld(source_partition_count=1)
    worker = ShellWorker(world)
    worker.start_agent()
    left: list[bool] = []

    async def doomed() -> None:
        await until(lambda: bool(worker.notes.tasks), "the other shell at work")
        raise ValueError("wanted to go on, found the end")

    def fail(error: BaseException) -> None:
        assert isinstance(error, ValueError)
        left.append("leave:before" in world.places)

    with pytest.raises(BaseExceptionGroup):
        await run_together([worker.shell.run(1), doomed()], fail)
    assert [False] == left


async def test_runtime_does_not_run_unwatched() -> None:
    """A defect of the sampling is an error of the worker, not the silent end of its metrics."""
    world = ShellWorld()
    worker = ShellWorker(world)
    worker.start()
    await until(lambda: bool(worker.notes.tasks), "a task")
    task = worker.notes.tasks[0]
    task.lag_counts = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    with pytest.raises(BaseExceptionGroup) as raised:
        async with Watch(Settings(http_port=0)).serving([worker.shell]):
            await asyncio.Event().wait()

    assert [ZeroDivisionError] == list(map(type, raised.value.exceptions))
    await worker.close()
