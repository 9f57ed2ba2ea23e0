"""The broker goes and comes back under load: the workers go on soon, and nothing is wrong."""

from pathlib import Path

import pytest

from streams.exit import EXIT_CRASHED
from tests.kafka_server import KafkaServer
from tests.proof.record import ProofRecord
from tests.proof.stand import Stand
from tests.proof.workers import await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

RESUME_S_MAX = 20.0


def test_workers_resume_after_a_broker_restart(
    broker: KafkaServer, tmp_path: Path, proof_record: ProofRecord, *, full: bool
) -> None:
    """
    A clean restart and a kill -9 of the broker under load: at work within 20 s, nothing wrong.

    At work means that every task has its owner and every worker has committed again.
    """
    rounds = 3 if full else 1
    resumed_s: dict[bool, list[float]] = {True: [], False: []}
    with Stand(broker.bootstrap, tmp_path, transaction_record_count_max=250) as stand:
        stand.load(40_000, controls=True, seed=19)
        workers = [stand.worker("worker-1"), stand.worker("worker-2")]
        for number, clean in enumerate([True, False] * rounds):
            if number and stand.loaded_count - stand.ingested_count() < 20_000:
                stand.load(20_000, seed=number, label=f"b{number}-", transaction_ratio=0)
            await_true(
                lambda: all(worker.committed_count() for worker in workers), "work", within_s=120
            )
            broker.restart(clean=clean)
            resumed_s[clean].append(_await_work(stand))
        stand.drain()
        report = stand.judge()

    assert {EXIT_CRASHED} >= set(stand.exit_codes())
    assert report.passed, str(report)
    proof_record.add(
        "broker restarted under load",
        {
            "clean": rounds,
            "slowest resume s": max(resumed_s[True]),
            "kill -9": rounds,
            "slowest resume after it s": max(resumed_s[False]),
            "events": stand.loaded_count,
            "findings": sum(report.counts.values()),
        },
    )


def _await_work(stand: Stand) -> float:
    """Wait until every task is owned and every worker commits; return after how long."""
    workers = list(stand.workers.values())
    before = {worker.name: (worker.start_count, worker.committed_count()) for worker in workers}

    def at_work() -> bool:
        owned = set().union(*(worker.tasks() for worker in workers))
        return owned == stand.all_tasks and all(
            worker.committed_count()
            > (before[worker.name][1] if worker.start_count == before[worker.name][0] else 0)
            for worker in workers
        )

    return await_true(at_work, "every task at work", within_s=RESUME_S_MAX)
