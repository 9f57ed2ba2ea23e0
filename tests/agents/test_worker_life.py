"""How a worker ends, starts again, and refuses to start."""

import json

import pytest

from schemas.routing import JOURNAL_TOPIC
from streams.exit import EXIT_CRASHED
from tests.agents.house import ALL_TASKS, TENANT, House
from tests.agents.upstream import SPEND, purchase
from tests.proof.workers import await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

LINGER_MS = 2_000


def journal_of(house: House, customer: str) -> list[str]:
    """Return the ids of a customer's events in the journal, in the order of the log."""
    key = f"{TENANT}|{customer}".encode()
    records = [record for record in house.records(JOURNAL_TOPIC) if record.key == key]
    return [json.loads(record.value or b"")["event_id"] for record in records]


def test_worker_told_to_stop_commits_what_is_folded(house: House) -> None:
    """SIGTERM: exit 0, and what was folded while a commit lingered is in the log, once."""
    worker = house.worker("first", CARDCUE_LINGER_IDLE_MS=str(LINGER_MS))
    worker.await_ready()
    for number in range(20):
        house.send(SPEND, purchase("life-1", number), key="one partition")

    def read() -> bool:
        page = worker.page()
        return page is not None and page.total("cardcue_slice_backlog_records", fold="ingest") >= 20

    await_true(read, "all records read, and none committed yet")
    assert 0 == worker.stop(), worker.last_words()

    expected = [f"spend-life-1-{number}" for number in range(20)]
    assert expected == journal_of(house, "life-1")
    assert '"event":"task closed","fold":"ingest"' in worker.last_words()


def test_worker_started_again_folds_nothing_twice(house: House) -> None:
    """A new process has the rows of the old one: it goes on where that stopped, to the record."""
    before = house.worker("first")
    before.await_ready()
    for number in range(200):
        house.send(SPEND, purchase(f"life-2-{number % 5}", number), key=f"upstream-{number % 3}")
    house.await_folded(before)
    assert 0 == before.stop()
    ended = house.counts("ingest"), house.counts("lifecycle")

    after = house.worker("first")
    after.await_tasks(*ALL_TASKS)
    house.await_folded(after)
    page = after.page()
    assert page is not None
    assert page.total("cardcue_restore_rows_total", fold="lifecycle") > 0
    house.send(SPEND, purchase("life-2-0", 200))
    house.await_folded(after)
    assert 0 == after.stop()

    begun = house.counts("ingest"), house.counts("lifecycle")
    for kind, old, new in zip(("forwarded", "applied"), ended, begun, strict=True):
        key = f"{kind}|{TENANT}|txn.posted"
        assert old[key] + 1 == new[key]
    journaled = [event for number in range(5) for event in journal_of(house, f"life-2-{number}")]
    assert 201 == len(journaled) == len(set(journaled))


def test_worker_refuses_a_changelog_of_another_size(house: House) -> None:
    """T is fixed when the topics are created: other settings end with 70 and say which topic."""
    worker = house.worker("first", CARDCUE_INGEST_TASK_COUNT="3")
    assert EXIT_CRASHED == worker.await_stopped()

    assert "wanted 3 partitions of ingest.state.v1, found 2" in worker.last_words()


def test_worker_that_loses_its_place_ends_and_the_other_works(house: House) -> None:
    """Of two processes with one instance id exactly one ends, with 70; nothing is done twice."""
    older = house.worker("first")
    older.await_ready()
    newer = house.worker("first")
    await_true(lambda: not (older.running and newer.running), "the end of one of them")
    survivor, loser = (newer, older) if newer.running else (older, newer)
    assert EXIT_CRASHED == loser.await_stopped()
    survivor.await_tasks(*ALL_TASKS)

    for number in range(20):
        house.send(SPEND, purchase("life-3", number))
    house.await_folded(survivor)
    assert 20 == len(journal_of(house, "life-3"))
    assert 0 == survivor.stop()
