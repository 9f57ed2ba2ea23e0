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


def create_topics(
    settings: Settings, topics: Sequence[Topic] | None = None, *, timeout_s: float = TIMEOUT_S
) -> list[str]:
    """
    Create what is missing; return the names created, in the order of the table.

    A topic that exists stays as it is: `check_topics` tells whether it will do.

    Args:
        settings: how to connect, and how many replicas.
        topics: instead of the whole table.
        timeout_s: how long Kafka may take to answer.

    Raises:
        TopicError: Kafka cannot be reached, or refused a topic.

    """
    admin = Admin(settings, timeout_s)
    admin.metadata()  # says at once when nobody answers
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
    for name, answer in admin.client.create_topics(new, operation_timeout=timeout_s).items():
        try:
            answer.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise admin.failed(f"could not create topic {name}", error) from error
        else:
            created.append(name)
    _await_leaders(admin, [topic.name for topic in wanted])
    return created


def check_topics(
    settings: Settings, topics: Sequence[Topic] | None = None, *, timeout_s: float = TIMEOUT_S
) -> list[Finding]:
    """
    Return what is not as in the table, in its order; empty when all is as we would create it.

    Args:
        settings: how to connect, and how many replicas.
        topics: instead of the whole table.
        timeout_s: how long Kafka may take to answer.

    Raises:
        TopicError: Kafka cannot be reached or does not let us look.

    """
    wanted = topic_table(settings) if topics is None else topics
    found = _existing(Admin(settings, timeout_s), wanted)
    return [finding for topic in wanted for finding in _compare(topic, found[topic.name], settings)]


class Admin:
    """Kafka's administrative client, with what it complained of kept for the error message."""

    def __init__(self, settings: Settings, timeout_s: float) -> None:
        """Prepare; the first question connects."""
        self.timeout_s = timeout_s
        self._complaint = ""
        named: dict[str, Any] = {**librdkafka_configuration(settings)}
        named["error_cb"] = self._keep_complaint
        self.client = AdminClient(named)

    def metadata(self) -> Mapping[str, Any]:
        """Return what Kafka knows of all its topics, by name."""
        try:
            return self.client.list_topics(timeout=self.timeout_s).topics
        except KafkaException as error:
            raise self.failed("could not list the topics", error) from error

    def configurations(self, names: Sequence[str]) -> dict[str, Mapping[str, str]]:
        """Return the settings of topics that exist, defaults among them."""
        if not names:
            return {}
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        answers = self.client.describe_configs(resources, request_timeout=self.timeout_s)
        found: dict[str, Mapping[str, str]] = {}
        for resource, answer in answers.items():
            try:
                entries = answer.result()
            except KafkaException as error:
                raise self.failed(f"could not look at topic {resource.name}", error) from error
            found[resource.name] = {name: str(entry.value) for name, entry in entries.items()}
        return found

    def failed(self, what: str, error: KafkaException) -> TopicError:
        """Return the error to raise, in Kafka's own words: topics and brokers, never records."""
        self.client.poll(0)  # serves the callback
        return TopicError(": ".join(filter(None, (what, error.args[0].str(), self._complaint))))

    def _keep_complaint(self, error: KafkaError) -> None:
        """Keep the first: the later ones say that all brokers are down."""
        self._complaint = self._complaint or error.str()


def _await_leaders(admin: Admin, names: Sequence[str]) -> None:
    """Return once each partition can be used: Kafka answers before its brokers have heard."""
    deadline_s = time.monotonic() + admin.timeout_s
    while True:
        known = admin.metadata()
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
            found = f"in {admin.timeout_s:.0f} s, found none"
            raise TopicError(f"wanted a leader for each partition of {waiting[0]} {found}")
        time.sleep(LOOK_AGAIN_S)


def _existing(admin: Admin, topics: Sequence[Topic]) -> dict[str, Existing]:
    """Return each topic as Kafka has it."""
    metadata = admin.metadata()
    found = dict.fromkeys((topic.name for topic in topics), Existing(0, 0, {}))
    for name, configuration in admin.configurations([n for n in found if n in metadata]).items():
        found[name] = _read(metadata[name], configuration)
    return found


def _read(metadata: Any, configuration: Mapping[str, str]) -> Existing:  # noqa: ANN401 (no types)
    """Return a topic from what the client says of it."""
    partitions = metadata.partitions.values()
    replicas = min((len(partition.replicas) for partition in partitions), default=0)
    return Existing(len(partitions), replicas, configuration)


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
