"""
What a test of the shell needs around it: a broker in memory, a client, a fold, somebody who notes.

Time is the event loop's, and the loop's time is virtual (`virtual`): nothing sleeps for real, and
a wait that nobody would ever end is an error instead of a hang.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, ParamSpec, TypeVar

from msgspec import Struct, msgpack

from schemas.records import OutputRecord, Row, StoredRecord
from schemas.state import OFFSETS_KEY
from streams.memory_broker import MemoryBroker
from streams.memory_log import MemoryLog
from streams.memory_pause import Pause, breathe
from streams.port import SourcePartition, Transaction
from streams.slices import Slice
from streams.task import Task
from tests.simulation.virtual_loop import run_virtual
from tests.streams.scripted_fold import ScriptedFold, ScriptedSpec


Given = ParamSpec("Given")
Anything = TypeVar("Anything")

SOURCE: Final = "source"
ROWS: Final = "rows"
SAID: Final = "said"
STARTED_AT_MS: Final = 1_700_000_000_000
"""What the broker's clock says at second 0 of the loop."""
WAIT_S_MAX: Final = 120.0
"""Virtual seconds: ten times what the slowest thing, a look for growth, needs."""


def virtual(
    test: Callable[Given, Coroutine[Any, Any, None]],
) -> Callable[Given, None]:
    """Run an asynchronous test on a loop whose time jumps to the next thing to happen."""

    @functools.wraps(test)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        run_virtual(lambda _loop: test(*args, **kwargs))

    return run


