"""Write control records, append them, and know that they were stored, or say that they were not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.codec import to_builtins
from schemas.events import EventData
from schemas.records import OutputRecord
from schemas.routing import ROUTE_BY_TYPE
from streams.connection import librdkafka_configuration
from streams.settings import Settings


PATIENCE_S: Final = 20
"""How long the log may take to store a few records."""


class ControlTopicError(RuntimeError):
    """Not every record is known to be stored; appending the same again changes nothing more."""


def control_record(
    event: EventData, tenant: str, name: str, event_id: str, at_ms: int
) -> OutputRecord:
    """Return an event about a tenant as a structured CloudEvent, keyed `tenant|name`."""
    written = to_builtins(event)
    event_type = written.pop("event_type")
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    cloud_event = {
        "specversion": "1.0",
        "id": event_id,
        "source": "cardcue/policy",
        "type": event_type,
        "time": at.isoformat(timespec="milliseconds"),
        "tenantid": tenant,
        "data": written,
    }
    return OutputRecord(
        topic=ROUTE_BY_TYPE[event_type].topic,
        key=f"{tenant}|{name}".encode(),
        value=msgspec.json.encode(cloud_event),
        headers=(("content-type", b"application/cloudevents+json"),),
    )


def append(
    records: Sequence[OutputRecord], settings: Settings, *, patience_s: int = PATIENCE_S
) -> None:
    """
    Append records to their topics, each stored by every in-sync replica.

    The topic is called as the settings' binding of its contract calls it.

    Raises:
        ControlTopicError: with the log's reason.

    """
    names = {binding.contract or binding.topic: binding.topic for binding in settings.bindings}
    failures: list[str] = []

    def stored(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            failures.append(error.str())

    configuration = librdkafka_configuration(settings) | {
        "acks": "all",
        "enable.idempotence": True,
        "delivery.timeout.ms": patience_s * 1000,
        "partitioner": "murmur2_random",
    }
    try:
        producer = Producer(configuration)
        for record in records:
            topic = names.get(record.topic, record.topic)
            producer.produce(
                topic, record.value, record.key, headers=list(record.headers), on_delivery=stored
            )
        unsent = producer.flush(patience_s + 1)
    except KafkaException as error:
        raise ControlTopicError(f"wanted a Kafka client, found {error.args[0].str()}") from error
    if failures or unsent:
        why = failures[0] if failures else f"no answer from {settings.bootstrap}"
        raise ControlTopicError(f"wanted {len(records)} records stored, found {why}")
