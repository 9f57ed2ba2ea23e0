"""A history of any shape, over several tasks and the clock, is read to its end (SEMANTICS T7)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.clock import ClockFold
from lifecycle.ingest import IngestFold
from schemas.codec import decode_envelope
from schemas.journal import JournalEnvelope, Tick
from schemas.records import Applied, Row, StoredRecord
from schemas.routing import JOURNAL_TOPIC, PROGRESS_TOPIC
from tests.builders_source import SPEND, bound, purchase, source_record


TASK_COUNT = 3
LEAD_MS = 2_000
START = datetime(2020, 1, 1, tzinfo=UTC)
START_MS = 1_577_836_800_000
END_MS = 100_000


def log_of(partition: int, offsets_ms: list[int]) -> list[StoredRecord]:
    """Return a partition: purchases at these times after the start, then the end of history."""
    log = []
    for offset, at_ms in enumerate([*offsets_ms, END_MS]):
        occurred_at = (START + timedelta(milliseconds=at_ms)).isoformat()
        body = purchase(occurred_at=occurred_at)
        if offset == len(offsets_ms):
            body = {"id": "end", "type": "history.ended", "occurred_at": occurred_at}
        log.append(source_record(body, at=(SPEND, partition, offset), timestamp=2**41))
    return log


class Load:
    """Three ingest tasks that load a history, and the clock they follow."""

    def __init__(self, logs: list[list[StoredRecord]]) -> None:
        """Give partition p to task p % 3."""
        self.left = [list(log) for log in logs]
        self.journal: list[JournalEnvelope] = []
        self.clock = ClockFold(0, 1)
        self.tasks = []
        for number in range(TASK_COUNT):
            fold = IngestFold(
                number,
                TASK_COUNT,
                bindings=(bound(time_source="records"),),
                tenants=("bank-a",),
                backfill_lead_ms=LEAD_MS,
            )
            fold.open([(SPEND, place) for place in range(number, len(logs), TASK_COUNT)])
            self.tasks.append(fold)

    def round(self) -> None:
        """Let every task read as far as it may, then the clock, then tell the tasks."""
        for number, fold in enumerate(self.tasks):
            for partition in range(number, len(self.left), TASK_COUNT):
                log = self.left[partition]
                while log and fold.apply(log[0]) is Applied.DONE:
                    log.pop(0)
            fold.close_slice(())
            for output in fold.drain().outputs:
                if output.topic == JOURNAL_TOPIC:
                    self.journal.append(decode_envelope(output.value or b""))
                else:
                    at = (PROGRESS_TOPIC, 0, 0)
                    self.clock.apply(StoredRecord(*at, 0, output.key, output.value))
        self.clock.close_slice(())
        drained = self.clock.drain()
        self.journal += [decode_envelope(output.value or b"") for output in drained.outputs]
        for fold in self.tasks:
            for row in drained.rows:
                fold.observe(Row(row.key, row.value))


HISTORIES = st.lists(st.lists(st.integers(0, END_MS), max_size=12), min_size=TASK_COUNT, max_size=6)


@settings(max_examples=200, deadline=None)
@given(HISTORIES)
def test_history_of_any_shape_is_read_to_its_end(histories: list[list[int]]) -> None:
    """T7: whatever the order and the gaps, nothing waits for ever, and nothing runs ahead."""
    load = Load([log_of(partition, times) for partition, times in enumerate(histories)])
    # at worst each record waits for a tick of its own
    for _ in range(2 * sum(map(len, load.left)) + 2):
        load.round()
    assert not any(load.left)
    watermark_ms: int | None = None
    for envelope in load.journal:
        if isinstance(envelope.record, Tick):
            assert envelope.record.backfill
            watermark_ms = envelope.record.watermark_at_ms
        elif watermark_ms is not None:
            assert watermark_ms < envelope.journal_at_ms
            assert envelope.occurred_at_ms <= watermark_ms + LEAD_MS
    purchase_count = sum(map(len, histories))
    assert sum(not isinstance(e.record, Tick) for e in load.journal) == purchase_count
    assert watermark_ms is not None
    assert START_MS + END_MS - LEAD_MS < watermark_ms <= START_MS + END_MS
