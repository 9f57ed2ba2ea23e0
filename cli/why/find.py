"""Find decision records in the log: by customer in one partition, by trigger in all of them."""

import re
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple

import msgspec

from cli.log import TopicLog
from schemas.codec import customer_key, decode_decision
from schemas.decisions import Decision
from schemas.routing import DECISIONS_TOPIC
from streams.partitioner import partition_of
from streams.port import LogError


TRIGGER_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What tells a trigger's id from a customer's token on a command line."""


class Wanted(NamedTuple):
    """
    Which records are meant: of one customer if `customer_token` is not "", else of everybody.

    `meant` chooses among them; `limit` of the newest are kept.
    """

    tenant: str
    customer_token: str
    meant: Callable[[Decision], bool]
    limit: int


def is_about(record: Decision, trigger_id: str) -> bool:
    """Return whether a record tells of a trigger, or of what was tried when that had failed."""
    return any(trigger_id in {one.trigger_id, one.follows} for one in record.candidates)


async def find(log: TopicLog, wanted: Wanted) -> list[Decision]:
    """
    Return the newest records that are meant, oldest first.

    Raises:
        LogError: the topic is not there, or the log gives up.

    """
    newest: deque[Decision] = deque(maxlen=wanted.limit)
    async with aclosing(_records(log, wanted)) as records:
        async for record in records:
            if wanted.meant(record):
                newest.append(record)
    return sorted(newest, key=lambda record: record.decided_at_ms)


async def followed(log: TopicLog, records: Sequence[Decision]) -> list[Decision]:
    """
    Return the records of contacts that candidates of these follow, but for those that are here.

    `records` are of one customer, in whose partition the others are (SEMANTICS C2).
    """
    here = {one.trigger_id for record in records for one in record.candidates}
    missing = {one.follows for record in records for one in record.candidates} - here - {""}
    if not missing:
        return []
    whose = records[0].tenant, records[0].customer_token

    def meant(record: Decision) -> bool:
        return not missing.isdisjoint(record.chosen)

    return await find(log, Wanted(*whose, meant, len(missing)))


async def _records(log: TopicLog, wanted: Wanted) -> AsyncGenerator[Decision, None]:
    """Yield decision records; those of a version that we cannot read are left out."""
    count = (await log.partition_counts([DECISIONS_TOPIC]))[DECISIONS_TOPIC]
    if not count:
        raise LogError(f"wanted topic {DECISIONS_TOPIC}, found none")
    key = customer_key(wanted.tenant, wanted.customer_token) if wanted.customer_token else b""
    spans = await log.spans(DECISIONS_TOPIC, count)
    for span in spans:
        if key and span.place.partition != partition_of(key, count):
            continue
        async with aclosing(log.read(span)) as batches:
            async for batch in batches:
                for record in batch:
                    if not key or record.key == key:
                        decision = _decoded(record.value or b"")
                        if decision is not None:
                            yield decision


def _decoded(value: bytes) -> Decision | None:
    """Return a record, None where an older or newer version wrote it."""
    try:
        return decode_decision(value)
    except msgspec.DecodeError:
        return None
