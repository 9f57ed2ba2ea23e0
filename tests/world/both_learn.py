"""Give one outcomes log to the house's learning fold and to the checker's, and compare all."""

import json
from collections.abc import Iterable

import msgspec

from lifecycle.learning.fold import LearningFold
from schemas.records import Applied
from tests.checker.changelog import last_rows
from tests.checker.check import check_learning
from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord
from tests.checker.report import Report


OUTCOMES = "lifecycle.outcomes.v1"
JOURNAL = "lifecycle.journal.v1"
ROWS = "learning.state.v1"


def printed(records: Iterable[tuple[str, Facts]]) -> list[LogRecord]:
    """Return what is said as the records of one partition."""
    return [
        LogRecord(
            OUTCOMES, 0, offset, 0, b"", msgspec.json.encode(said), [("ce_type", ce_type.encode())]
        )
        for offset, (ce_type, said) in enumerate(records)
    ]


def both_learn(log: list[LogRecord], *, slice_count: int = 1) -> tuple[Report, list[Facts]]:
    """Return what differs, and the snapshots; the house drains after `slice_count` records."""
    fold = LearningFold(0, 1)
    fold.open([(OUTCOMES, 0)])
    journal: list[LogRecord] = []
    rows: list[LogRecord] = []
    for number, record in enumerate(log, 1):
        assert fold.apply(record) is Applied.DONE
        if number % slice_count and number < len(log):
            continue
        fold.close_slice(())
        drained = fold.drain()
        for output in drained.outputs:
            place = (output.topic, 0, len(journal), 0)
            journal.append(LogRecord(*place, output.key, output.value, output.headers))
        rows += [LogRecord(ROWS, 0, 0, 0, row.key, row.value) for row in drained.rows]
    read_to = msgspec.msgpack.encode({OUTCOMES: {0: len(log)}})
    rows.append(LogRecord(ROWS, 0, 0, 0, b"#offsets", read_to))
    report = Report()
    check_learning([log], [journal], last_rows([rows], report), report)
    return report, [json.loads(one.value or b"")["record"] for one in journal]
