"""A task may own no source partition: there are as many tasks as the changelog says."""

from tests.streams.shell_world import ShellWorld, fold_of, virtual


@virtual
async def test_task_without_a_partition_is_opened_and_closes_slices() -> None:
    """T3: such a task says that it holds nobody's watermark; unopened it could say nothing."""
    world = ShellWorld(source_partition_count=1, task_count=2)
    task = await world.opened(1)
    assert ["open "] == fold_of(task).told

    await task.send((), ())
    await world.fold(task)
    assert ["open ", "close 0"] == fold_of(task).told[:2]

    world.broker.create_topic("source", 2)
    assert await task.refresh_sources()
    assert [("source", 1)] == list(fold_of(task).sources)
