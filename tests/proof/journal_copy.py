"""Copy a journal to another broker, record by record, each into the partition it was in."""

from confluent_kafka import KafkaError, Message, Producer

from tests.checker.log_reader import Topic


TIMEOUT_S = 60


def copy_journal(journal: Topic, bootstrap: str) -> None:
    """
    Write every record with its key, value, headers and timestamp; topic and partitions are there.

    Raises:
        TimeoutError: the broker did not take every record.
    """
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "linger.ms": 5,
            "queue.buffering.max.messages": 2_000_000,
            "queue.buffering.max.kbytes": 2_000_000,
        }
    )
    for records in journal:
        for record in records:
            producer.produce(
                record.topic,
                record.value,
                record.key,
                partition=record.partition,
                headers=list(record.headers),
                timestamp=record.timestamp,
                on_delivery=_taken,
            )
            producer.poll(0)
    if left := producer.flush(TIMEOUT_S):
        raise TimeoutError(f"wanted every record taken, found {left} left")


def _taken(error: KafkaError | None, _message: Message) -> None:
    if error is not None:
        raise RuntimeError(f"wanted a record taken, found {error.name()}")
