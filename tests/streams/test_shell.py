"""The shell: tasks are ours one after the other, end in order, and any failure is the process's."""

import asyncio

import pytest

from schemas.records import OutputRecord, Row
from streams.port import LogError
from tests.streams.shell_worker import ShellWorker, slow_at
from tests.streams.shell_world import (
    ROWS,
    SAID,
    SOURCE,
    Options,
    ShellWorld,
    fold_of,
    until,
    virtual,
)


def total(world: ShellWorld) -> int:
    """Return how many records are counted in committed rows."""
    return sum(sum(world.counts(task).values()) for task in range(world.task_count))


def load(world: ShellWorld, count: int) -> None:
    """Append records, each to the partition and under the key of its turn."""
    for number in range(count):
        partition = number % world.broker.partition_count(SOURCE)
        world.append(b"x", key=b"p%d" % partition, partition=partition)


def assert_counted_once(world: ShellWorld, count: int) -> None:
    """Assert that every record was said once, and counted once in the rows."""
    partition_count = world.broker.partition_count(SOURCE)
    expected = [b"%d" % (number // partition_count + 1) for number in range(count)]
    assert sorted(expected) == sorted(world.said())
    assert count == total(world)


@pytest.mark.parametrize("task_count", [2, 4])
@virtual
async def test_shell_refuses_a_changelog_of_another_partition_count(task_count: int) -> None:
    """T is fixed at creation: another count would leave tasks without rows, or rows without one."""
    world = ShellWorld(task_count=3)
    worker = ShellWorker(world)
    with pytest.raises(LogError, match=f"wanted {task_count} partitions of rows, found 3"):
        await worker.shell.run(task_count)

    assert "join:before" not in world.places


@virtual
async def test_shell_folds_everything_once() -> None:
    """Every record of every partition is said once, counted once, and committed."""
    world = ShellWorld(source_partition_count=5, task_count=3)
    load(world, 1_000)
    worker = ShellWorker(world)
    worker.start()
    await until(lambda: total(world) == 1_000, "everything counted")
    await worker.stop()

    assert_counted_once(world, 1_000)
    assert [] == worker.failures
    assert ("joined counting", -1) == worker.notes.told[0]


@virtual
async def test_shell_shares_tasks_and_gives_them_back() -> None:
    """Workers come and go under load; nothing is folded twice, nothing is left out."""
    world = ShellWorld(source_partition_count=8, task_count=4)
    workers = [ShellWorker(world, name) for name in ("first", "second", "third")]
    for worker in workers:
        load(world, 800)
        worker.start()
        await asyncio.sleep(3)
    owned = [set(worker.shell.running) for worker in workers]
    assert [{0, 3}, {1}, {2}] == owned
    for worker in workers[:2]:
        load(world, 800)
        await worker.stop()
        await asyncio.sleep(3)

    assert {0, 1, 2, 3} == set(workers[2].shell.running)
    await until(lambda: total(world) == 4_000, "everything counted")
    await workers[2].stop()
    assert_counted_once(world, 4_000)
    assert [[], [], []] == [worker.failures for worker in workers]


@virtual
async def test_shell_lets_go_before_others_start() -> None:
    """A task is closed here, all that it folded committed, before another restores its rows."""
    world = ShellWorld(source_partition_count=2, task_count=2)
    told: list[tuple[str, str, int]] = []
    workers = [ShellWorker(world, name, pause=slow_at("commit:before-end", 5)) for name in "ab"]
    for name, worker in zip("ab", workers, strict=True):
        worker.notes.told = Together(told, name)
    workers[0].start()
    await workers[0].opened()
    load(world, 2)
    await until(lambda: world.places.count("commit:before-end") == 2, "two commits under way")
    workers[1].start()
    await until(lambda: ("b", "opened", 1) in told, "the handover")

    of_task = [(name, what) for name, what, number in told if number == 1]
    before = of_task.index(("b", "assigned"))
    assert [("a", "committed"), ("a", "closed")] == of_task[before - 2 : before]
    assert ("b", "restored, 0 to go") in of_task[before:]
    assert 2 == total(world)
    assert [] == workers[0].failures + workers[1].failures


class Together(list[tuple[str, int]]):
    """What one of several was told, kept in one list of all."""

    def __init__(self, told: list[tuple[str, str, int]], name: str) -> None:
        """Keep the list of all."""
        super().__init__()
        self._told = told
        self._name = name

    def append(self, item: tuple[str, int]) -> None:  # type: ignore[explicit-override]
        """Note whose it is."""
        self._told.append((self._name, *item))


@virtual
async def test_shell_notices_a_topic_that_grows() -> None:
    """New partitions are read from their beginning, by whom they belong to, within the refresh."""
    world = ShellWorld(source_partition_count=4, task_count=2)
    options = Options(metadata_refresh_ms=5_000)
    workers = [ShellWorker(world, name, options=options) for name in ("first", "second")]
    for worker in workers:
        worker.start()
    await asyncio.sleep(3)
    load(world, 40)
    for partition in (4, 5):
        world.broker.create_topic(SOURCE, partition + 1)
        world.append(b"x", key=b"grown", partition=partition)
        await asyncio.sleep(7)

    assert [1, 1] == [world.counts(task)[b"grown"] for task in range(2)]
    assert [{0: 10, 2: 10, 4: 1}, {1: 10, 3: 10, 5: 1}] == [
        world.offsets(task)[SOURCE] for task in range(2)
    ]
    assert [] == workers[0].failures + workers[1].failures


@virtual
async def test_shell_opens_no_partition_before_the_rows_are_there() -> None:
    """A look for growth in the middle of a long restore leaves the restoring task alone."""
    world = ShellWorld(source_partition_count=1)
    for key, value in [Row(b"old", b"\x05"), Row(b"#offsets", b"\x80")]:
        world.broker.append(OutputRecord(ROWS, key, value, (), 0))
    worker = ShellWorker(
        world,
        options=Options(metadata_refresh_ms=1_000),
        pause=slow_at("rows:before-read", 60),
    )
    worker.start()
    await asyncio.sleep(30)
    world.broker.create_topic(SOURCE, 2)
    await worker.opened()
    await worker.stop()

    told = fold_of(worker.notes.tasks[0]).told
    assert ["restore old", "open 0 1"] == [said for said in told if said[:4] in {"rest", "open"}]


@virtual
async def test_shell_holds_a_task_for_a_record_and_not_the_others() -> None:
    """T7: what waits in one task waits alone; it goes on when the observed rows say so."""
    world = ShellWorld(source_partition_count=2, task_count=2, observed_topic="clock")
    worker = ShellWorker(world)
    worker.start()
    await worker.opened()
    world.append(b"wait dawn", b"x", key=b"a", partition=0)
    world.append(b"x", b"x", key=b"b", partition=1)
    await until(lambda: world.counts(1) == {b"b": 2}, "the other task's count")
    await asyncio.sleep(60)
    assert {} == world.counts(0)

    world.broker.append(OutputRecord("clock", b"dawn", b""))
    await until(lambda: world.counts(0) == {b"a": 2}, "the held records")
    await worker.stop()
    assert [] == worker.failures


@virtual
async def test_shell_commits_a_long_tick_in_several_transactions() -> None:
    """T8: the offset moves with the last of them; killed between, the record comes again."""
    world = ShellWorld(source_partition_count=1)
    worker = ShellWorker(
        world,
        options=Options(transaction_record_count_max=256),
        pause=slow_at("commit:before-end", 1),
    )
    worker.start()
    await worker.opened()
    world.append(b"again 9")
    await until(lambda: b"1" in world.said(), "the whole tick")
    await worker.stop()

    moved = [{SOURCE: {0: 1}} == offsets for offsets in world.all_offsets()]
    assert moved == sorted(moved)
    assert moved.count(False) > 2
    assert moved[-1]
    assert [b"bite %d" % bite for bite in range(1, 10)] + [b"1"] == world.said()


@virtual
async def test_shell_stands_by_without_a_task() -> None:
    """More workers than tasks: the spare one is a member, and takes over when it is needed."""
    world = ShellWorld(source_partition_count=1)
    first, spare = ShellWorker(world, "a"), ShellWorker(world, "b")
    first.start()
    spare.start()
    await asyncio.sleep(3)
    assert {0} == set(first.shell.running)
    assert {} == spare.shell.running
    assert ("joined counting", -1) in spare.notes.told

    await first.stop()
    world.append(b"x")
    await until(lambda: world.counts() == {b"k": 1}, "the count of the spare one")
    assert SAID in {output.topic for out in spare.notes.transactions for output in out.outputs}
