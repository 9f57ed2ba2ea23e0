"""
Compare what lifecycle made: on Kafka, by a replay without a log, and through the in-memory log.

The same journal must give the same bytes, wherever and however often it is folded (SEMANTICS B4).
The version of the code is a header outside that promise (B3), and so are offsets.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from lifecycle.fold import LifecycleFold
from schemas.records import OutputRecord, SourceRecord
from schemas.routing import (
    DECISIONS_TOPIC,
    JOURNAL_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    STATE_TOPICS,
    TRIGGER_TOPICS,
)
from schemas.state import OFFSETS_KEY
from streams.memory_broker import MemoryBroker
from streams.memory_log import MemoryLog
from streams.port import SourcePartition
from streams.replay import replay
from streams.settings import Settings
from streams.shell import Shell
from streams.slices import Slice
from tests.checker.log_reader import Topic, read_topics
from tests.proof.quiet import Quiet
from tests.proof.subjects import subject_of


OUTPUT_TOPICS = (*TRIGGER_TOPICS.values(), DECISIONS_TOPIC, OUTCOMES_TOPIC, OFFERS_TOPIC)
STATE_TOPIC = STATE_TOPICS["lifecycle"]
CODE_VERSION = "cardcue.code_version"
READ_COUNT_MAX = 1_000_000

Printed = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes], ...]]
"""A key, a value and its headers, the code's version left out."""


class Made(NamedTuple):
    """
    What a lifecycle fold made of a journal.

    `outputs` by topic, customer and key, in the order of their partition; `rows` by task and key
    as the changelog keeps them once compacted.
    """

    outputs: dict[tuple[str, bytes], list[Printed]]
    rows: dict[tuple[int, bytes], bytes]


def made_on_kafka(bootstrap: str) -> Made:
    """Return what lies in the output topics and the changelog of a broker."""
    topics = read_topics(bootstrap, (*OUTPUT_TOPICS, STATE_TOPIC))
    return _made((topics[name] for name in OUTPUT_TOPICS), topics[STATE_TOPIC])


def made_by_replay(journal: Topic, task_count: int) -> Made:
    """Return what the fold makes of a journal when it is fed by a loop."""
    outputs: list[OutputRecord] = []
    rows: dict[tuple[int, bytes], bytes] = {}
    for task in range(task_count):
        numbers = range(task, len(journal), task_count)
        replayed = replay(
            LifecycleFold(task, task_count, journal_partition_count=len(journal)),
            (record for number in numbers for record in journal[number]),
            sources=[(JOURNAL_TOPIC, number) for number in numbers],
        )
        outputs += replayed.outputs
        rows |= {(task, key): value for key, value in replayed.rows.items()}
    return Made(_by_key(outputs), rows)


async def made_in_memory(journal: Topic, settings: Settings) -> Made:
    """Return what the production shell makes of a journal through the in-memory log."""
    broker = MemoryBroker(lambda: 0)
    broker.create_topic(JOURNAL_TOPIC, len(journal))
    task_count = settings.lifecycle_task_count
    broker.create_topic(STATE_TOPIC, task_count)
    for name in OUTPUT_TOPICS:
        broker.create_topic(name, settings.output_partition_count)
    for number, records in enumerate(journal):
        for record in records:
            copy = OutputRecord(JOURNAL_TOPIC, record.key, record.value, record.headers, number)
            broker.append(copy)
    await _serve(broker, settings)
    outputs = [_all_of(broker, name) for name in OUTPUT_TOPICS]
    return _made(outputs, _all_of(broker, STATE_TOPIC))


class LifecycleSpec(NamedTuple):
    """What the shell must know of the lifecycle fold."""

    name: str = "lifecycle"
    source_topics: Sequence[str] = (JOURNAL_TOPIC,)
    changelog_topic: str = STATE_TOPIC
    observed_topic: str = ""
    make: Callable[[int, int], LifecycleFold] = LifecycleFold


async def _serve(broker: MemoryBroker, settings: Settings) -> None:
    """Run the shell until the journal is folded and committed."""
    count = broker.partition_count(JOURNAL_TOPIC)
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def deliver(part: Slice) -> None:
        await part.task.apply(part)

    shell = Shell(
        LifecycleSpec(make=partial(LifecycleFold, journal_partition_count=count)),
        log=MemoryLog(broker, "replay"),
        options=settings,
        deliver=deliver,
        observer=Quiet(),
        fail=failed.set_exception,
    )
    serving = asyncio.create_task(shell.run(settings.lifecycle_task_count))
    async with asyncio.timeout(600):
        while not _read_to_the_end(shell, broker) and not failed.done():  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.01)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    if failed.done():
        failed.result()


def _read_to_the_end(shell: Shell, broker: MemoryBroker) -> bool:
    """Whether every record of the journal is folded; the shell's end commits it."""
    positions: dict[SourcePartition, int] = {}
    for ownership in shell.running.values():
        positions |= ownership.task.positions
    count = broker.partition_count(JOURNAL_TOPIC)
    places = [SourcePartition(JOURNAL_TOPIC, number) for number in range(count)]
    return all(positions.get(p, 0) == broker.partition(p).stable_end for p in places)


def _all_of(broker: MemoryBroker, name: str) -> Sequence[Sequence[SourceRecord]]:
    """Return a topic of the broker in memory, partition by partition."""
    places = [SourcePartition(name, number) for number in range(broker.partition_count(name))]
    partitions = [broker.partition(place) for place in places]
    return [part.read(0, READ_COUNT_MAX, part.stable_end)[0] for part in partitions]


def _made(
    outputs: Iterable[Sequence[Sequence[SourceRecord]]],
    changelog: Sequence[Sequence[SourceRecord]],
) -> Made:
    """Return what lies in topics."""
    rows: dict[tuple[int, bytes], bytes] = {}
    for task, records in enumerate(changelog):
        last = {record.key or b"": record.value for record in records}
        last.pop(OFFSETS_KEY, None)
        rows |= {(task, key): value for key, value in last.items() if value is not None}
    flat = (record for topic in outputs for partition in topic for record in partition)
    return Made(_by_key(flat), rows)


def _by_key(
    records: Iterable[SourceRecord | OutputRecord],
) -> dict[tuple[str, bytes], list[Printed]]:
    found = defaultdict(list)
    for record in records:
        headers = tuple((n, v) for n, v in record.headers if n != CODE_VERSION)
        about = (
            subject_of(record) + b"|" + (record.key or b"")
        )  # each key is in an order of its own
        found[record.topic, about].append((record.key, record.value, headers))
    return dict(found)
