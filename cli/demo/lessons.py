"""Follow what the models learn, and say at the end what their scores were worth."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from confluent_kafka import Message

from cli.model.learnt import Learnt, rows_of
from lifecycle.learning.quality import figures
from schemas.routing import OUTCOMES_TOPIC, STATE_TOPICS
from streams.port import SourcePartition


LEARNING_TOPIC: Final = STATE_TOPICS["learning"]


class Lessons:
    """The newest rows of learning, and how far its source goes."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._rows: dict[bytes, bytes | None] = {}
        self._last: dict[SourcePartition, int] = {}

    def take(self, messages: Iterable[Message]) -> None:
        """Read rows of models, and where the last exposure or outcome of each partition lies."""
        for message in messages:
            topic, key, offset = message.topic(), message.key(), message.offset()
            if topic == LEARNING_TOPIC and key is not None:
                self._rows[key] = message.value()
            elif topic == OUTCOMES_TOPIC and offset is not None:
                self._last[SourcePartition(topic, message.partition() or 0)] = offset

    def all_read(self, positions: Mapping[SourcePartition, int]) -> bool:
        """Return whether learning has read all that was found; `positions` are its next offsets."""
        return all(positions.get(place, 0) > offset for place, offset in self._last.items())

    @property
    def found_counts(self) -> Mapping[SourcePartition, int]:
        """Return how many records of each partition were found."""
        return {place: offset + 1 for place, offset in self._last.items()}

    def unread_count(self, positions: Mapping[SourcePartition, int]) -> int:
        """Return how many records of one partition, at most, learning has still to read."""
        unread = (offset + 1 - positions.get(place, 0) for place, offset in self._last.items())
        return max(unread, default=0)

    def lines(self, tenants: Iterable[str]) -> Iterator[str]:
        """Yield one line for each model of each bank."""
        for tenant in tenants:
            for model_id, known in rows_of(tenant, self._rows).items():
                yield f"model {model_id} of {tenant}: {_told(known)}"


def _told(known: Learnt) -> str:
    """Return what a model has learnt from, and how good its scores were."""
    row = known.row
    exposure_count = row.contact.exposure_count + row.control.exposure_count
    conversion_count = row.contact.conversion_count + row.control.conversion_count
    learnt = f"{exposure_count:,} exposures, {conversion_count:,} conversions"
    if not row.pooled.outcome_count:
        return f"{learnt}, not judged yet"
    found = figures(row.pooled)
    auc = "" if found.auc is None else f", auc {found.auc:.3f}"
    return f"{learnt}, loss {found.loss:.3f} (label average {found.average_loss:.3f}){auc}"
