"""Bring the pasts of both banks into the form in which they are sent."""

import os
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from cli.demo.bank import HOUR_MS, Upstream, bank_history, generate
from cli.demo.cdnow import cache_folder, fetch
from cli.demo.cdnow_history import cdnow_history
from cli.demo.history import DAY_MS, History, HistoryRecord, rfc3339
from cli.demo.loader import Outgoing, by_key
from cli.demo.setting import BANK, HISTORIES, SOURCE_PARTITION_COUNT, source_topic
from streams.port import SourcePartition


BANK_STARTED_AT_MS: Final = 1_704_067_200_000
"""1 January 2024. Receipts carry the time of the history, and no clock must find it ahead."""

BANK_DAY_COUNT: Final = 90
BANK_ENDED_MS_OF_DAY: Final = 6 * HOUR_MS
"""14:00 in Shanghai: what was sent lately has not expired, so it can be sent another way."""

BANK_CUSTOMER_COUNT: Final = 2_000

UPSTREAM: Final = Upstream(
    # Between two ticks nothing says which of two topics is read first. So that the same seed gives
    # the same triggers, no customer has two events in one batch, and none of those comes late
    # that a decision is made on.
    booked_each_ms=6 * HOUR_MS,
    punctual=(
        "consent.changed",
        "txn.posted",
        "txn.reversed",
        "txn.declined",
        "limit.prechecked",
        "repayment.received",
        "statement.issued",
        "autopay.changed",
        "repayment.overdue",
        "repayment.cured",
    ),
    late_ratio=0.15,
)


class Wanted(NamedTuple):
    """What is to be played: `customer_count` None means all of CDNOW, and a bank of some size."""

    seed: int = 1
    customer_count: int | None = None


def histories(wanted: Wanted) -> Sequence[History]:
    """
    Return the pasts of both banks; the same wish gives the same bytes.

    Raises:
        CdnowError: the data set is not to be had.

    """
    count = wanted.customer_count or BANK_CUSTOMER_COUNT
    bank = generate(wanted.seed, count, BANK_DAY_COUNT, BANK, BANK_STARTED_AT_MS, UPSTREAM)
    text = fetch(cache_folder(os.environ))
    return [
        _until_afternoon(bank_history(bank, BANK, BANK_STARTED_AT_MS)),
        cdnow_history(text, seed=wanted.seed, customer_count=wanted.customer_count),
    ]


def _until_afternoon(history: History) -> History:
    """Return a history that is over in the first afternoon after its last record."""
    late_ms = (history.ended_at_ms - BANK_ENDED_MS_OF_DAY) % DAY_MS
    return history._replace(ended_at_ms=history.ended_at_ms + (-late_ms) % DAY_MS)


def beginning(history: History) -> Iterator[Outgoing]:
    """
    Yield the records of the first moment.

    Until its first tick a task of ingest lets a history begin where the first records that it has
    heard of begin (T7). So it must hear of these before it hears of topics that begin later.
    """
    for record in history.records:
        if record.at_ms > history.records[0].at_ms:
            return
        yield _outgoing(history.tenant, record)


def remainder(history: History) -> Iterator[Outgoing]:
    """Yield all other records, and in each partition the word that its history is complete."""
    for record in history.records:
        if record.at_ms > history.records[0].at_ms:
            yield _outgoing(history.tenant, record)
    for source in sources(history.tenant):
        body = {
            "id": f"end-{source.topic}-{source.partition}",
            "type": "history.ended",
            "occurred_at": rfc3339(history.ended_at_ms),
            "tenant": history.tenant,
        }
        yield Outgoing(source, "markers", b"", msgspec.json.encode(body))


def sources(tenant: str) -> Iterator[SourcePartition]:
    """Yield every partition that the tenant's history comes in."""
    for contract in HISTORIES[tenant]:
        for partition in range(SOURCE_PARTITION_COUNT):
            yield SourcePartition(source_topic(tenant, contract), partition)


def _outgoing(tenant: str, record: HistoryRecord) -> Outgoing:
    """Return a record with its partition: that of a shared topic, if it is no part of a history."""
    topic = record.contract
    if topic in HISTORIES[tenant]:
        topic = source_topic(tenant, topic)
    source = by_key(topic, record.key, SOURCE_PARTITION_COUNT)
    return Outgoing(source, "events", record.key, record.value, record.headers)
