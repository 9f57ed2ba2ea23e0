"""A shell that is told to stop ends in order, whatever it is doing and is given meanwhile."""

import asyncio

import pytest

from schemas.records import OutputRecord, Row
from tests.streams.shell_worker import ShellWorker, slow_at
from tests.streams.shell_world import ROWS, SOURCE, ShellWorld, fold_of, until, virtual


@virtual
async def test_shell_that_stops_commits_what_is_folded_and_drops_the_rest() -> None:
    """Told to stop: folded is committed, read is not folded, and the place is given up."""
    world = ShellWorld(source_partition_count=1)
    worker = ShellWorker(world, pause=slow_at("commit:before-end", 2))
    worker.start()
    await worker.opened()
    world.append(b"x")
    await until(lambda: "commit:before-end" in world.places, "a commit under way")
    world.append(*[b"x"] * 9)
    await until(lambda: worker.notes.tasks[0].folded_count == 10, "more folded meanwhile")
    worker.may_fold.clear()
    world.append(*[b"x"] * 7)
    await until(lambda: worker.channel.qsize() > 0, "more read")
    await worker.stop()
    worker.may_fold.set()
    await asyncio.sleep(10)

    assert {b"k": 10} == world.counts()
    assert {SOURCE: {0: 10}} == world.offsets()
    assert 10 == worker.notes.tasks[0].folded_count
    assert ["committed", "committed", "closed"] == [what for what, _ in worker.notes.told[-3:]]
    assert {} == worker.shell.running
    assert {"reader:close", "writer:close"} <= set(world.places)
    assert world.places[-1] == "leave:before"
    assert [] == worker.failures


@virtual
async def test_shell_that_stops_begins_no_task_that_it_is_given_meanwhile() -> None:
    """
    Two workers stop at once: the group gives the tasks of the first to the second, which is ending.

    A task begun then would be stopped by nobody, and the process would wait for it for ever.
    """
    world = ShellWorld(source_partition_count=1)
    worker = ShellWorker(world, pause=slow_at("commit:before-end", 2))
    worker.start()
    await worker.opened()
    world.append(b"x")
    await until(lambda: "commit:before-end" in world.places, "a commit under way")
    before = asyncio.all_tasks()
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(1)
    await worker.shell.tasks_assigned([0])  # as the client does, in a coroutine of its own
    await stopping

    assert {} == worker.shell.running
    assert 1 == len([what for what, _ in worker.notes.told if what == "closed"])
    assert asyncio.all_tasks() <= before
    assert {b"k": 1} == world.counts()
    assert [] == worker.failures


@pytest.mark.parametrize(
    "place", ["fence:before", "fence:after", "rows:before-read", "counts", "assign"]
)
@virtual
async def test_shell_lets_go_of_a_task_that_is_still_opening(place: str) -> None:
    """Asked back within a restore, at any await: it ends, commits nothing and fails nobody."""
    world = ShellWorld()
    world.append(b"x")
    rows = [Row(b"old", b"\x05"), Row(b"#offsets", b"\x80")]
    for key, value in rows:
        world.broker.append(OutputRecord(ROWS, key, value, (), 0))

    async def stuck(at: str) -> None:
        if at == place and worker.shell.running:
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    worker = ShellWorker(world, pause=stuck)
    worker.start()
    await asyncio.sleep(3)
    assert place == [at for at in world.places if not at.startswith("membership")][-1]
    await worker.stop()
    assert [tuple(row) for row in rows] == world.rows()
    assert "drain" not in fold_of(worker.notes.tasks[0]).told

    successor = ShellWorker(world, "second")
    successor.start()
    await until(lambda: world.counts() == {b"old": 5, b"k": 1}, "the successor's count")
    assert [] == worker.failures + successor.failures
    assert ("closed", 0) == worker.notes.told[-1]
