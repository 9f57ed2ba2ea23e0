"""
Run the benchmarks and write `bench/RESULTS.md` and `bench/results.json`.

`python -m bench.run [--rounds 5] [--only speed,latency,pieces,restore,decisions,memory]`: each
round measures ours and the peer one after the other on fresh brokers, so that the ratio is taken
within one run; figures are medians of the rounds. Memory and its curve are measured once: they
hardly vary.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from agents.runtime import calm_collector
from bench.decisions import figures as decisions
from bench.latency import latencies
from bench.memory import SIZES, curve
from bench.page import page
from bench.pieces import pieces
from bench.restore import restore_rows_per_s
from bench.throughput import both_hops, peer


MEASURED = ("agents", "campaigns", "lifecycle", "schemas", "streams")
FOLDER = Path(__file__).resolve().parent
TYPICAL_CUSTOMERS = 100_000
CUSTOMERS_A_BANK = 1_500

Figures = dict[str, float]


def speed_round() -> Figures:
    """Return events per second of both hops, one hop and the peer."""
    both, alone = both_hops()
    faust = peer()
    return {
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


def latency_round() -> Figures:
    """Return event to trigger at each rate."""
    figures: Figures = {}
    for rate, (p50_ms, p99_ms) in latencies().items():
        figures[f"latency_{rate}_p50_ms"] = p50_ms
        figures[f"latency_{rate}_p99_ms"] = p99_ms
    return figures


def restore_round() -> Figures:
    """Return changelog rows restored a second."""
    return {"restore_rows_per_s": restore_rows_per_s()}


def decisions_round() -> Figures:
    """Return what deciding costs with every campaign in three banks, and without any."""
    return decisions(CUSTOMERS_A_BANK, 1)


PARTS: Final[dict[str, Callable[[], Figures]]] = {
    "speed": speed_round,
    "latency": latency_round,
    "pieces": pieces,
    "restore": restore_round,
    "decisions": decisions_round,
}


def main() -> None:
    """Measure, then write both files (only print where `--only` leaves something out)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help=f"of {', '.join((*PARTS, 'memory'))}")
    given = parser.parse_args()
    calm_collector()  # as a worker does
    wanted = given.only.split(",") if given.only else [*PARTS, "memory"]
    figures: dict[str, list[float]] = {}
    for number in range(given.rounds):
        for part in (name for name in PARTS if name in wanted):
            for name, value in PARTS[part]().items():
                figures.setdefault(name, []).append(value)
        print(f"round {number + 1} of {given.rounds}:", shown(figures))
    sizes = curve(SIZES) if "memory" in wanted else []
    for size in sizes:
        print(size)
        if size["customers"] == TYPICAL_CUSTOMERS:
            for name in ("bytes_per_customer", "row_bytes_mean"):
                figures[name] = [size[name]]
    if not given.only:
        write(given.rounds, figures, sizes)


def shown(figures: dict[str, list[float]]) -> Figures:
    """Return the newest of each figure."""
    return {name: round(values[-1], 1) for name, values in figures.items()}


def write(rounds: int, figures: dict[str, list[float]], sizes: list[Figures]) -> None:
    """Write results.json and RESULTS.md."""
    told = {
        "machine": machine(),
        "commit": commit(MEASURED),
        "command": f"python -m bench.run --rounds {rounds}",
        "rounds": rounds,
        **{name: round(statistics.median(values), 1) for name, values in figures.items()},
        "curve": [{name: round(value, 1) for name, value in size.items()} for size in sizes],
    }
    (FOLDER / "results.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    (FOLDER / "RESULTS.md").write_text(page(told, figures, sizes), encoding="utf-8")


def machine() -> str:
    """Return what the figures were measured on."""
    model = next(
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
        if line.startswith("model name")
    )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"


def commit(measured: Sequence[str]) -> str:
    """Return the commit measured, with a mark if any of these folders was changed since."""
    head = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--", *measured)
    return f"{head}-dirty" if changed else head


def _git(*words: str) -> str:
    """Return what git says."""
    argv = ["git", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


if __name__ == "__main__":
    main()
