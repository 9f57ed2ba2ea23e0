"""Follow topics from their beginning, and hear of it when the broker has dropped what is unread."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from streams.port import SourcePartition


MESSAGES_PER_READ_MAX: Final = 5_000
ANSWER_S_MAX: Final = 10.0


class TailError(RuntimeError):
    """A topic cannot be followed, or records were dropped before they were read."""


class Tail:
    """A groupless read_committed reader of whole topics; not safe to share between threads."""

    def __init__(self, bootstrap: str, topics: Mapping[str, int]) -> None:
        """Begin with the first records; `topics` are names and partition counts."""
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "cardcue-demo-tail",  # asked for by the client; never joined
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 50,
            }
        )
        self._consumer.assign(
            [
                TopicPartition(topic, partition, 0)
                for topic, count in topics.items()
                for partition in range(count)
            ]
        )

    def __enter__(self) -> Self:
        """Return the open reader."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Disconnect."""
        self._consumer.close()

    def read(self, wait_s: float = 0.0) -> Sequence[Message]:
        """
        Return what has arrived, in order within each partition.

        Raises:
            TailError: the position does not exist (any more), or the broker is gone.

        """
        messages = self._consumer.consume(MESSAGES_PER_READ_MAX, wait_s)
        for message in messages:
            if (error := message.error()) is not None and not error.retriable():
                where = f"{message.topic()}/{message.partition()}"
                raise TailError(f"wanted to read on in {where}, found {error.name()}")
        return [message for message in messages if message.error() is None]

    def refuse_loss(self, positions: Mapping[SourcePartition, int]) -> None:
        """
        Look whether the broker has dropped what a task had not read yet.

        Args:
            positions: the next offset that is to be read of each partition.

        Raises:
            TailError: it has, or does not say.

        """
        for (topic, partition), position in positions.items():
            place = TopicPartition(topic, partition)
            try:
                beginning, _ = self._consumer.get_watermark_offsets(place, timeout=ANSWER_S_MAX)
            except KafkaException as error:
                why = error.args[0].name()
                raise TailError(f"wanted the beginning of {topic}, found {why}") from error
            if beginning > position:
                where = f"{topic}/{partition} kept from {position}"
                raise TailError(f"wanted {where} as nobody has read it, found {beginning} first")
