"""Ways to spoil the topics of the tiny world: copy, edit, and write rows anew."""

import json
from typing import Any

from tests.checker.log_reader import LogRecord, Topic
from tests.checker.tiny_world import packed


Topics = dict[str, Topic]
JOURNAL = "t.lifecycle.journal.v1"
SMS = "t.marketing.triggers.sms.v1"
DECISIONS = "t.lifecycle.decisions.v1"
REJECTED = "t.card.events.rejected.v1"
ROWS = "t.lifecycle.state.v1"


def again(records: list[LogRecord], at: int, **other: Any) -> None:  # noqa: ANN401
    """Append a copy of a record, changed or not."""
    records.append(records[at]._replace(offset=records[-1].offset + 1, **other))


def edit(records: list[LogRecord], at: int, **fields: Any) -> None:  # noqa: ANN401
    """Change fields of a JSON record in place; a value that is a dict changes the inner fields."""
    body = json.loads(records[at].value or b"")
    for name, value in fields.items():
        body[name] = {**body[name], **value} if isinstance(value, dict) else value
    text = json.dumps(body, separators=(",", ":")).encode()
    records[at] = records[at]._replace(value=text)


def row(topics: Topics, name: str, partition: int, key: bytes, value: Any) -> None:  # noqa: ANN401
    """Append a row to a changelog."""
    bytes_ = None if value is None else packed(value)
    topics[name][partition].append(LogRecord(name, partition, 99, 0, key, bytes_))
