"""Write the figures down for people: RESULTS.md, with each target and whether it was met."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from bench.throughput import EVENT_COUNT, JOURNAL_PARTITION_COUNT, PEER_EVENT_COUNT


class Target(NamedTuple):
    """What a figure should be, at least or at most."""

    bound: float
    at_least: bool

    def met(self, value: float) -> bool:
        """Return whether a figure meets it."""
        return value >= self.bound if self.at_least else value <= self.bound

    def told(self, value: float) -> str:
        """Return the bound and whether a figure meets it."""
        side = "at least" if self.at_least else "at most"
        return f"{side} {self.bound:,g}: {'met' if self.met(value) else 'missed'}"


TARGETS: Final = {
    "two_hops_ratio_to_faust": Target(15, at_least=True),
    "lifecycle_hop_ratio_to_faust": Target(25, at_least=True),
    "latency_2000_p99_ms": Target(300, at_least=False),
    "latency_5000_p99_ms": Target(500, at_least=False),
    "restore_rows_per_s": Target(130_000, at_least=True),
    "decisions_events_per_s": Target(20_000, at_least=True),
    "decisions_with_models_ratio": Target(0.75, at_least=True),
    "bytes_per_customer": Target(700, at_least=False),
}


NOTES: Final = (
    "The pieces are CPU of the worker only; how they are measured: `bench/pieces.py`.",
    (
        "Decisions: the lifecycle fold alone on one core, ten campaigns in each of three banks "
        "with calendar, contact policy, all gates and records on, beside the same journal without "
        "campaigns, and with a model that decides in each campaign that names one "
        "(`bench/decisions.py`). Every third event is an occasion, many more than a bank has."
    ),
)


def page(
    told: Mapping[str, object],
    figures: Mapping[str, Sequence[float]],
    sizes: Sequence[Mapping[str, float]],
) -> str:
    """Return RESULTS.md; every figure as median, least and greatest of its rounds."""
    lines = [
        "# Results",
        "",
        f"{told['machine']}; commit {told['commit']}; `{told['command']}`.",
        "Real Apache Kafka on the same two cores, exactly-once on, one worker pinned to one core.",
        (
            f"{EVENT_COUNT:,} purchases of about 210 bytes over 4 source partitions and "
            f"{JOURNAL_PARTITION_COUNT} journal partitions, all campaigns active; the Faust peer "
            f"(Record + Table, at least once) counts {PEER_EVENT_COUNT:,} such journal records "
            "in the same round. Each round uses fresh brokers; timings here are noisy, so trust "
            "the ratios."
        ),
        "",
        "| figure | median | min | max | target |",
        "|---|---|---|---|---|",
    ]
    for name, values in figures.items():
        middle = statistics.median(values)
        spread = f"{min(values):,.1f} | {max(values):,.1f}"
        lines.append(f"| {name} | {middle:,.1f} | {spread} | {against(name, middle)} |")
    lines += [
        "",
        *NOTES,
        "Customers at rest (`bench/memory.py`), each size in a process of its own:",
        "",
        "| customers | resident bytes each | row bytes | us per purchase |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {size['customers']:,.0f} | {size['bytes_per_customer']:,.0f} "
        f"| {size['row_bytes_mean']:,.0f} | {size['us_per_event']:,.1f} |"
        for size in sizes
    ]
    return "\n".join([*lines, ""])


def against(name: str, value: float) -> str:
    """Return a figure's target and whether it was met, "" for none."""
    target = TARGETS.get(name)
    return "" if target is None else target.told(value)
