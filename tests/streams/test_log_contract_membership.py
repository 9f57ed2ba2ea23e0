"""Who may work on which task: members share them, disjointly and completely, in every order."""

import asyncio
from collections.abc import Callable, Collection

import pytest

from streams.port import LogError, Membership
from tests.streams.log_worlds import LogWorld


SHARED_S_MAX = 120  # ten times a session's end and a rebalance
TASKS = frozenset(range(5))


class Worker:
    """
    A listener that takes a while to stop its tasks.

    `owners` is shared by all workers; `doubled` are tasks assigned while another had them.
    """

    def __init__(self, name: str, owners: dict[int, str]) -> None:
        """Begin with no task."""
        self.name = name
        self.owners = owners
        self.doubled: list[int] = []

    @property
    def tasks(self) -> frozenset[int]:
        """Return the tasks that are ours."""
        return frozenset(task for task, owner in self.owners.items() if owner == self.name)

    async def tasks_revoked(self, tasks: Collection[int]) -> None:
        """Stop, and let others try meanwhile."""
        await asyncio.sleep(0.05)
        for task in tasks:
            del self.owners[task]

    async def tasks_assigned(self, tasks: Collection[int]) -> None:
        """Start."""
        self.doubled += [task for task in tasks if task in self.owners]
        self.owners.update(dict.fromkeys(tasks, self.name))


async def join(log_world: LogWorld, name: str, listener: Worker) -> Membership:
    """Return a place in the group of the fold `count`, taken by a client of that name."""
    log = await log_world.client(name)
    membership = log.membership(fold="count", changelog_topic=log_world.prefix + "rows")
    await membership.join(listener)
    return membership


async def poll_until(condition: Callable[[], bool], *members: Membership) -> None:
    """Let the members poll side by side, as workers do, until the condition holds."""
    async with asyncio.timeout(SHARED_S_MAX):
        while not condition():
            await asyncio.gather(*(member.poll() for member in members))
            await asyncio.sleep(0.05)


async def test_membership_lone_member_gets_every_task(log_world: LogWorld) -> None:
    """There are as many tasks as the changelog has partitions."""
    await log_world.create_topic("rows", len(TASKS))
    worker = Worker("a", {})
    member = await join(log_world, "a", worker)
    await poll_until(lambda: worker.tasks == TASKS, member)
    assert [] == worker.doubled
    await worker.tasks_revoked(worker.tasks)
    await member.leave()


async def test_membership_is_shared_and_handed_over(log_world: LogWorld) -> None:
    """Two members share all tasks, none is started before it was stopped; who leaves hands over."""
    await log_world.create_topic("rows", len(TASKS))
    owners: dict[int, str] = {}
    first, second = Worker("a", owners), Worker("b", owners)
    one = await join(log_world, "a", first)
    await poll_until(lambda: first.tasks == TASKS, one)
    # a newcomer gets nothing before the first has stopped
    joining = asyncio.create_task(join(log_world, "b", second))
    await poll_until(joining.done, one)
    two = await joining
    await poll_until(
        lambda: owners.keys() == TASKS and bool(first.tasks and second.tasks), one, two
    )
    assert {2, 3} == {len(first.tasks), len(second.tasks)}

    await first.tasks_revoked(first.tasks)
    await one.leave()
    await poll_until(lambda: second.tasks == TASKS, two)
    assert [] == first.doubled + second.doubled
    await second.tasks_revoked(second.tasks)
    await two.leave()


async def test_membership_that_was_lost_is_left_at_once(log_world: LogWorld) -> None:
    """Told to stop just after a newer process took its place, a worker must not wait for ever."""
    await log_world.create_topic("rows", len(TASKS))
    older, newer = Worker("older", {}), Worker("newer", {})
    one = await join(log_world, "same", older)
    await poll_until(lambda: older.tasks == TASKS, one)
    two = await join(log_world, "same", newer)
    await poll_until(lambda: newer.tasks == TASKS, two)
    with pytest.raises(LogError):
        await poll_until(lambda: False, one)
    async with asyncio.timeout(10):
        await one.leave()

    assert TASKS == older.tasks  # nothing was handed over in order: its tasks are fenced
    await newer.tasks_revoked(newer.tasks)
    await two.leave()


async def test_membership_of_two_folds_is_apart(log_world: LogWorld) -> None:
    """Groups are per fold: a member of one takes nothing from the other."""
    topic = await log_world.create_topic("rows", len(TASKS))
    log = await log_world.client()
    workers = {fold: Worker(fold, {}) for fold in ("count", "clock")}
    members = []
    for fold, worker in workers.items():
        member = log.membership(fold=fold, changelog_topic=topic)
        await member.join(worker)
        members.append(member)
    await poll_until(lambda: all(worker.tasks == TASKS for worker in workers.values()), *members)
    assert [] == workers["count"].doubled + workers["clock"].doubled
    for worker, member in zip(workers.values(), members, strict=True):
        await worker.tasks_revoked(worker.tasks)
        await member.leave()
