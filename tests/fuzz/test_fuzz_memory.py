"""Every case of the corpus through the folds over the log in memory, accounted for (I1)."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from schemas.records import StoredRecord
from schemas.routing import JOURNAL_TOPIC, REJECTED_TOPIC
from tests.fuzz.cases import APPLIED, TENANT
from tests.fuzz.corpus import CLASSES, corpus
from tests.fuzz.memory_house import SETTINGS, MemoryHouse
from tests.fuzz.verdict import (
    Kept,
    Place,
    Sent,
    check_kept,
    expected_counts,
    forwarded_places,
    ignored_counts,
    is_rejected,
    rejected_by_place,
)
from tests.simulation.virtual_loop import run_virtual


NOW_MS = 1_790_000_000_000


class Ended(NamedTuple):
    """What was sent, and what the log says after it was read."""

    sent: list[Sent]
    rejected: Mapping[Place, Kept]
    forwarded: Counter[Place]
    ingest: Mapping[str, int]
    lifecycle: Mapping[str, int]
    failures: list[BaseException]


@pytest.fixture(scope="module")
def ended() -> Ended:
    """Return the end of a house that got the whole corpus, once for all tests."""
    found: list[Ended] = []

    async def story(_: asyncio.AbstractEventLoop) -> None:
        house = MemoryHouse(NOW_MS)
        sent = []
        for name, cases in corpus(NOW_MS).items():
            for number, case in enumerate(cases):
                stored = house.append(case, number // 2)  # an event and its repeat: one partition
                place = (stored.topic, stored.partition, stored.offset)
                sent.append(Sent(name, case, place))
        await house.run_until_read()
        kept = [as_kept(record) for record in house.records(REJECTED_TOPIC)]
        journal = [record.value for record in house.records(JOURNAL_TOPIC) if is_event(record)]
        found.append(
            Ended(
                sent,
                rejected_by_place(kept),
                forwarded_places(journal),
                house.counts("ingest"),
                house.counts("lifecycle"),
                house.failures,
            )
        )

    run_virtual(story)
    return found[0]


def as_kept(record: StoredRecord) -> Kept:
    """Return a record of the rejected topic as it lies there."""
    return Kept(record.key, record.value, record.headers, record.partition)


def is_event(record: StoredRecord) -> bool:
    """Return whether a record of the journal came from a source, as ticks do not."""
    return b'"event_type":"tick"' not in (record.value or b"")


def test_fuzz_no_record_ends_a_fold(ended: Ended) -> None:
    """Nothing blocks: no input raises, so no worker restarts, and everything is read."""
    assert [] == ended.failures
    read = len(ended.rejected) + ended.forwarded.total()
    assert len(ended.sent) == read


@pytest.mark.parametrize("name", CLASSES)
def test_fuzz_class_ends_as_it_must(ended: Ended, name: str) -> None:
    """Each case of a class in its one place: the journal once, or rejected with its reason."""
    cases = [one for one in ended.sent if one.name == name]
    for one in cases:
        if is_rejected(one.case):
            assert one.place in ended.rejected, (one.case.outcome, one.place)
            check_kept(one, ended.rejected[one.place], SETTINGS.output_partition_count)
            assert 0 == ended.forwarded[one.place]
        else:
            assert one.place not in ended.rejected, dict(ended.rejected[one.place].headers)
            assert 1 == ended.forwarded[one.place]
    said = [dict(ended.rejected[one.place].headers) for one in cases if one.place in ended.rejected]
    reasons = Counter((headers["cardcue.reason"] or b"").decode() for headers in said)
    expected = expected_counts(cases)[name]
    assert {reason: expected[reason] for reason in reasons} == dict(reasons)
    assert sum(reasons.values()) == sum(map(is_rejected, (one.case for one in cases)))


def test_fuzz_counts_agree_with_the_corpus(ended: Ended) -> None:
    """I1: in = applied + ignored + rejected, each reason as often as the corpus asks for it."""
    expected = Counter(one.case.outcome for one in ended.sent)
    rejected: Counter[str] = Counter()
    for key, count in ended.ingest.items():
        kind, _, reason = key.split("|")
        if kind == "rejected":
            rejected[reason] += count
    assert {reason: expected[reason] for reason in rejected} == dict(rejected)

    applied = sum(count for key, count in ended.lifecycle.items() if key.startswith("applied|"))
    ignored = {
        key.split("|")[2]: count
        for key, count in ended.lifecycle.items()
        if key.startswith(f"ignored|{TENANT}|")
    }
    assert dict(ignored_counts(ended.sent)) == ignored
    assert expected[APPLIED] == applied
    assert len(ended.sent) == applied + sum(ignored.values()) + rejected.total()
