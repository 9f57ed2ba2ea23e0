"""Events per second, exactly-once, one worker core: both hops, one hop, and the Faust peer."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.applied import AppliedCount
from bench.children import Child, cpu_seconds, faust_peer, worker
from bench.kafka_side import DEADLINE_S, Outlet, load
from bench.world import TENANT, policies, spends, text_time
from schemas.routing import JOURNAL_TOPIC
from streams.settings import Settings
from streams.topic_table import Topic
from streams.topics import create_topics
from tests.kafka_server import KafkaServer


EVENT_COUNT = 400_000
PEER_EVENT_COUNT = 20_000
CUSTOMER_COUNT = 20_000
PEER_TOPIC = "bench.peer.counted"
JOURNAL_PARTITION_COUNT = 12


class Speed(NamedTuple):
    """One run: events per second, and CPU microseconds per event of worker and broker."""

    events_per_s: float
    worker_us: float
    broker_us: float


def settings(bootstrap: str) -> Settings:
    """Return the settings of the bench: few journal partitions, as a small bank would choose."""
    return Settings(
        bootstrap=bootstrap,
        tenants=(TENANT,),
        journal_partition_count=JOURNAL_PARTITION_COUNT,
        source_partition_count=4,
    )


def environment(bootstrap: str, folds: str) -> Mapping[str, str]:
    """Return the same settings for a worker process."""
    return {
        "CARDCUE_BOOTSTRAP": bootstrap,
        "CARDCUE_TENANTS": TENANT,
        "CARDCUE_JOURNAL_PARTITION_COUNT": str(JOURNAL_PARTITION_COUNT),
        "CARDCUE_SOURCE_PARTITION_COUNT": "4",
        "CARDCUE_HTTP_PORT": "0",
        "CARDCUE_FOLDS": folds,
    }


@contextmanager
def broker() -> Iterator[KafkaServer]:
    """Yield a fresh broker with our topics and policies."""
    with KafkaServer(java=()) as server:  # both compilers, as brokers have in production
        create_topics(settings(server.bootstrap))
        load(server.bootstrap, policies(text_time()))
        yield server


def both_hops() -> tuple[Speed, Speed]:
    """Return the speed of source -> journal -> state, and of journal -> state alone."""
    with broker() as server, tempfile.TemporaryDirectory() as folder:
        load(server.bootstrap, spends(EVENT_COUNT, CUSTOMER_COUNT, text_time()))
        log = Path(folder) / "worker.log"
        with worker(environment(server.bootstrap, "ingest,clock,lifecycle"), log) as child:
            both = _measured(server, child, EVENT_COUNT)
    with broker() as server, tempfile.TemporaryDirectory() as folder:
        load(server.bootstrap, spends(EVENT_COUNT, CUSTOMER_COUNT, text_time()))
        log = Path(folder) / "worker.log"
        _fill_journal(server, log)
        with worker(environment(server.bootstrap, "lifecycle"), log) as child:
            alone = _measured(server, child, EVENT_COUNT)
    return both, alone


def peer() -> Speed:
    """Return the speed of the idiomatic Faust agent over the same journal."""
    with broker() as server, tempfile.TemporaryDirectory() as folder:
        load(server.bootstrap, spends(PEER_EVENT_COUNT, CUSTOMER_COUNT, text_time()))
        _fill_journal(server, Path(folder) / "worker.log", PEER_EVENT_COUNT)
        _create_peer_topic(server.bootstrap)
        peer_environment = {
            "PEER_BOOTSTRAP": server.bootstrap,
            "PEER_PARTITIONS": str(JOURNAL_PARTITION_COUNT),
        }
        outlet = Outlet(server.bootstrap, [PEER_TOPIC])
        with faust_peer(peer_environment, Path(folder) / "peer.log") as child:
            started = cpu_seconds(child.pid), cpu_seconds(server.pid)
            seconds = outlet.count_until(PEER_EVENT_COUNT, child.check)
            return _speed(server, child, started, PEER_EVENT_COUNT, seconds)


def _create_peer_topic(bootstrap: str) -> None:
    """Create the peer's output topic, ready to use."""
    topic = Topic(
        name=PEER_TOPIC,
        partition_count=JOURNAL_PARTITION_COUNT,
        partition_count_fixed=True,
        ours=True,
        purpose="what the peer says",
        must={},
        prefers={},
    )
    create_topics(settings(bootstrap), (topic,))


def _fill_journal(server: KafkaServer, log: Path, count: int = EVENT_COUNT) -> None:
    """Let ingest write the journal, and wait for it."""
    outlet = Outlet(server.bootstrap, [JOURNAL_TOPIC])
    with worker(environment(server.bootstrap, "ingest"), log) as child:
        wanted = count + len(list(policies(""))) * JOURNAL_PARTITION_COUNT
        outlet.count_until(wanted, child.check)
    outlet.close()


def _measured(server: KafkaServer, child: Child, count: int) -> Speed:
    """Return the speed from the first event applied to the last, by the committed counts."""
    applied = AppliedCount(server.bootstrap)
    deadline_s = time.monotonic() + DEADLINE_S
    first_s, first_count = 0.0, 0
    started = 0.0, 0.0
    while True:
        child.check()
        seen = applied.read()
        if seen and not first_s:
            first_s, first_count = time.monotonic(), seen
            started = cpu_seconds(child.pid), cpu_seconds(server.pid)
        if seen >= count:
            break
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"wanted {count} events applied, found {seen}")
    seconds = time.monotonic() - first_s
    return _speed(server, child, started, count - first_count, seconds)


def _speed(
    server: KafkaServer, child: Child, started: tuple[float, float], count: int, seconds: float
) -> Speed:
    worker_s = cpu_seconds(child.pid) - started[0]
    broker_s = cpu_seconds(server.pid) - started[1]
    return Speed(count / seconds, 1e6 * worker_s / count, 1e6 * broker_s / count)
