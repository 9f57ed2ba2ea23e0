"""
Fold the journal of a finished house again, record by record and without misfortune (I2, T8).

The same journal must give the same bytes and rows, however its records were sliced when the house
was alive; and what one record leads to for one customer must be in one transaction with the row.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.specs import fold_specs
from schemas.records import OutputRecord, StoredRecord
from schemas.routing import (
    DECISIONS_TOPIC,
    JOURNAL_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    STATE_TOPICS,
    TRIGGER_TOPICS,
)
from schemas.state import OFFSETS_KEY
from streams.memory_transaction import MemoryTransaction
from streams.partitioner import partition_of
from streams.replay import fold_in_slices
from streams.settings import Settings
from tests.proof.subjects import subject_of
from tests.simulation.simulated_log import SimulatedBroker


OUTPUT_TOPICS = (*TRIGGER_TOPICS.values(), DECISIONS_TOPIC, OUTCOMES_TOPIC, OFFERS_TOPIC)
Records = Sequence[StoredRecord]
"""Of one partition, in the order of their offsets."""


class Occasion(NamedTuple):
    """What one record of one journal partition leads to for one customer."""

    partition: int
    key: bytes
    outputs: list[OutputRecord]


class Retold(NamedTuple):
    """What the journal calls for: every occasion in order, and the rows in the end."""

    occasions: list[Occasion]
    rows: dict[bytes, bytes | None]


def faults(broker: SimulatedBroker, settings: Settings) -> list[str]:
    """Return where I2 or T8 is broken."""
    retold = Retold([], {})
    found = []
    journal = broker.committed(JOURNAL_TOPIC)
    for task in range(settings.lifecycle_task_count):
        mine = fold_again(journal, task, settings)
        found += row_faults(broker, task, mine.rows)
        retold.occasions.extend(mine.occasions)
    with_row = [one for one in retold.occasions if not one.key.endswith(b"|")]  # a customer's
    return [*found, *byte_faults(broker, retold.occasions), *torn(broker, with_row)]


def fold_again(journal: Sequence[Records], task: int, settings: Settings) -> Retold:
    """Return what a task's journal partitions call for, one record at a time."""
    task_count = settings.lifecycle_task_count
    mine = range(task, len(journal), task_count)
    fold = fold_specs(settings)["lifecycle"].make(task, task_count)
    fold.open([(JOURNAL_TOPIC, number) for number in mine])
    retold = Retold([], {})
    for number in mine:
        for drained in fold_in_slices(fold, journal[number], 1):
            retold.rows.update(drained.rows)
            retold.occasions.extend(_occasions(number, drained.outputs))
    return retold


def row_faults(broker: SimulatedBroker, task: int, wanted: dict[bytes, bytes | None]) -> list[str]:
    """Compare the rows of a task with those of the second folding (I2)."""
    records = broker.committed(STATE_TOPICS["lifecycle"])[task]
    found = {record.key or b"": record.value for record in records}
    found.pop(OFFSETS_KEY, None)
    if found == wanted:
        return []
    differ = [key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]
    return [f"I2: rows of lifecycle task {task} differ from a replay's: {sorted(differ)[:3]}"]


def byte_faults(broker: SimulatedBroker, occasions: list[Occasion]) -> list[str]:
    """Compare what each journal partition led to in each output partition (I2)."""
    journal_count = broker.partition_count(JOURNAL_TOPIC)
    wanted, found = defaultdict(list), defaultdict(list)
    for occasion in occasions:
        for output in occasion.outputs:
            count = broker.partition_count(output.topic)
            place = (output.topic, partition_of(output.key or b"", count), occasion.partition)
            wanted[place].append(output.value)
    for record in _outputs(broker):
        subject = subject_of(record)  # what is about nobody is told by the first partition alone
        number = 0 if subject.endswith(b"|") else partition_of(subject, journal_count)
        found[record.topic, record.partition, number].append(record.value)
    return [
        f"I2: what journal partition {place[2]} led to in {place[0]}/{place[1]} differs from a"
        f" replay's {len(wanted[place])} records"
        for place in sorted(wanted.keys() | found.keys())
        if wanted.get(place) != found.get(place)
    ]


def torn(broker: SimulatedBroker, occasions: list[Occasion]) -> list[str]:
    """Return the occasions whose outputs and row were not written in one transaction (T8)."""
    written_in: dict[bytes, MemoryTransaction] = {}
    for record in _outputs(broker):
        if record.value is not None and (at := broker.written_in.get(record[:3])) is not None:
            written_in[record.value] = at
    rows: dict[bytes, set[MemoryTransaction]] = defaultdict(set)
    for records in broker.committed(STATE_TOPICS["lifecycle"]):
        for record in records:
            if (at := broker.written_in.get(record[:3])) is not None:
                rows[record.key or b""].add(at)
    found = []
    for occasion in occasions:
        transactions = {written_in.get(output.value or b"") for output in occasion.outputs}
        if len(transactions) > 1 or not transactions <= rows[occasion.key]:
            found.append(
                f"T8: an occasion of {occasion.key.decode()} and its row are not in one"
                f" transaction, but in {len(transactions)}"
            )
    return found


def _occasions(partition: int, outputs: Sequence[OutputRecord]) -> Iterator[Occasion]:
    """Yield the outputs of one record customer by customer."""
    by_key: dict[bytes, list[OutputRecord]] = {}
    for output in outputs:
        by_key.setdefault(subject_of(output), []).append(output)
    for key, mine in by_key.items():
        yield Occasion(partition, key, mine)


def _outputs(broker: SimulatedBroker) -> Iterator[StoredRecord]:
    """Yield every committed trigger and decision, in the order of its partition."""
    for topic in OUTPUT_TOPICS:
        for records in broker.committed(topic):
            yield from records
