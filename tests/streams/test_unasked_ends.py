"""What ends without having been asked to is a failure: no loop may fall silent and nobody know."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from aiokafka.errors import KafkaError

from agents.runtime import run_together
from agents.slices import fold_slices
from streams.embedded import EmbeddedBroker
from streams.kafka_reader import KafkaReader
from streams.memory_pause import Pause
from streams.port import LogError, SourcePartition
from streams.slices import Slice
from tests.streams.shell_worker import ShellWorker
from tests.streams.shell_world import ShellWorld, until, virtual


def cancelling_at(place: str, broken: asyncio.Event, skip_count: int = 0) -> Pause:
    """Return a pause that lets a cancellation slip out at one place, as a library may."""
    passed: list[str] = []

    async def pause(at: str) -> None:
        await asyncio.sleep(0)
        if at == place and broken.is_set():
            passed.append(at)
            if len(passed) == skip_count + 1:
                raise asyncio.CancelledError

    return pause


@pytest.mark.parametrize(
    ("place", "skip_count"),
    [
        ("fence:before", 0),
        ("poll:before-fetch", 0),
        ("poll:before-fetch", 1),  # of the reader that observes
        ("commit:before-end", 0),
    ],
)
@virtual
async def test_shell_hands_on_a_loop_that_was_cancelled_by_nobody(
    place: str, skip_count: int
) -> None:
    """A task whose loop is gone reads or commits nothing, and is still counted as ours."""
    world = ShellWorld(observed_topic="clock")
    broken = asyncio.Event()
    broken.set()
    worker = ShellWorker(world, pause=cancelling_at(place, broken, skip_count))
    worker.start()
    world.append(b"x")
    await until(lambda: bool(worker.failures), "a failure")

    assert [asyncio.CancelledError] == list(map(type, worker.failures))


@virtual
async def test_shell_hands_on_a_stop_that_was_cancelled_by_nobody() -> None:
    """Asked back, and the close is cut short: the group's coordination would end with it."""
    world = ShellWorld()
    broken = asyncio.Event()
    broken.set()
    worker = ShellWorker(world, pause=cancelling_at("reader:close", broken))
    worker.start()
    await worker.opened()
    with pytest.raises(asyncio.CancelledError):
        await worker.shell.tasks_revoked([0])

    assert [asyncio.CancelledError] == list(map(type, worker.failures))


@virtual
async def test_runtime_hands_on_a_shell_that_was_cancelled_by_nobody() -> None:
    """The worker would live on without a shell; and nothing in doubt is tidied up."""
    world = ShellWorld()
    broken = asyncio.Event()
    worker = ShellWorker(world, pause=cancelling_at("membership:before-poll", broken))
    worker.start_agent()
    failures: list[BaseException] = []
    running = asyncio.create_task(run_together([worker.shell.run(1)], failures.append))
    await worker.opened()
    broken.set()
    await until(lambda: bool(failures), "a failure")
    await asyncio.gather(running, return_exceptions=True)

    assert [asyncio.CancelledError] == list(map(type, failures))
    assert "leave:before" not in world.places


@virtual
async def test_fold_slices_hands_on_a_cancellation_by_nobody() -> None:
    """Faust would take it for a rebalance, start the agent again, and the slice would be lost."""
    world = ShellWorld()
    task = await world.opened()
    await task.send(world.append(b"x"), ())

    async def cut_short(part: Slice) -> None:  # noqa: ARG001
        raise asyncio.CancelledError

    task.apply = cut_short  # type: ignore[method-assign]
    failures: list[BaseException] = []

    async def given() -> AsyncIterator[Slice]:
        for part in world.slices:
            yield part

    await fold_slices(given(), failures.append)
    assert [asyncio.CancelledError] == list(map(type, failures))


@pytest.fixture
def _unheard_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client library complain of its broker to nobody."""
    monkeypatch.setattr(logging.getLogger("aiokafka"), "disabled", True)


async def reading(broker: EmbeddedBroker) -> KafkaReader:
    """Return a reader of one empty partition that has been answered once."""
    broker.create_topic("source", 1)
    options = {"bootstrap_servers": broker.bootstrap, "check_crcs": False}
    reader = KafkaReader(options, fetch_wait_ms=50)
    await reader.assign({SourcePartition("source", 0): 0})
    await reader.poll(200, 10)
    return reader


@pytest.mark.usefixtures("_unheard_client")
async def test_reader_closes_while_its_broker_is_away() -> None:
    """A fetch that waits for its next attempt is cancelled, and that is no cancellation of ours."""
    with EmbeddedBroker() as broker:
        reader = await reading(broker)
    await reader.poll(500, 10)
    await reader.close()

    task = asyncio.current_task()
    assert task is not None
    assert 0 == task.cancelling()
    assert reader._consumer._client._sync_task is None  # noqa: SLF001 (its connections are closed)


@pytest.mark.usefixtures("_unheard_client")
async def test_reader_whose_fetcher_has_ended_fails() -> None:
    """The client library logs the end of its fetcher and then polls nothing for ever."""
    with EmbeddedBroker() as broker:
        reader = await reading(broker)
        fetcher = reader._consumer._fetcher  # noqa: SLF001
        fetcher._get_actions_per_node = None  # noqa: SLF001 (a defect, at its next turn)
        await asyncio.wait([fetcher.error_future])
        with pytest.raises(LogError, match="wanted a fetcher at work, found it ended"):
            await reader.poll(200, 10)
        with pytest.raises(KafkaError, match="Unexpected error"):
            await reader.close()
