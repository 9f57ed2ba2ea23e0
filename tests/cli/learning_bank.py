"""A bank on an embedded broker whose learning has folded an outcomes log, row by row."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition

from cli.model_file import read_model
from lifecycle.learning.fold import LearningFold
from schemas.events import EventData
from schemas.incoming import SourceReader
from schemas.model import Model
from schemas.records import StoredRecord
from schemas.routing import STATE_TOPICS, SourceBinding
from streams.embedded import EmbeddedBroker
from tests.cli.control_plane import BANK, CONTROL, ControlPlane
from tests.learning.outcome_log import OutcomeLog


BIND = """\
id: bind
version: 1
title: Who binds a wallet
base_rate_ppm: 500000
optimizer: {kind: sgd, learning_rate_ppm: 100000}
exposure_count_min: 1
conversion_count_min: 1
publish_count: 2
publish_every: 7d
cohort_count: 20
inputs:
  - {id: spent, kind: number, is: spend_count, title: Purchases ever}
  - id: time
    kind: category
    is: usual_part_of_day
    values: [morning, evening]
"""
"""As `tests.learning.outcome_log.model`: PLAIN is two purchases at any time, GOLD the morning."""

OF = ("--tenant", BANK)


def bind_file(folder: Path, old: str = "", new: str = "") -> Path:
    """Return the model's file, with one thing changed in it."""
    assert not old or 1 == BIND.count(old)
    file = folder / "bind.yaml"
    file.write_text(BIND.replace(old, new) if old else BIND, encoding="utf-8")
    return file


def bind(folder: Path) -> Model:
    """Return the model as its file says it."""
    return read_model(bind_file(folder))


def begun(folder: Path) -> OutcomeLog:
    """Return a log of this bank that begins with the model."""
    log = OutcomeLog(BANK)
    log.define(bind(folder))
    return log


@contextmanager
def learning_bank(folder: Path, *logs: OutcomeLog, defined: bool = True) -> Iterator[ControlPlane]:
    """Yield a bank that has defined the model, and whose learning has read these logs."""
    with EmbeddedBroker() as broker:
        broker.create_topic(CONTROL, 2)
        broker.create_topic(STATE_TOPICS["learning"], 1)
        bank = ControlPlane(folder, broker.bootstrap, "development")
        if defined:
            bank.told("model", "define", str(bind_file(folder)), *OF)
        producer = Producer({"bootstrap.servers": broker.bootstrap})
        for log in logs:
            _learn(log, producer)
        assert 0 == producer.flush(10)
        yield bank


def _learn(log: OutcomeLog, producer: Producer) -> None:
    """Write the changelog as a worker does that commits after each record."""
    fold = LearningFold(0, 1)
    for record in log.records:
        fold.apply(record)
        for key, value in fold.drain().rows:
            producer.produce(STATE_TOPICS["learning"], value, key, partition=0)


def control_events(bootstrap: str) -> list[EventData]:
    """Return what the control topic holds, as ingest reads it, by time."""
    reader = SourceReader(SourceBinding(topic=CONTROL), [BANK])
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "test"})
    found: list[StoredRecord] = []
    for number in (0, 1):
        partition = TopicPartition(CONTROL, number, 0)
        _, end = consumer.get_watermark_offsets(partition, timeout=10)
        consumer.assign([partition])
        for _ in range(end):
            message = consumer.poll(10)
            assert message is not None
            assert message.error() is None
            where = CONTROL, number, message.offset(), message.timestamp()[1]
            found.append(
                StoredRecord(*where, message.key(), message.value(), message.headers() or ())
            )
    consumer.close()
    return [reader.read(one).record for one in sorted(found, key=lambda one: one.timestamp)]
