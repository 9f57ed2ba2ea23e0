"""The groups' committed offsets are a copy for lag tools and decide nothing."""

import time
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.kafka_server import KafkaServer
from tests.proof.record import ProofRecord
from tests.proof.stand import Stand
from tests.proof.workers import KILLED, await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def test_workers_resume_exactly_after_their_groups_were_deleted(
    broker: KafkaServer, tmp_path: Path, proof_record: ProofRecord, *, full: bool
) -> None:
    """
    All groups deleted while the workers are away: they go on at their offsets rows.

    Nothing is refolded: counts rows reconcile record by record with source and journal.
    """
    with Stand(
        broker.bootstrap, tmp_path, session_timeout_ms=2_000, transaction_record_count_max=250
    ) as stand:
        stand.load(100_000 if full else 15_000, controls=True, seed=17)
        workers = [stand.worker("worker-1"), stand.worker("worker-2")]
        await_true(lambda: stand.ingested_count() > stand.loaded_count // 4, "a quarter read")
        for worker in workers:
            worker.kill9(restart=False)
        began_count = stand.read_count()
        groups = {f"{stand.settings.app_id}-{fold}" for fold in stand.settings.folds}
        deleted_s = _delete_groups(broker.bootstrap, groups)
        for worker in workers:
            worker.start()
        stand.drain()
        report = stand.judge()

    # in the middle; a commit may be acknowledged a moment before a reader can see it
    assert 0 < began_count < stand.loaded_count
    assert [KILLED, KILLED] == stand.exit_codes()
    assert report.passed, str(report)
    proof_record.add(
        "groups deleted while the workers are away",
        {
            "events": stand.loaded_count,
            "read before": began_count,
            "groups": len(groups),
            "deleted after s": deleted_s,
            "findings": sum(report.counts.values()),
        },
    )


def _delete_groups(bootstrap: str, groups: set[str]) -> float:
    """Delete the groups, once their dead members have been forgotten; return after how long."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    started_s = time.monotonic()
    waiting = set(groups)

    def deleted() -> bool:
        for group, answer in admin.delete_consumer_groups(list(waiting)).items():
            try:
                answer.result()
            except KafkaException:
                continue  # its members' sessions have not ended
            waiting.discard(group)
        return not waiting

    await_true(deleted, "every group deleted")
    listed = admin.list_consumer_groups().result()
    assert not {group.group_id for group in listed.valid} & groups
    return time.monotonic() - started_s
