"""A worker that sleeps through its session and wakes up ends, and commits nothing stale."""

import time
from pathlib import Path

import pytest

from schemas.routing import STATE_TOPICS
from streams.exit import EXIT_CRASHED
from tests.kafka_server import KafkaServer
from tests.proof.record import ProofRecord
from tests.proof.stand import Stand
from tests.proof.workers import Worker, await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SESSION_MS = 2_000


def test_zombie_exits_and_commits_nothing_stale(
    broker: KafkaServer, tmp_path: Path, proof_record: ProofRecord, *, full: bool
) -> None:
    """
    SIGSTOP beyond the session timeout, then SIGCONT: exit 70 by the fence, nothing stale (I4).

    The other worker owns every task before the zombie wakes, and has committed on them.
    """
    zombie_count = 6 if full else 1
    with Stand(
        broker.bootstrap,
        tmp_path,
        session_timeout_ms=SESSION_MS,
        transaction_record_count_max=500,
    ) as stand:
        stand.load(30_000, controls=True, seed=13)
        workers = [stand.worker("worker-1"), stand.worker("worker-2")]
        frozen_s, aborted_count = [], 0
        for number in range(zombie_count):
            if stand.loaded_count - stand.ingested_count() < 15_000:
                stand.load(20_000, seed=number, label=f"z{number}-", transaction_ratio=0)
            zombie, other = workers[number % 2], workers[1 - number % 2]
            seconds, aborted = _sleep_through_the_session(stand, zombie, other)
            frozen_s.append(seconds)
            aborted_count += aborted
        stand.drain()
        report = stand.judge()

    assert [EXIT_CRASHED] * zombie_count == stand.exit_codes()
    assert min(frozen_s) > SESSION_MS / 1000
    assert aborted_count > 0 or not full
    assert report.passed, str(report)
    proof_record.add(
        "zombies (SIGSTOP beyond the session, SIGCONT)",
        {
            "zombies": zombie_count,
            "shortest sleep s": min(frozen_s),
            "rows of theirs aborted": aborted_count,
            "events": stand.loaded_count,
            "findings": sum(report.counts.values()),
        },
    )


def _sleep_through_the_session(stand: Stand, zombie: Worker, other: Worker) -> tuple[float, int]:
    """
    Freeze a worker at work until the other has its tasks, wake it, and see it exit.

    Returns after how many seconds the other had taken over, and how many rows of the zombie's open
    transactions it aborted.
    """
    await_true(
        lambda: bool(zombie.tasks()) and zombie.committed_count() > 0, f"work of {zombie.name}"
    )
    exit_count = len(zombie.exit_codes)
    places = [(STATE_TOPICS[fold], task) for fold, task in zombie.tasks()]
    before = stand.ends.stable(places)
    zombie.freeze()
    seconds = await_true(lambda: other.tasks() == stand.all_tasks, "every task at the other worker")
    committed_count = other.committed_count()
    seconds += await_true(
        lambda: other.committed_count() > committed_count, "a commit of the other worker"
    )
    after = stand.ends.await_decided(places, time.monotonic() + 60)
    zombie.thaw()
    await_true(lambda: len(zombie.exit_codes) > exit_count, f"the end of {zombie.name}")
    return seconds, len(stand.ends.aborted(before, after))
