"""The stand and its parts can fail: what the proofs rest on is itself put to the test."""

import sys
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from streams.exit import EXIT_CRASHED
from tests.kafka_server import KafkaServer
from tests.proof.log_ends import LogEnds
from tests.proof.record import ProofRecord
from tests.proof.stand import Stand
from tests.proof.workers import Worker, await_true
from tests.proof.world import records


LEAKY = (
    *(sys.executable, "-m", "faust", "-A", "tests.proof.leaky_worker", "-L", "uvloop"),
    *("worker", "-l", "warn", "--without-web"),
)
TOPIC = "stand-can-fail"
PLACES = [(TOPIC, 0), (TOPIC, 1)]

# ends with 70, then with 3; how often it ran is in the file
ENDS = """
import pathlib, sys
times = pathlib.Path(sys.argv[1])
ran = len(times.read_text()) if times.exists() else 0
times.write_text("x" * (ran + 1))
sys.exit(70 if ran == 0 else 3)
"""


def upstream(bootstrap: str, partition: int, count: int, *, number: int) -> Producer:
    """Return a producer with an open transaction that holds `count` records."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "transactional.id": f"{TOPIC}-{number}", "log_level": 3}
    )
    producer.init_transactions(60)
    producer.begin_transaction()
    for _ in range(count):
        producer.produce(TOPIC, b"value", partition=partition)
    producer.flush(60)
    return producer


@pytest.mark.kafka
def test_aborted_records_are_found_and_no_others(broker: KafkaServer) -> None:
    """What a transaction took back is told from what others committed around it."""
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    admin.create_topics([NewTopic(TOPIC, 2, 1)])[TOPIC].result()
    ends = LogEnds(broker.bootstrap)
    before = ends.stable(PLACES)
    kept, taken_back = (upstream(broker.bootstrap, 0, 3, number=number) for number in (1, 2))

    with pytest.raises(TimeoutError, match="found one open"):
        ends.await_decided(PLACES, time.monotonic() + 0.1)
    kept.commit_transaction(60)
    taken_back.abort_transaction(60)
    upstream(broker.bootstrap, 1, 2, number=1).commit_transaction(60)
    after = ends.await_decided(PLACES, time.monotonic() + 60)

    assert {(TOPIC, 0, 3), (TOPIC, 0, 4), (TOPIC, 0, 5)} == ends.aborted(before, after)


@pytest.mark.kafka
@pytest.mark.slow
def test_worker_that_commits_outputs_and_rows_apart_is_caught(
    broker: KafkaServer, tmp_path: Path
) -> None:
    """One crash between outputs and rows, and the stand says that records were doubled."""
    leak = tmp_path / "leaked"
    with Stand(broker.bootstrap, tmp_path) as stand:
        stand.load(3_000, controls=True, seed=29, transaction_ratio=0)
        stand.worker("worker-1", command=LEAKY, environ={"PROOF_LEAK": str(leak)})
        stand.await_ingested()
        stand.drain_journal()
        report = stand.judge()

    assert [EXIT_CRASHED] == stand.exit_codes()
    assert report.counts["SOURCE_DOUBLED"] + report.counts["DUP_SAME"] > 0


def test_supervisor_starts_again_what_crashed_and_nothing_else(tmp_path: Path) -> None:
    """Exit 70 is started again; any other end is final, and whoever asks is told."""
    settings = tmp_path / "settings.yaml"
    command = [sys.executable, "-c", ENDS, str(tmp_path / "times")]
    worker = Worker("worker-1", settings, command=command)
    worker.start()
    await_true(lambda: len(worker.exit_codes) == 2, "two ends")
    worker.close()

    assert [EXIT_CRASHED, 3] == worker.exit_codes
    assert 2 == worker.start_count
    with pytest.raises(RuntimeError, match="wanted worker-1 at work"):
        worker.page()


def test_record_of_a_run_is_one_section(tmp_path: Path) -> None:
    """Machine, commit and command once, then a line for each proof, as soon as it is known."""
    page = tmp_path / "proof.md"
    page.write_text("# Proofs\n")
    record = ProofRecord(page, "pytest tests/proof --full")
    record.add("kills", {"events": 300_000, "slowest s": 1.25})
    record.add("zombies", {"findings": 0})

    first, *lines = page.read_text().splitlines()
    assert "# Proofs" == first
    assert 1 == sum(line.startswith("## ") for line in lines)
    assert "Command: `pytest tests/proof --full`." in lines
    assert ["* **kills**: events 300,000, slowest s 1.2", "* **zombies**: findings 0"] == lines[-2:]


def test_world_is_the_same_for_the_same_seed() -> None:
    """Another run loads the same records; another seed loads others."""
    one, same, other = (
        list(records(2_000, seed=seed, at_ms=1_790_000_000_000, label="c")) for seed in (1, 1, 2)
    )

    assert one == same
    assert one != other
    assert len({record.topic for record in one}) == 19
