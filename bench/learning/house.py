"""
Run the lifecycle fold and the learning fold beside each other, in memory, with nothing between.

Records go the way they go on a log: journal -> lifecycle -> outcomes -> learning -> journal. There
is one journal partition and one partition of outcomes, and every record is folded before the next
is made, so that a score is by what was known at that moment.
"""

from collections.abc import Sequence
from typing import Final

from lifecycle.fold import LifecycleFold
from lifecycle.learning.fold import LearningFold
from schemas.codec import (
    customer_key,
    decode_exposure,
    decode_outcome,
    decode_settled,
    encode_json,
)
from schemas.events import AnyEvent
from schemas.journal import JournalEnvelope, SourceCoordinates, Tick
from schemas.outcomes import ExposureOpened, ExposureSettled, OutcomeRecorded
from schemas.records import Applied, OutputRecord, StoredRecord
from schemas.routing import DECISIONS_TOPIC, JOURNAL_TOPIC, OUTCOMES_TOPIC


DECODERS: Final = {
    b"exposure.opened.v1": decode_exposure,
    b"outcome.recorded.v1": decode_outcome,
    b"exposure.settled.v1": decode_settled,
}


class House:
    """
    Both folds, and what they have said since it was last taken.

    `exposures`, `outcomes`, `settled` and `decisions` (bytes) are in the order of the log.
    """

    def __init__(self) -> None:
        """Begin with empty folds."""
        self.lifecycle = LifecycleFold(0, 1)
        self.lifecycle.open([(JOURNAL_TOPIC, 0)])
        self.learning = LearningFold(0, 1)
        self.learning.open([(OUTCOMES_TOPIC, 0)])
        self.exposures: list[ExposureOpened] = []
        self.outcomes: list[OutcomeRecorded] = []
        self.settled: list[ExposureSettled] = []
        self.decisions: list[bytes] = []
        self.snapshot_count = 0
        self._offset = {JOURNAL_TOPIC: 0, OUTCOMES_TOPIC: 0}

    def say(self, tenant: str, token: str, event: AnyEvent, at_ms: int) -> None:
        """Let something happen to a customer ("" for the tenant), known as soon as it happens."""
        self._journal(self._envelope(tenant, token, event, at_ms))

    def tick(self, tenant: str, at_ms: int) -> None:
        """Say that every source has been read up to a moment, and settle."""
        tick = Tick(now_at_ms=at_ms, watermark_at_ms=at_ms)
        self._journal(self._envelope(tenant, "", tick, at_ms))
        self.settle()

    def settle(self) -> None:
        """Let what was folded be learnt from, and what was learnt decide, until all is quiet."""
        while outputs := self.lifecycle.drain().outputs:
            for output in outputs:
                self._take(output)
            for snapshot in self.learning.drain().outputs:
                self.snapshot_count += 1
                self._journal(snapshot.value or b"")

    def _envelope(self, tenant: str, token: str, record: AnyEvent | Tick, at_ms: int) -> bytes:
        """Return a record as ingest, or the clock, would write it."""
        offset = self._offset[JOURNAL_TOPIC]
        return encode_json(
            JournalEnvelope(
                tenant=tenant,
                customer_token=token,
                journal_at_ms=at_ms,
                occurred_at_ms=at_ms,
                event_id=f"event-{offset}",
                event_source="bench",
                source=SourceCoordinates("bench", 0, offset),
                record=record,
            )
        )

    def _journal(self, value: bytes) -> None:
        """Fold one record of the journal."""
        record = self._stored(JOURNAL_TOPIC, customer_key("", ""), value, ())
        while self.lifecycle.apply(record) is Applied.AGAIN:
            pass

    def _take(self, output: OutputRecord) -> None:
        """Keep what the lifecycle fold says; give the learning fold what it reads."""
        value = output.value or b""
        if output.topic == DECISIONS_TOPIC:
            self.decisions.append(value)
        elif output.topic == OUTCOMES_TOPIC:
            self.learning.apply(self._stored(OUTCOMES_TOPIC, output.key, value, output.headers))
            said = DECODERS.get(dict(output.headers)["ce_type"], _no_record)(value)
            if isinstance(said, ExposureOpened):
                self.exposures.append(said)
            elif isinstance(said, OutcomeRecorded):
                self.outcomes.append(said)
            elif isinstance(said, ExposureSettled):
                self.settled.append(said)

    def _stored(
        self,
        topic: str,
        key: bytes | None,
        value: bytes,
        headers: Sequence[tuple[str, bytes]],
    ) -> StoredRecord:
        """Return a record at the end of a topic's one partition."""
        offset = self._offset[topic]
        self._offset[topic] = offset + 1
        return StoredRecord(topic, 0, offset, 0, key, value, headers)


def _no_record(_: bytes) -> None:
    """Return nothing: definitions of models are no exposures."""
