"""The shell is crash-only: whatever fails, wherever, reaches `fail`, and nothing is tidied up."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from agents.slices import fold_slices
from schemas.records import OutputRecord, Row
from streams.memory_pause import Pause
from streams.port import FencedError, LogError, OffsetsLostError
from streams.slices import Slice
from tests.streams.scripted_fold import BadRecordError, ScriptedFold, ScriptedSpec
from tests.streams.shell_worker import ShellWorker
from tests.streams.shell_world import ROWS, SOURCE, ShellWorld, until, virtual


def broken_at(place: str, broken: asyncio.Event, skip_count: int = 0) -> Pause:
    """Return a pause that raises once at one place, after so many other times, when broken."""
    passed: list[str] = []

    async def pause(at: str) -> None:
        await asyncio.sleep(0)
        if at == place and broken.is_set():
            passed.append(at)
            if len(passed) == skip_count + 1:
                raise LogError(f"wanted to go on, found the end at {place}")

    return pause


@pytest.mark.parametrize(
    ("place", "skip_count"),
    [
        ("fence:before", 0),
        ("rows:before-read", 0),
        ("counts", 1),  # the first is of the shell's own check
        ("assign", 0),
        ("assign", 1),  # of the reader that observes
        ("poll:before-fetch", 0),
        ("poll:before-fetch", 1),  # of the reader that observes
        ("commit:before-append", 0),
        ("commit:before-end", 0),
    ],
)
@virtual
async def test_shell_hands_on_a_failure_of_any_loop(place: str, skip_count: int) -> None:
    """To open, read, observe and commit are loops of their own: each one's failure is the end."""
    world = ShellWorld(observed_topic="clock")
    for key, value in [Row(b"old", b"\x05"), Row(b"#offsets", b"\x80")]:
        world.broker.append(OutputRecord(ROWS, key, value, (), 0))
    broken = asyncio.Event()
    broken.set()
    worker = ShellWorker(world, pause=broken_at(place, broken, skip_count))
    worker.start()
    world.append(b"x")
    await until(lambda: bool(worker.failures), "a failure")

    assert [f"wanted to go on, found the end at {place}"] == list(map(str, worker.failures))
    assert not {"writer:close", "leave:before"} & set(world.places)


@pytest.mark.parametrize(("place", "skip_count"), [("membership:before-poll", 1), ("counts", 0)])
@virtual
async def test_shell_ends_with_a_failure_of_its_own_loop(place: str, skip_count: int) -> None:
    """To lose the group, or not to learn of growth, ends the shell, and nothing is tidied up."""
    world = ShellWorld()
    broken = asyncio.Event()
    worker = ShellWorker(world, pause=broken_at(place, broken, skip_count))
    worker.start()
    await worker.opened()
    broken.set()
    ended = await worker.ended()

    assert isinstance(ended, LogError)
    assert not {"writer:close", "leave:before"} & set(world.places)


@virtual
async def test_shell_hands_on_a_fold_that_raises() -> None:
    """A defect of a fold stops the process; Faust would restart the agent and drop the slice."""
    world = ShellWorld(source_partition_count=1)
    worker = ShellWorker(world)
    worker.start()
    await worker.opened()
    world.append(b"x")
    await until(lambda: world.counts() == {b"k": 1}, "a count")
    world.append(b"boom", b"x")
    await until(lambda: bool(worker.failures), "a failure")

    assert [BadRecordError] == list(map(type, worker.failures))
    assert {b"k": 1} == world.counts()
    assert {SOURCE: {0: 1}} == world.offsets()


