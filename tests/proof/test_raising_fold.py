"""A fold that raises ends the process; its successor carries on as if nothing had been."""

import sys
from pathlib import Path

import pytest

from streams.exit import EXIT_CRASHED
from tests.kafka_server import KafkaServer
from tests.proof.record import ProofRecord
from tests.proof.stand import Stand


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

POISONED = (
    *(sys.executable, "-m", "faust", "-A", "tests.proof.poisoned_worker", "-L", "uvloop"),
    *("worker", "-l", "warn", "--without-web"),
)


def test_fold_that_raises_loses_nothing(
    broker: KafkaServer, tmp_path: Path, proof_record: ProofRecord, *, full: bool
) -> None:
    """
    Exit 70, restart, and every record is folded once (crash-only, I1, I4).

    Ingest raises once and lifecycle raises once, each after it has changed its state.
    """
    marks = {fold: tmp_path / f"{fold}-raised" for fold in ("ingest", "lifecycle")}
    count = 60_000 if full else 12_000
    with Stand(broker.bootstrap, tmp_path, transaction_record_count_max=500) as stand:
        doses = [f"{fold}:{count // 4}:{mark}" for fold, mark in marks.items()]
        poisoned = stand.worker(
            "worker-1", command=POISONED, environ={"PROOF_POISON": ",".join(doses)}
        )
        stand.load(0, controls=True, seed=11)
        stand.await_ingested()  # the campaigns first: their topic may be read after the others
        stand.load(count, seed=11)
        stand.drain()
        report = stand.judge()

    assert all(mark.exists() for mark in marks.values())
    assert [EXIT_CRASHED, EXIT_CRASHED] == stand.exit_codes()
    assert "PoisonError" in poisoned.log.read_text()
    assert report.seen["sms outputs"] > 100
    assert report.passed, str(report)
    proof_record.add(
        "folds that raise",
        {"events": stand.loaded_count, "exits 70": 2, "findings": sum(report.counts.values())},
    )
