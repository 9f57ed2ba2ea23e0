"""
Event -> trigger, p50 and p99, at a steady rate through both hops, one worker core.

Measured once broker and worker have been at it for half a minute: a JVM that has just started runs
its code uncompiled, and answers ten times as late.
"""

import statistics
import tempfile
from pathlib import Path

from confluent_kafka import Producer

from bench.applied import AppliedCount
from bench.children import Child, worker
from bench.kafka_side import TIMEOUT_S, Outlet, load
from bench.throughput import broker, environment
from bench.world import consents, spends, statement, text_time
from schemas.routing import TRIGGER_TOPICS
from streams.clock import wall_clock_ms


STEPS = ((2_000, 30), (500, 10), (2_000, 10), (5_000, 10))
"""(events per second, for how many seconds), one after the other; the first is to warm up."""
STATEMENT_EVERY = 20
"""One event in this many is a bill that the instalment campaign answers at once."""
SETTLED_RATIO = 0.2
"""Of each step; what comes before is not counted."""
CONSENT_COUNT = sum(rate * seconds // STATEMENT_EVERY + 1 for rate, seconds in STEPS)


def latencies() -> dict[int, tuple[float, float]]:
    """Return {events per second: (p50 ms, p99 ms)}, in ascending order of rate."""
    with broker() as server, tempfile.TemporaryDirectory() as folder:
        consent_count = load(server.bootstrap, consents(0, CONSENT_COUNT, text_time()))
        log = Path(folder) / "worker.log"
        with worker(environment(server.bootstrap, "ingest,clock,lifecycle"), log) as child:
            _await_applied(server.bootstrap, child, consent_count)
            found, first = [], 0
            for rate, seconds in STEPS:
                found.append((rate, _at_rate(server.bootstrap, rate, seconds, first)))
                first += rate * seconds // STATEMENT_EVERY + 1
                child.check()
            return dict(found[1:])  # the first step is to warm up


def _await_applied(bootstrap: str, child: Child, count: int) -> None:
    """Wait until the consents are known: without them nothing is sent."""
    applied = AppliedCount(bootstrap)
    while applied.read() < count:
        child.check()


def _at_rate(bootstrap: str, rate: int, seconds: int, first: int) -> tuple[float, float]:
    """Produce at a steady rate and return (p50, p99) of what became triggers, once settled."""
    outlet = Outlet(bootstrap, list(TRIGGER_TOPICS.values()), from_end=True)
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 1})
    sent_s: dict[bytes, float] = {}
    seen_ms: list[tuple[float, float]] = []
    events = spends(rate * seconds, 20_000, text_time())
    started_s = wall_clock_ms() / 1_000
    for number, event in enumerate(events):
        due_s = started_s + number / rate
        while (now_s := wall_clock_ms() / 1_000) < due_s:
            _collect(outlet, sent_s, seen_ms, min(0.002, due_s - now_s))
        if number % STATEMENT_EVERY == 0:
            bill = statement(first + number // STATEMENT_EVERY, text_time())
            sent_s[b"bench|" + bill.key] = wall_clock_ms() / 1_000
            producer.produce(bill.topic, bill.value, bill.key)
        else:
            producer.produce(event.topic, event.value, event.key)
        if number % 64 == 0:
            producer.poll(0)
            _collect(outlet, sent_s, seen_ms, 0)
    producer.flush(TIMEOUT_S)
    deadline_s = wall_clock_ms() / 1_000 + TIMEOUT_S
    while len(seen_ms) < len(sent_s):
        _collect(outlet, sent_s, seen_ms, 0.01)
        if wall_clock_ms() / 1_000 > deadline_s:
            raise RuntimeError(f"wanted {len(sent_s)} triggers, found {len(seen_ms)}")
    outlet.close()
    counted_from_s = started_s + seconds * SETTLED_RATIO
    counted = sorted(ms for at_s, ms in seen_ms if at_s >= counted_from_s)
    return statistics.median(counted), counted[int(len(counted) * 0.99)]


def _collect(
    outlet: Outlet, sent_s: dict[bytes, float], seen_ms: list[tuple[float, float]], wait_s: float
) -> None:
    """Note the latency of every trigger that has arrived."""
    for key, _, at_s in outlet.read(wait_s):
        seen_ms.append((sent_s[key], 1_000 * (at_s - sent_s[key])))
