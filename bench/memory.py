"""
Measure what customers cost at rest: resident bytes, row bytes, and one event's time, by number.

`python -m bench.memory --customers 100000` prints one JSON line; each size runs in a process of
its own, so that nothing is left of the one before. The campaigns of `campaigns/` are
active, timers included.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

from bench.customers import Journal, number_of
from lifecycle.fold import LifecycleFold
from schemas.routing import JOURNAL_TOPIC


PARTITIONS = 8
DRAIN_EVERY = 5_000
SLICES = 60
SLICE_RECORDS = 1_000
SIZES = (10_000, 100_000, 300_000, 1_000_000)
KIB = 1_024


def resident_bytes() -> int:
    """Return the resident set of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * KIB


def filled(customer_count: int) -> tuple[LifecycleFold, Journal, Sequence[int]]:
    """Return a fold with so many customers, their journal, and the bytes of each one's row."""
    journal = Journal(PARTITIONS, seed=1)
    fold = LifecycleFold(0, 1)
    fold.open([(JOURNAL_TOPIC, partition) for partition in range(PARTITIONS)])
    for record in journal.policies():
        fold.apply(record)
    sizes = array("I", bytes(4 * customer_count))  # 4 bytes each: a dict would cost as much as rows
    for number in range(customer_count):
        for record in journal.customer(number):
            fold.apply(record)
        if number % DRAIN_EVERY == DRAIN_EVERY - 1 or number == customer_count - 1:
            for row in fold.drain().rows:
                if row.key[:1] != b"#":
                    sizes[number_of(row.key)] = len(row.value or b"")
    return fold, journal, sizes


def event_us(fold: LifecycleFold, journal: Journal, customer_count: int) -> float:
    """Return the median microseconds of a purchase, folded and drained, over slices."""
    figures = []
    for _ in range(SLICES):
        numbers = journal.random.choices(range(customer_count), k=SLICE_RECORDS)
        records = [journal.purchase(number) for number in numbers]
        gc.collect(0)
        began_s = time.process_time()
        for record in records:
            fold.apply(record)
        fold.drain()
        figures.append((time.process_time() - began_s) / SLICE_RECORDS * 1e6)
    return statistics.median(figures)


def measured(customer_count: int) -> dict[str, float]:
    """Return the figures of this process."""
    gc.collect()
    before = resident_bytes()
    fold, journal, sizes = filled(customer_count)
    gc.collect()
    resident = resident_bytes() - before
    gc.freeze()
    return {
        "customers": customer_count,
        "bytes_per_customer": resident / customer_count,
        "row_bytes_mean": statistics.mean(sizes),
        "us_per_event": event_us(fold, journal, customer_count),
    }


def curve(sizes: tuple[int, ...] = SIZES) -> list[dict[str, float]]:
    """Return the figures of each size, each measured in a process of its own."""
    figures = []
    for size in sizes:
        argv = [sys.executable, "-m", "bench.memory", "--customers", str(size)]
        told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout  # noqa: S603
        figures.append(json.loads(told))
    return figures


def main() -> None:
    """Print one JSON line."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=100_000)
    print(
        json.dumps({k: round(v, 2) for k, v in measured(arguments.parse_args().customers).items()})
    )


if __name__ == "__main__":
    main()
