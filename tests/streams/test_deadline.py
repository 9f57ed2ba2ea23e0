"""Nothing waits for Kafka for ever: what an answer that was lost would stop ends the process."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from streams.deadline import within
from streams.kafka_writer import KafkaWriter
from streams.port import LogError, MembershipListener, Transaction
from streams.shell import Shell
from tests.streams.shell_world import Options, ShellWorld, virtual


class SilentProducer:
    """A client whose answer is lost at one place; a future without an answer waits for ever."""

    def __init__(self, silent: str, **_options: object) -> None:
        """Be silent at one method."""
        self.silent = silent

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (any method of the client)
        """Return a method that answers at once, or never."""

        async def method(*_: object) -> None:
            if name == self.silent:
                await asyncio.get_running_loop().create_future()

        return method


class SilentMembership:
    """A group that never says what is ours."""

    async def join(self, _listener: MembershipListener) -> None:
        """Join, and hear nothing."""

    async def poll(self) -> None:
        """Stay."""


def silent(place: str) -> KafkaWriter:
    """Return a writer whose client is silent at one place."""
    return KafkaWriter(
        {"silent": place},
        transactional_id="app-ingest-0",
        group="app-ingest",
        changelog=("rows", 0),
        fixed_counts={},
        client=SilentProducer,
    )


@virtual
async def test_deadline_leaves_alone_what_ends_in_time() -> None:
    """No word about it, not even later."""
    with capture_logs() as logs:
        async with within(10.0, "an end"):
            await asyncio.sleep(9.5)
        await asyncio.sleep(1.0)
    assert [] == logs


@virtual
async def test_deadline_says_where_everything_waits_and_fails() -> None:
    """The place is told while it still is one: the wait is gone once it is cancelled."""
    with capture_logs() as logs, pytest.raises(LogError, match="wanted an end within 10 s"):
        async with within(10.0, "an end"):
            await asyncio.get_running_loop().create_future()
    assert 10.0 == asyncio.get_running_loop().time()
    assert any("test_deadline_says_where_everything_waits" in log["at"] for log in logs)


@virtual
async def test_fence_without_an_answer_ends_the_process() -> None:
    """aiokafka asks for its producer id again and again, and has no deadline for it."""  # noqa: D403 (a name)
    with pytest.raises(LogError, match="wanted a producer of our own within 120 s"):
        await silent("start").fence()


@virtual
async def test_commit_without_an_answer_ends_the_process() -> None:
    """The broker has given the transaction up long ago; a successor takes its place."""
    writer = silent("commit_transaction")
    await writer.fence()
    with pytest.raises(LogError, match="wanted a commit within 120 s"):
        await writer.commit(Transaction((), (), {}))


@virtual
async def test_shell_without_a_place_in_the_group_ends_the_process() -> None:
    """Even a spare worker is told that nothing is its; who hears nothing asks anew."""
    world = ShellWorld()
    log = world.client()
    log.membership = lambda **_: SilentMembership()  # type: ignore[assignment, method-assign, return-value]
    shell = Shell(
        world.spec,
        log=log,
        options=Options(),
        deliver=world.slices.append,  # type: ignore[arg-type]
        observer=world.notes,
        fail=print,
    )
    with pytest.raises(LogError, match="wanted a place in the group within 300 s"):
        await shell.run(1)
    assert 300.0 == asyncio.get_running_loop().time()