async def until(condition: Callable[[], bool], what: str) -> None:
    """
    Let the others go on until the condition holds.

    Raises:
        TimeoutError: it did not within two minutes of virtual time.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + WAIT_S_MAX
    while not condition():
        if loop.time() > deadline_s:
            raise TimeoutError(f"wanted {what}, found none")
        await asyncio.sleep(0.001)


class Options(Struct, frozen=True, kw_only=True):
    """The settings that a task reads, small."""

    transaction_record_count_max: int = 2_000
    linger_idle_ms: int = 0
    linger_busy_ms: int = 20
    metadata_refresh_ms: int = 30_000


class Notes:
    """
    Who watches the shell (port: `streams.shell.ShellObserver`).

    Attributes:
        told: (what, task number), in order.
        transactions: what was committed, as the committer reported it.
        record_counts: how many records each of them was of.
    """

    def __init__(self) -> None:
        """Start with nothing heard."""
        self.told: list[tuple[str, int]] = []
        self.transactions: list[Transaction] = []
        self.record_counts: list[int] = []
        self.tasks: list[Task] = []

    def joined(self, fold: str) -> None:
        """Note it."""
        self.told.append((f"joined {fold}", -1))

    def task_assigned(self, task: Task) -> None:
        """Note it."""
        self.tasks.append(task)
        self.told.append(("assigned", task.number))

    def rows_restored(self, task: Task, remaining_count: int) -> None:
        """Note it."""
        self.told.append((f"restored, {remaining_count} to go", task.number))

    def task_opened(self, task: Task, seconds: float) -> None:
        """Note it."""
        assert seconds >= 0
        self.told.append(("opened", task.number))

    def task_closed(self, task: Task) -> None:
        """Note it."""
        self.told.append(("closed", task.number))

    def committed(
        self, task: Task, transaction: Transaction, record_count: int, seconds: float
    ) -> None:
        """Note it."""
        assert seconds >= 0
        self.told.append(("committed", task.number))
        self.transactions.append(transaction)
        self.record_counts.append(record_count)


class ShellWorld:
    """
    A broker in memory with one source, one changelog and one output topic.

    Attributes:
        places: every place at which a client of the log has paused, in order.
        slices: what tasks made by `task` have delivered.
    """

    def __init__(
        self, *, source_partition_count: int = 2, task_count: int = 1, observed_topic: str = ""
    ) -> None:
        """Create the topics; to be called within the loop."""
        loop = asyncio.get_running_loop()
        self.broker = MemoryBroker(lambda: STARTED_AT_MS + int(loop.time() * 1000))
        self.broker.create_topic(SOURCE, source_partition_count)
        self.broker.create_topic(ROWS, task_count)
        self.broker.create_topic(SAID, 1)
        if observed_topic:
            self.broker.create_topic(observed_topic, 1)
        self.spec = ScriptedSpec(
            source_topics=(SOURCE,),
            changelog_topic=ROWS,
            output_topic=SAID,
            observed_topic=observed_topic,
        )
        self.task_count = task_count
        self.notes = Notes()
        self.places: list[str] = []
        self.slices: list[Slice] = []

    def client(self, name: str = "first", pause: Pause = breathe) -> MemoryLog:
        """Return a client of the log that notes its places, then pauses."""

        async def noted(place: str) -> None:
            self.places.append(place)
            await pause(place)

        return MemoryLog(self.broker, name, noted)

    def task(
        self,
        number: int = 0,
        *,
        log: MemoryLog | None = None,
        options: Options | None = None,
        deliver: Callable[[Slice], Awaitable[None]] | None = None,
    ) -> Task:
        """Return a task, not yet open, that delivers into `slices`."""
        return Task(
            self.spec,
            number=number,
            task_count=self.task_count,
            log=log or self.client(),
            options=options or Options(),
            deliver=deliver or self._collect,
        )

    async def opened(
        self, number: int = 0, *, log: MemoryLog | None = None, options: Options | None = None
    ) -> Task:
        """Return an open task."""
        task = self.task(number, log=log, options=options)
        await task.open(self.notes.rows_restored)
        return task

    def append(self, *words: bytes, key: bytes = b"k", partition: int = 0) -> list[StoredRecord]:
        """Append source records of one key; return them."""
        outputs = [OutputRecord(SOURCE, key, word, (), partition) for word in words]
        return [stored for output in outputs for stored in self.broker.append(output)]

    def rows(self, task: int = 0) -> list[tuple[bytes, bytes | None]]:
        """Return key and value of every committed row of a task, in order."""
        partition = self.broker.partition(SourcePartition(ROWS, task))
        return [(record.key or b"", record.value) for record in partition.read(0, 1_000_000)[0]]

    def counts(self, task: int = 0) -> Mapping[bytes, int]:
        """Return the newest committed count of each key of a task."""
        newest = {key: value for key, value in self.rows(task) if not key.startswith(b"#")}
        return {key: msgpack.decode(value or b"\x00") for key, value in newest.items()}

    def said(self) -> list[bytes]:
        """Return every committed output in order, claims apart."""
        partition = self.broker.partition(SourcePartition(SAID, 0))
        records = partition.read(0, 1_000_000)[0]
        return [record.value or b"" for record in records if record.key != b"claim"]

    def offsets(self, task: int = 0) -> Mapping[str, Mapping[int, int]]:
        """Return the newest committed offsets row of a task, {} without one."""
        rows = self.all_offsets(task)
        return rows[-1] if rows else {}

    def all_offsets(self, task: int = 0) -> list[Mapping[str, Mapping[int, int]]]:
        """Return every committed offsets row of a task, in order."""
        return [offsets_in(value) for key, value in self.rows(task) if key == OFFSETS_KEY]

    async def fold(self, task: Task, *batches: Sequence[StoredRecord]) -> None:
        """Send the batches as slices of a task, and apply what was delivered, as an agent does."""
        for records in batches:
            await task.send(records, ())
        while self.slices:
            part = self.slices.pop(0)
            await part.task.apply(part)

    async def _collect(self, part: Slice) -> None:
        self.slices.append(part)


def offsets_in(value: bytes | None) -> Mapping[str, Mapping[int, int]]:
    """Return what an offsets row says: `{topic: {partition: next offset}}`."""
    return msgpack.decode(value or b"", type=dict[str, dict[int, int]])


def offsets_row(*next_offsets: int) -> Row:
    """Return the offsets row of the source's first partitions."""
    return Row(OFFSETS_KEY, msgpack.encode({SOURCE: dict(enumerate(next_offsets))}))


def fold_of(task: Task) -> ScriptedFold:
    """Return the task's fold as what it is."""
    assert isinstance(task.fold, ScriptedFold)
    return task.fold
