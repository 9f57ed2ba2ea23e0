"""
Run the benchmarks and write `bench/RESULTS.md` and `bench/results.json`.

`python -m bench.run [--rounds 5]`: each round measures ours and the peer one after the other on
fresh brokers, so that the ratio is taken within one run; figures are medians of the rounds.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
from pathlib import Path

from bench.latency import latencies
from bench.throughput import EVENT_COUNT, JOURNAL_PARTITION_COUNT, PEER_EVENT_COUNT, both_hops, peer


MEASURED = ("agents", "campaigns", "lifecycle", "schemas", "streams")
FOLDER = Path(__file__).resolve().parent


def main() -> None:
    """Measure, then write both files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    figures: dict[str, list[float]] = {}
    for number in range(rounds):
        for name, value in one_round().items():
            figures.setdefault(name, []).append(value)
        print(f"round {number + 1} of {rounds}:", {k: round(v[-1], 1) for k, v in figures.items()})
    medians = {name: round(statistics.median(values), 1) for name, values in figures.items()}
    told = {
        "machine": machine(),
        "commit": commit(),
        "command": f"python -m bench.run --rounds {rounds}",
        "rounds": rounds,
        **medians,
    }
    (FOLDER / "results.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    (FOLDER / "RESULTS.md").write_text(page(told, figures), encoding="utf-8")


def one_round() -> dict[str, float]:
    """Return the figures of one round."""
    both, alone = both_hops()
    faust = peer()
    figures = {
        "two_hops_events_per_s": both.events_per_s,
        "two_hops_worker_us_per_event": both.worker_us,
        "two_hops_broker_us_per_event": both.broker_us,
        "lifecycle_hop_events_per_s": alone.events_per_s,
        "lifecycle_hop_worker_us_per_event": alone.worker_us,
        "lifecycle_hop_broker_us_per_event": alone.broker_us,
        "faust_events_per_s": faust.events_per_s,
        "faust_worker_us_per_event": faust.worker_us,
        "two_hops_ratio_to_faust": both.events_per_s / faust.events_per_s,
        "lifecycle_hop_ratio_to_faust": alone.events_per_s / faust.events_per_s,
    }
    for rate, (p50_ms, p99_ms) in latencies().items():
        figures[f"latency_{rate}_p50_ms"] = p50_ms
        figures[f"latency_{rate}_p99_ms"] = p99_ms
    return figures


def machine() -> str:
    """Return what the figures were measured on."""
    model = next(
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
        if line.startswith("model name")
    )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def commit() -> str:
    """Return the commit measured, with a mark if what is measured was changed since."""
    head = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--", *MEASURED)
    return f"{head}-dirty" if changed else head


def _git(*words: str) -> str:
    """Return what git says."""
    argv = ["git", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def page(told: dict[str, object], figures: dict[str, list[float]]) -> str:
    """Return RESULTS.md."""
    lines = [
        "# Results",
        "",
        f"{told['machine']}; commit {told['commit']}; `{told['command']}`.",
        "Real Apache Kafka on the same two cores, exactly-once on, one worker pinned to one core.",
        (
            f"{EVENT_COUNT:,} purchases of about 210 bytes over 4 source partitions and "
            f"{JOURNAL_PARTITION_COUNT} journal partitions, three campaigns active; the Faust peer "
            f"(Record + Table, at least once) counts {PEER_EVENT_COUNT:,} such journal records "
            "in the same round. Each round uses fresh brokers; timings here are noisy, so trust "
            "the ratios."
        ),
        "",
        "| figure | median | min | max |",
        "|---|---|---|---|",
    ]
    for name, values in figures.items():
        middle = statistics.median(values)
        lines.append(f"| {name} | {middle:,.1f} | {min(values):,.1f} | {max(values):,.1f} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
