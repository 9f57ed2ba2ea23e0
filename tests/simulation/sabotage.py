"""Ways in which a shell has been, or could be, written, and that the simulation must find."""
# ruff: noqa: SLF001 (who breaks a thing reaches inside it)

import asyncio
from collections.abc import Callable, Collection
from typing import Final

import pytest

from schemas.records import Applied, Row, SourceRecord
from schemas.state import OFFSETS_KEY
from streams.committer import Committer
from streams.memory_reader import MemoryReader
from streams.memory_transaction import MemoryProducer, MemoryTransaction
from streams.memory_writer import MemoryWriter
from streams.port import SourcePartition, Transaction
from streams.shell import Shell
from streams.task import Task


def restore_before_fencing(patch: pytest.MonkeyPatch) -> None:
    """The predecessor may still commit after its rows were read."""

    async def open_wrongly(task: Task, progress: Callable[[Task, int], None]) -> None:
        await task._restore(progress)
        await task.writer.fence()
        await task.refresh_sources()

    patch.setattr(Task, "open", open_wrongly)


def move_before_the_last_bite(patch: pytest.MonkeyPatch) -> None:
    """T8: the offset moves after the last bite, or the rest is lost with a kill."""

    async def fold_wrongly(task: Task, record: SourceRecord) -> bool:
        task.positions[SourcePartition(record.topic, record.partition)] = record.offset + 1
        while task.fold.apply(record) is Applied.AGAIN:
            await task._breathe()
            if task.stopping:
                return False
        task.folded_count += 1
        return True

    patch.setattr(Task, "_fold_one", fold_wrongly)


def take_positions_before_an_await(patch: pytest.MonkeyPatch) -> None:
    """Rows and position must be of one moment; a prototype lost thousands of outputs by this."""

    async def commit_wrongly(committer: Committer) -> None:
        task = committer._task
        positions = Row(OFFSETS_KEY, task._encode_positions())
        folded_count = task.folded_count
        assert isinstance(task.writer, MemoryWriter)
        await task.writer._pause("commit:before-append")
        if (transaction := task.take()) is not None:
            rows = [row for row in transaction.rows if row.key != OFFSETS_KEY]
            await task.writer.commit(transaction._replace(rows=[*rows, positions]))
            task.committed_count = folded_count
            task.saved.set()

    patch.setattr(Committer, "commit", commit_wrongly)


def forget_to_fence(patch: pytest.MonkeyPatch) -> None:
    """A zombie that wakes up commits what a successor has folded again."""

    def begin_wrongly(producer: MemoryProducer) -> MemoryTransaction:
        return MemoryTransaction(producer._broker)

    patch.setattr(MemoryProducer, "begin", begin_wrongly)


def start_elsewhere_before_it_has_stopped(patch: pytest.MonkeyPatch) -> None:
    """Revocation returns when the tasks have stopped, not when they were asked to."""
    stopping: list[asyncio.Task[None]] = []

    async def revoke_wrongly(shell: Shell, tasks: Collection[int]) -> None:
        for number in tasks:
            ownership = shell.running.pop(number)
            stopping.append(asyncio.create_task(ownership.stop()))

    patch.setattr(Shell, "tasks_revoked", revoke_wrongly)


def commit_in_two(patch: pytest.MonkeyPatch) -> None:
    """Outputs in one transaction and rows in the next are not one fact."""
    commit = MemoryWriter.commit

    async def commit_wrongly(writer: MemoryWriter, transaction: Transaction) -> None:
        await commit(writer, transaction._replace(rows=()))
        await commit(writer, transaction._replace(outputs=()))

    patch.setattr(MemoryWriter, "commit", commit_wrongly)


def claim_what_is_not_read(patch: pytest.MonkeyPatch) -> None:
    """T3: who is at the last stable offset has not read what an open transaction holds."""

    def claim_wrongly(reader: MemoryReader, place: SourcePartition, _answer: object) -> int:
        return reader._broker.clock() if place in reader._response_at_ms else 0

    patch.setattr(MemoryReader, "_claim_at_ms", claim_wrongly)


SABOTAGES: Final = (
    restore_before_fencing,
    move_before_the_last_bite,
    take_positions_before_an_await,
    forget_to_fence,
    start_elsewhere_before_it_has_stopped,
    commit_in_two,
)