@virtual
async def test_fold_slices_ends_at_the_first_failure() -> None:
    """After a failure no further slice is applied; a cancellation is none."""
    world = ShellWorld()
    task = await world.opened()
    for words in ([b"x"], [b"boom"], [b"x"]):
        await task.send(world.append(*words), ())

    async def given() -> AsyncIterator[Slice]:
        for part in world.slices:
            yield part
        await asyncio.Event().wait()

    failures: list[BaseException] = []
    await fold_slices(given(), failures.append)
    assert [BadRecordError] == list(map(type, failures))
    assert 1 == task.folded_count

    world.slices = []
    waiting = asyncio.create_task(fold_slices(given(), failures.append))
    await asyncio.sleep(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert 1 == len(failures)


@virtual
async def test_shell_hands_on_rows_without_offsets() -> None:
    """A changelog that has lost its offsets row: exit, so that somebody looks."""
    world = ShellWorld()
    world.broker.append(OutputRecord(ROWS, b"k", b"\x05", (), 0))
    worker = ShellWorker(world)
    worker.start()
    await until(lambda: bool(worker.failures), "a failure")

    assert [OffsetsLostError] == list(map(type, worker.failures))
    assert ("opened", 0) not in worker.notes.told


@virtual
async def test_shell_hands_on_the_last_commit_of_a_task() -> None:
    """Asked back, and the last commit fails: the group's client would log that, and go on."""
    world = ShellWorld(source_partition_count=1)
    first_commit, commits = asyncio.Event(), []

    async def pause(at: str) -> None:
        await asyncio.sleep(0)
        if at == "commit:before-end":
            commits.append(at)
            if len(commits) > 1:
                raise LogError("wanted an answer, found silence")
            await first_commit.wait()

    worker = ShellWorker(world, pause=pause)
    worker.start()
    await worker.opened()
    for count in (1, 2):
        world.append(b"x")
        await until(lambda: worker.notes.tasks[0].folded_count == count, "a record folded")  # noqa: B023 (awaited here)
    revoking = asyncio.create_task(worker.shell.tasks_revoked([0]))
    await asyncio.sleep(1)
    first_commit.set()
    with pytest.raises(LogError):
        await revoking

    assert ["wanted an answer, found silence"] == list(map(str, worker.failures))
    assert {b"k": 1} == world.counts()


class Unmakable(ScriptedSpec, frozen=True, kw_only=True):
    """A fold that cannot be made."""

    def make(self, task: int, task_count: int) -> ScriptedFold:  # type: ignore[explicit-override]
        """Raise."""
        raise BadRecordError(f"wanted task {task} of {task_count}, found boom")


@virtual
async def test_shell_hands_on_a_task_that_cannot_be_made() -> None:
    """Whoever calls a listener may log its failure and go on: the task would have no owner."""
    world = ShellWorld()
    world.spec = Unmakable(source_topics=(SOURCE,), changelog_topic=ROWS, output_topic="said")
    worker = ShellWorker(world)
    worker.start()
    ended = await worker.ended()

    assert [BadRecordError] == list(map(type, worker.failures))
    assert isinstance(ended, BadRecordError)


@virtual
async def test_shell_of_a_displaced_worker_ends_without_tidying_up() -> None:
    """Of two processes with one instance id the newer has the tasks; the older ends at once."""
    world = ShellWorld(source_partition_count=1)
    older, newer = ShellWorker(world, "same"), ShellWorker(world, "same")
    older.start()
    await older.opened()
    world.append(b"x")
    await until(lambda: world.counts() == {b"k": 1}, "a count")
    newer.start()
    ended = await older.ended()
    assert isinstance(ended, FencedError)
    assert ("closed", 0) not in older.notes.told

    await newer.opened()
    world.append(b"x")
    await until(lambda: world.counts() == {b"k": 2}, "the newer one's count")
    assert [b"1", b"2"] == world.said()
    assert [] == newer.failures


@virtual
async def test_shell_of_a_zombie_commits_nothing_and_fails() -> None:
    """Thrown out while it slept: a successor has its task, and its next commit is fenced."""
    world = ShellWorld(source_partition_count=1)
    zombie, successor = ShellWorker(world, "zombie"), ShellWorker(world, "successor")
    zombie.start()
    await zombie.opened()
    zombie.may_fold.clear()
    world.append(b"x", b"x", b"x")
    await until(lambda: zombie.channel.qsize() > 0, "records read")
    world.broker.group("counting", ROWS).evict("zombie")
    successor.start()
    await until(lambda: world.counts() == {b"k": 3}, "the successor's count")
    zombie.may_fold.set()
    await until(lambda: bool(zombie.failures), "the zombie's end")

    assert {FencedError} == set(map(type, zombie.failures))
    assert [b"1", b"2", b"3"] == world.said()
    assert {b"k": 3} == world.counts()
    assert [] == successor.failures
