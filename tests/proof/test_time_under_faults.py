"""No tick promises what a later event breaks, whatever happens to workers and sources (T2, T3)."""

import random
import time
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

from schemas.codec import decode_offsets_row
from schemas.routing import STATE_TOPICS
from schemas.state import OFFSETS_KEY
from streams.clock import wall_clock_ms
from tests.checker.log_reader import read_topics
from tests.kafka_server import KafkaServer
from tests.proof.loader import Loaded
from tests.proof.record import ProofRecord
from tests.proof.stand import Stand
from tests.proof.workers import KILLED, await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

GROWN = "card.spend.v1"
IDLE_MS = 3_000
"""Two ticks, with nothing to read in between."""


def test_no_tick_is_above_a_later_event(
    broker: KafkaServer, tmp_path: Path, proof_record: ProofRecord, *, full: bool
) -> None:
    """
    The watermark is never above the time of an event that follows it in its partition (T3).

    Under kills, idle gaps, upstream transactions left open for up to two seconds, and a source
    topic that grows from 4 to 6 partitions while it is written. The tasks' readers find the new
    partitions by themselves, later than their first records came: those are raised above the
    claims already made, and counted.
    """
    round_count = 6 if full else 2
    # the new partitions are noticed late enough for claims to have gone past their first records
    options = {"transaction_record_count_max": 500, "metadata_refresh_ms": 4_000}
    with Stand(broker.bootstrap, tmp_path, **options) as stand:
        loads = _load_under_faults(stand, round_count, count=20_000 if full else 7_000)
        stand.drain()
        report = stand.judge()
        clamped_count, clamped_ms_max = stand.clamped()
    tick_count = report.seen["ticks"] // stand.settings.journal_partition_count
    proof_record.add(
        "watermark under kills, gaps, open upstream transactions and growth",
        {
            "events": stand.loaded_count,
            "kills": round_count,
            "upstream transactions": sum(load.committed_count for load in loads),
            "taken back": sum(load.aborted_count for load in loads),
            "open for up to s": max(load.open_s_max for load in loads),
            "ticks": tick_count,
            "ticks above a later event": report.counts["TICK_ABOVE_EVENT"],
            "records clamped": clamped_count,
            "by up to ms": clamped_ms_max,
            "findings": sum(report.counts.values()),
        },
    )

    assert report.passed, str(report)
    assert [KILLED] * round_count == stand.exit_codes()
    assert sum(load.committed_count for load in loads) >= 3
    assert max(load.open_s_max for load in loads) > 1
    assert tick_count >= 2 * round_count * IDLE_MS // 1_000


def _load_under_faults(stand: Stand, round_count: int, *, count: int) -> list[Loaded]:
    """Load in rounds: a kill in each, an idle gap after it, and the topic grows half-way."""
    rng = random.Random(23)  # noqa: S311 (moments, no secret)
    workers = [stand.worker("worker-1"), stand.worker("worker-2")]
    places = stand.ends.places([GROWN])
    loads = []
    for number in range(round_count):
        growing = number == round_count // 2
        options = {"controls": True} if number == 0 else {"label": f"r{number}-"}
        # an open transaction holds claims back, and would hide that growth needs the clamp
        options["transaction_ratio"] = 0 if growing else 0.5
        before_count = sum(stand.ends.newest(places).values())
        loader = stand.begin_load(count, seed=number, per_second=count / 4, **options)
        victim = workers[number % 2]
        await_true(lambda victim=victim: victim.committed_count() > 0, "a commit")
        await_true(
            lambda: sum(stand.ends.newest(places).values()) > before_count + count // 10,  # noqa: B023 (not after this round)
            "a load under way",
        )
        if growing:
            _grow(stand.bootstrap)
            await_true(lambda: set(range(6)) == _read_partitions(stand), "the growth noticed")
        time.sleep(rng.uniform(0, 1.5))  # the random moment
        victim.kill9()
        loads.append(stand.end_load(loader))
        stand.await_ingested()
        stand.await_watermark(wall_clock_ms() + IDLE_MS)
    return loads


def _grow(bootstrap: str) -> None:
    """Give the source topic two more partitions."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_partitions([NewPartitions(GROWN, 6)])[GROWN].result()


def _read_partitions(stand: Stand) -> set[int]:
    """Return the partitions of the grown topic of which ingest has read records."""
    changelog = read_topics(stand.bootstrap, [STATE_TOPICS["ingest"]])[STATE_TOPICS["ingest"]]
    found: set[int] = set()
    for records in changelog:
        for record in records:
            if record.key == OFFSETS_KEY and record.value:
                found |= decode_offsets_row(record.value).get(GROWN, {}).keys()
    return found
