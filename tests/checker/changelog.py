"""Read what a changelog remembers: the last value of every key, counts and offsets apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from tests.checker.log_reader import Topic
from tests.checker.report import Report
from tests.checker.source_match import Offsets


OFFSETS_KEY = b"#offsets"
TASK_KEYS = (b"#claims", b"#heads")
"""Rows of a task of ingest: besides the offsets the only keys that every partition may have."""


def counts_of(partition: int, rows: Mapping[str, bytes]) -> dict[str, int]:
    """Return a journal partition's counts, which may be parted over several rows."""
    found: dict[str, int] = {}
    name, number = f"#counts|{partition}", 0
    while name in rows:
        found |= msgspec.msgpack.decode(rows[name])
        number += 1
        name = f"#counts|{partition}|{number}"
    return found


@dataclass(frozen=True)
class LastRows:
    """The last value of every key of a changelog; `#offsets`, one a partition, joined apart."""

    rows: dict[str, bytes]
    offsets: Offsets


def last_rows(changelog: Topic, report: Report) -> LastRows:
    """Return what a changelog remembers; a key alive in two partitions is a STATE_DIFF."""
    rows: dict[str, bytes] = {}
    offsets: Offsets = {}
    for records in changelog:
        mine: dict[bytes | None, bytes | None] = {record.key: record.value for record in records}
        for topic, partitions in msgspec.msgpack.decode(
            mine.pop(OFFSETS_KEY, None) or b"\x80"
        ).items():
            offsets.setdefault(topic, {}).update(partitions)
        for key, value in mine.items():
            name = (key or b"").decode()
            if value is None or key in TASK_KEYS:
                continue
            if name in rows:
                report.find("STATE_DIFF", f"{name}: a row in two partitions of {records[0].topic}")
            rows[name] = value
    return LastRows(rows, offsets)
