"""
Remember which rejected records were given back: one marker each, in the compacted topic.

The key names the source record, so a marker is found whatever became of the rejected copy. Who
deletes a marker (a tombstone) lets its record be given back once more.
"""

from typing import Final

import msgspec
from msgspec import Struct

from cli.log import TopicLog, whole_topic
from cli.rejected.record import Coordinates
from schemas.records import Row
from schemas.routing import REPLAYED_TOPIC


class Marker(Struct, frozen=True, kw_only=True):
    """
    A record was given back at `replayed_at_ms` (epoch milliseconds UTC) `by` an operator.

    `replay_count` is the one in its header, `kept` where the rejected copy stood.
    """

    v: int = 1
    replayed_at_ms: int
    by: str
    replay_count: int
    reason: str
    kept: str


read_marker: Final = msgspec.json.Decoder(Marker).decode


def marker_key(original: Coordinates) -> bytes:
    """Return the key of a source record's marker: `topic|partition|offset`."""
    return "|".join(map(str, original)).encode()


def marker_row(original: Coordinates, marker: Marker) -> Row:
    """Return a marker as it is written."""
    return Row(marker_key(original), msgspec.json.encode(marker))


async def read_markers(log: TopicLog) -> dict[bytes, bytes]:
    """
    Return every marker that is committed, unread, by its key.

    Raises:
        LogError: the topic is not there, or the log gives up.

    """
    markers: dict[bytes, bytes] = {}
    async for record in whole_topic(log, REPLAYED_TOPIC):
        if record.value is None:
            markers.pop(record.key or b"", None)
        else:
            markers[record.key or b""] = record.value
    return markers
