"""
Create the topics of the table, and check a Kafka against it; never change one that exists.

Both block: they are for the command line, not for the event loop.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from streams.connection import REQUEST_TIMEOUT_MS, librdkafka_configuration
from streams.settings import Settings
from streams.topic_table import Topic, topic_table


TIMEOUT_S: Final = REQUEST_TIMEOUT_MS / 1000
LOOK_AGAIN_S: Final = 0.05


class TopicError(Exception):
    """Kafka did not do as asked; what was created before stays."""


class Finding(NamedTuple):
    """
    What is not as in the table.

    An `error` gives wrong decisions or no service at all, a `note` is the operator's choice.
    """

    severity: Literal["error", "note"]
    topic: str
    text: str


class Existing(NamedTuple):
    """A topic as Kafka has it; 0 partitions where it does not exist."""

    partition_count: int
    replica_count: int
    configuration: Mapping[str, str]


def create_topics(settings: Settings, topics: Sequence[Topic] | None = None) -> list[str]:
    """
    Create what is missing; return the names created, in the order of the table.

    A topic that exists stays as it is: `check_topics` tells whether it will do.

    Args:
        settings: how to connect, and how many replicas.
        topics: instead of the whole table.

    Raises:
        TopicError: Kafka cannot be reached, or refused a topic.

    """
    admin = AdminClient(librdkafka_configuration(settings))
    wanted = topic_table(settings) if topics is None else topics
    new = [
        NewTopic(
            topic.name,
            num_partitions=topic.partition_count,
            replication_factor=settings.replication_factor,
            config={**topic.prefers, **topic.must},
        )
        for topic in wanted
    ]
    created = []
    for name, answer in admin.create_topics(new, operation_timeout=TIMEOUT_S).items():
        try:
            answer.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise TopicError(f"could not create topic {name}: {_why(error)}") from error
        else:
            created.append(name)
    _await_leaders(admin, [topic.name for topic in wanted])
    return created


def check_topics(settings: Settings, topics: Sequence[Topic] | None = None) -> list[Finding]:
    """
    Return what is not as in the table, in its order; empty when all is as we would create it.

    Raises:
        TopicError: Kafka cannot be reached or does not let us look.

    """
    wanted = topic_table(settings) if topics is None else topics
    found = _existing(AdminClient(librdkafka_configuration(settings)), wanted)
    return [finding for topic in wanted for finding in _compare(topic, found[topic.name], settings)]


def _await_leaders(admin: AdminClient, names: Sequence[str]) -> None:
    """Return once each partition can be used: Kafka answers before its brokers have heard."""
    deadline_s = time.monotonic() + TIMEOUT_S
    while True:
        known = _metadata(admin)
        waiting = [
            name
            for name in names
            if name not in known
            or not known[name].partitions
            or any(partition.leader < 0 for partition in known[name].partitions.values())
        ]
        if not waiting:
            return
        if time.monotonic() > deadline_s:
            raise TopicError(f"wanted leaders of {waiting[0]} in {TIMEOUT_S:.0f} s, found none")
        time.sleep(LOOK_AGAIN_S)


def _existing(admin: AdminClient, topics: Sequence[Topic]) -> dict[str, Existing]:
    """Return each topic as Kafka has it."""
    metadata = _metadata(admin)
    found = dict.fromkeys((topic.name for topic in topics), Existing(0, 0, {}))
    present = [name for name in found if name in metadata]
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in present]
    answers = admin.describe_configs(resources, request_timeout=TIMEOUT_S) if present else {}
    for resource, answer in answers.items():
        try:
            found[resource.name] = _read(metadata[resource.name], answer.result())
        except KafkaException as error:
            what = f"could not look at topic {resource.name}"
            raise TopicError(f"{what}: {_why(error)}") from error
    return found


def _metadata(admin: AdminClient) -> Mapping[str, Any]:
    """Return what Kafka knows of all its topics, by name."""
    try:
        return admin.list_topics(timeout=TIMEOUT_S).topics
    except KafkaException as error:
        raise TopicError(f"could not list the topics: {_why(error)}") from error


def _read(metadata: Any, entries: Mapping[str, Any]) -> Existing:  # noqa: ANN401 (ships no types)
    """Return a topic from what the client says of it."""
    partitions = metadata.partitions.values()
    return Existing(
        len(partitions),
        min((len(partition.replicas) for partition in partitions), default=0),
        {name: str(entry.value) for name, entry in entries.items()},
    )


def _compare(topic: Topic, found: Existing, settings: Settings) -> Iterator[Finding]:
    """Yield how a topic differs from what it must and should be."""
    if not found.partition_count:
        yield Finding("error", topic.name, "wanted the topic, found none")
        return
    if found.partition_count != topic.partition_count:
        text = f"wanted {topic.partition_count} partitions, found {found.partition_count}"
        yield Finding("error" if topic.partition_count_fixed else "note", topic.name, text)
    if found.replica_count < settings.replication_factor:
        text = f"wanted {settings.replication_factor} replicas, found {found.replica_count}"
        yield Finding("error" if topic.ours else "note", topic.name, text)
    yield from _differences("error", topic.name, topic.must, found.configuration)
    yield from _differences("note", topic.name, topic.prefers, found.configuration)


def _differences(
    severity: Literal["error", "note"],
    name: str,
    wanted: Mapping[str, str],
    found: Mapping[str, str],
) -> Iterator[Finding]:
    """Yield the settings of a topic that are not as wanted."""
    for setting, value in wanted.items():
        if found.get(setting) != value:
            text = f"wanted {setting}={value}, found {found.get(setting, 'nothing')}"
            yield Finding(severity, name, text)


def _why(error: KafkaException) -> str:
    """Return Kafka's own words; they name topics and brokers, never records."""
    reason: str = error.args[0].str()
    return reason
