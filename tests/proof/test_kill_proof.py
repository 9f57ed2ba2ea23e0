"""
Kill -9 at random moments under load: nothing is lost, doubled or changed (I1, I2, I4, B3, B4).

One run is judged from several sides: by the independent checker, by a production replay of the
journal, and by folding the same journal again on fresh brokers and in memory.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from schemas.routing import JOURNAL_TOPIC
from tests.checker.log_reader import Topic, read_topics
from tests.checker.report import Report
from tests.kafka_server import KafkaServer
from tests.proof.journal_copy import copy_journal
from tests.proof.kill_clock import Kill, KillClock
from tests.proof.record import ProofRecord
from tests.proof.replayed import Made, made_by_replay, made_in_memory, made_on_kafka
from tests.proof.stand import Stand
from tests.proof.workers import KILLED


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

MORE_COUNT = {False: 15_000, True: 100_000}
"""Records written whenever less than that is left to read; by `full`."""


class Outcome(NamedTuple):
    """What is left of the run once the workers have stopped."""

    stand: Stand
    kills: list[Kill]
    backlog_count: int
    exit_codes: list[int]
    report: Report
    journal: Topic
    made: Made


@pytest.fixture(scope="module")
def outcome(
    broker: KafkaServer, tmp_path_factory: pytest.TempPathFactory, *, full: bool
) -> Iterator[Outcome]:
    """Yield the end of a run of two workers that were killed again and again under full backlog."""
    folder = tmp_path_factory.mktemp("killed")
    # small transactions: more moments that can go wrong, and the backlog lasts for enough of them
    size = {} if full else {"transaction_record_count_max": 250}
    with Stand(broker.bootstrap, folder, **size) as stand:
        stand.load(300_000 if full else 50_000, controls=True, seed=7)
        victims = [stand.worker("worker-1"), stand.worker("worker-2")]
        clock = KillClock(broker.bootstrap, victims, seed=7, wanted_count=20 if full else 5)
        supply = Supply(stand, MORE_COUNT[full])
        clock.run(supply.keep)
        for _ in range(2):  # quick kills end before much is decided
            supply.add()
        stand.drain()
        yield Outcome(
            stand,
            clock.kills,
            supply.least_count,
            stand.exit_codes(),
            stand.judge(),
            read_topics(broker.bootstrap, [JOURNAL_TOPIC])[JOURNAL_TOPIC],
            made_on_kafka(broker.bootstrap),
        )


class Supply:
    """
    Writes more before the backlog is gone: a kill of an idle worker proves nothing.

    Attributes:
        least_count: the fewest records that were left to read whenever it looked.
    """

    def __init__(self, stand: Stand, more_count: int) -> None:
        """Keep about `more_count` records or more in the backlog."""
        self.least_count = stand.loaded_count
        self._stand, self._more_count = stand, more_count

    def keep(self) -> None:
        """Look, and write if there is need."""
        stand = self._stand
        left_count = stand.loaded_count - stand.ingested_count()
        self.least_count = min(self.least_count, left_count)
        if left_count < self._more_count:
            self.add()

    def add(self) -> None:
        """Write more."""
        seed = self._stand.loaded_count
        self._stand.load(self._more_count, seed=seed, label=f"m{seed}-", transaction_ratio=0)


def test_kills_cut_transactions_off(
    outcome: Outcome, proof_record: ProofRecord, *, full: bool
) -> None:
    """
    The proof has teeth: so many kills hit a worker that had committed, amid a transaction.

    Each of them left rows that only a reader of uncommitted records sees. No process ended in any
    other way than by those kills.
    """
    counted = [kill for kill in outcome.kills if kill.counts]
    proof_record.add(
        "kill -9 of two workers",
        {
            "events": outcome.report.seen["source records"],
            "kills": len(outcome.kills),
            "counted": len(counted),
            "least backlog": outcome.backlog_count,
            "rows aborted": sum(kill.aborted_count for kill in counted),
            "decisions": outcome.report.seen["decisions outputs"],
            "triggers": outcome.report.seen["sms outputs"] + outcome.report.seen["push outputs"],
            "ticks": outcome.report.seen["ticks"],
            "findings": sum(outcome.report.counts.values()),
        },
    )

    assert len(counted) >= (20 if full else 5)
    assert outcome.backlog_count > 0 or not full  # a short run's loader may be outrun
    assert {KILLED} == set(outcome.exit_codes)
    assert len(outcome.kills) == len(outcome.exit_codes)


def test_killed_workers_lose_double_and_change_nothing(outcome: Outcome) -> None:
    """Every source record is once in journal or rejected topic (I1), every output once (I4)."""
    assert outcome.report.passed, str(outcome.report)
    assert outcome.report.seen["source records"] == outcome.stand.loaded_count
    assert outcome.report.seen["decisions outputs"] > 1_000
    assert outcome.report.seen["sms outputs"] > 100
    assert outcome.report.seen["push outputs"] > 10  # a slow machine's customers have moved on


def test_outputs_and_rows_equal_a_replay_without_a_log(outcome: Outcome) -> None:
    """Live under kills and a loop over the journal give the same bytes (I2, B4)."""
    replayed = made_by_replay(outcome.journal, outcome.stand.settings.lifecycle_task_count)

    assert replayed.outputs == outcome.made.outputs
    assert replayed.rows == outcome.made.rows


async def test_outputs_and_rows_equal_those_of_the_log_in_memory(outcome: Outcome) -> None:
    """The production shell on the in-memory log gives the same bytes (I2, B3)."""
    in_memory = await made_in_memory(outcome.journal, outcome.stand.settings)

    assert in_memory.outputs == outcome.made.outputs
    assert in_memory.rows == outcome.made.rows


def test_the_same_journal_gives_the_same_bytes_on_fresh_brokers(
    outcome: Outcome, tmp_path: Path, proof_record: ProofRecord, *, full: bool
) -> None:
    """The journal folded on Kafka again, by two workers and (full) by one, gives the same bytes."""
    for worker_count in (2, 1) if full else (2,):
        folder = tmp_path / str(worker_count)
        folder.mkdir()
        with KafkaServer() as fresh, Stand(fresh.bootstrap, folder) as stand:
            copy_journal(outcome.journal, fresh.bootstrap)
            for number in range(worker_count):
                stand.worker(f"worker-{number}", only="lifecycle")
            stand.await_journal_read()
            stand.stop_workers()
            made = made_on_kafka(fresh.bootstrap)
        assert made.outputs == outcome.made.outputs
        assert made.rows == outcome.made.rows
    proof_record.add(
        "the same journal, twice on Kafka and once in memory",
        {
            "journal records": sum(map(len, outcome.journal)),
            "outputs compared": sum(map(len, outcome.made.outputs.values())),
            "rows compared": len(outcome.made.rows),
            "different": 0,
        },
    )
