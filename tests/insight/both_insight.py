"""Give the same two logs to the house's insight fold and to the checker's, and compare all."""

from collections.abc import Iterable
from typing import Final

import msgspec

from lifecycle.insight.fold import InsightFold
from schemas.decisions import Decision
from schemas.outcomes import (
    CardMoved,
    ExposureFollowed,
    ExposureObjected,
    ExposureOpened,
    ExposureSettled,
    OutcomeRecorded,
)
from schemas.records import Applied, Row
from tests.checker.changelog import last_rows
from tests.checker.insight import DECISION, FOLLOWED, MOVED, OBJECTED, OPENED, SETTLED
from tests.checker.insight_run import InsightTopics, check_insight
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.murmur import partition_of
from tests.checker.report import Report
from tests.insight.chaos_insight import OUTCOME, Said


DECISIONS: Final = "lifecycle.decisions.v1"
OUTCOMES: Final = "lifecycle.outcomes.v1"
JOURNAL: Final = "lifecycle.journal.v1"
ROWS: Final = "insight.state.v1"
PARTITIONS: Final = range(2)
SOURCES: Final = [(topic, partition) for topic in (DECISIONS, OUTCOMES) for partition in PARTITIONS]
SHAPES: Final = {
    DECISION: Decision,
    OPENED: ExposureOpened,
    SETTLED: ExposureSettled,
    FOLLOWED: ExposureFollowed,
    OBJECTED: ExposureObjected,
    MOVED: CardMoved,
    OUTCOME: OutcomeRecorded,
}


def printed(records: Iterable[Said]) -> list[LogRecord]:
    """Return what is said as records, each as its shape prints it, at the end of its partition."""
    ends = dict.fromkeys(SOURCES, 0)
    found = []
    for ce_type, partition, said in records:
        topic = DECISIONS if ce_type == DECISION else OUTCOMES
        value = msgspec.json.encode(msgspec.convert(said, SHAPES[ce_type]))
        about = "customer_token" if ce_type in (DECISION, MOVED) else "campaign_id"
        key = f"{said['tenant']}|{said[about]}".encode()
        headers = [("ce_type", ce_type.encode())]
        place = (topic, partition, ends[topic, partition], 0)
        found.append(LogRecord(*place, key, value, headers))
        ends[topic, partition] += 1
    return found


class HouseInsight:
    """The house's fold, drained now and then, with all that it has written."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        self.rows: dict[bytes, bytes | None] = {}
        self.journal: list[LogRecord] = []
        self.told: Topic = [[] for _ in PARTITIONS]
        self._begin()

    def _begin(self) -> None:
        """Begin anew from the rows, as a successor does."""
        self._fold = InsightFold(0, 1)
        for key, value in self.rows.items():
            self._fold.restore(Row(key, value))
        self._fold.open(SOURCES)

    def see(self, records: Iterable[LogRecord], *, restarts: bool) -> None:
        """Take a slice; another process takes over after it where it `restarts`."""
        for record in records:
            assert self._fold.apply(record) is Applied.DONE
        self._fold.close_slice(())
        drained = self._fold.drain()
        self.rows |= {row.key: row.value for row in drained.rows}
        for one in drained.outputs:
            is_told = one.topic != JOURNAL
            partition = partition_of(one.key or b"", len(PARTITIONS)) if is_told else 0
            log = self.told[partition] if is_told else self.journal
            place = (one.topic, partition, len(log), 0)
            log.append(LogRecord(*place, one.key, one.value, one.headers))
        if restarts:
            self._begin()


def both_insights(
    log: list[LogRecord], *, slice_count: int, restarts: bool = False
) -> tuple[Report, HouseInsight]:
    """Return what differs, and what the house wrote, drained after every `slice_count` records."""
    house = HouseInsight()
    for at in range(0, len(log), slice_count):
        house.see(log[at : at + slice_count], restarts=restarts)
    topics: dict[str, Topic] = {name: [[] for _ in PARTITIONS] for name in (DECISIONS, OUTCOMES)}
    for record in log:
        topics[record.topic][record.partition].append(record)
    rows = [LogRecord(ROWS, 0, 0, 0, key, value) for key, value in house.rows.items()]
    read_to = {
        name: {p: len(topic[p]) for p in PARTITIONS if topic[p]} for name, topic in topics.items()
    }
    rows.append(LogRecord(ROWS, 0, 0, 0, b"#offsets", msgspec.msgpack.encode(read_to)))
    report = Report()
    logs = InsightTopics(topics[DECISIONS], topics[OUTCOMES], [house.journal], house.told)
    check_insight(logs, last_rows([rows], report), report)
    return report, house
