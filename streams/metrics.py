"""
Count, show and render the metrics of one worker; the only place that knows prometheus_client.

Nothing per record: the shell reports per commit, per slice and per tick. Not safe to share
between threads; `/metrics` is served by the event loop that reports.
"""

from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from typing import Final

import prometheus_client
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as MetricFamily
from prometheus_client.registry import Collector

from schemas.journal import SEMANTICS_VERSION
from streams.metric_insight import INSIGHT_ROWS
from streams.metric_models import MODEL_ROWS
from streams.metric_names import (
    CounterName,
    GaugeName,
    HistogramName,
    RowCounterName,
    Series,
)
from streams.metric_table import METRICS


SERIES_MAX: Final = 2_000
"""Label sets of one metric that this process shows; a topic of 10,000 partitions must not
drown the monitoring."""

MILLIONTHS: Final = 1_000_000
"""Folds tell figures without a unit in millionths."""

CONTENT_TYPE: Final = prometheus_client.CONTENT_TYPE_LATEST
"""What `/metrics` says it is."""

READ_KINDS: Final = frozenset({"forwarded", "control", "marker", "rejected"})
"""What can become of a source record in ingest, each record exactly one."""

ROW_COUNTERS: Final[Mapping[str, RowCounterName]] = {
    "forwarded": "cardcue_records_forwarded_total",
    "rejected": "cardcue_records_rejected_total",
    "clamped": "cardcue_records_clamped_total",
    "applied": "cardcue_records_applied_total",
    "ignored": "cardcue_records_ignored_total",
    "control": "cardcue_records_control_total",
    "marker": "cardcue_records_control_total",
    "full": "cardcue_journeys_refused_total",
    "rule_error": "cardcue_rule_errors_total",
    "milestone": "cardcue_milestones_total",
    "occasion": "cardcue_occasions_total",
    "decision": "cardcue_decisions_total",
    "exposure": "cardcue_exposures_total",
    "outcome": "cardcue_outcomes_total",
    "settled": "cardcue_exposures_settled_total",
    "experiments_full": "cardcue_experiments_refused_total",
    "objected": "cardcue_objections_total",
    "cancelled": "cardcue_cancellations_total",
}
"""First part of a count's key in the changelog rows (docs/core.md 3.7) -> its metric."""

NAMES_BY_FOLD: Final = {"learning": MODEL_ROWS, "insight": INSIGHT_ROWS}
"""The folds whose counts all have their labels in the key."""


class RowCounters(Collector):
    """
    The counts that folds keep in their changelog rows, as counters, and figures of models.

    They must be the counts of what is *committed*: a count that fell back after a crash would look
    like a reset, and Prometheus would add the whole of it once more.
    """

    def __init__(self) -> None:
        """Start without a task."""
        self._counts: dict[tuple[str, int], Mapping[str, int]] = {}

    def committed(self, fold: str, task: int, counts: Mapping[str, int]) -> None:
        """Replace what is known of a task; the mapping must not change afterwards."""
        self._counts[fold, task] = counts

    def forget(self, fold: str, task: int) -> None:
        """Show nothing of a task any more: another worker does."""
        self._counts.pop((fold, task), None)

    # `typing.override` is not in Python 3.11
    def collect(self) -> Iterator[MetricFamily]:  # type: ignore[explicit-override]
        """Yield what is of rows in the order of the table, series by label."""
        totals = self._totals()
        for metric in METRICS:
            ours = [(key[1], totals[key]) for key in sorted(totals) if key[0] == metric.name]
            if metric.kind == "row counter":
                counter = CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
                for labels, total in ours:
                    counter.add_metric(labels, total)
                yield counter
            elif metric.kind == "row gauge":
                gauge = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
                scale = MILLIONTHS if metric.unit == "1" else 1
                for labels, total in ours:
                    gauge.add_metric(labels, total / scale)
                yield gauge

    def _totals(self) -> Tally[Series]:
        """Return the sum of every series."""
        totals: Tally[Series] = Tally()
        for (fold, task), counts in self._counts.items():
            for key, count in counts.items():
                for series in series_of(fold, task, key):
                    totals[series] += count
        return totals


def series_of(fold: str, task: int, key: str) -> Iterator[Series]:
    """
    Yield the counters that a count of the changelog rows adds to.

    A kind of count that this version does not know (its rows come from a newer one) is not shown.
    """
    if (names := NAMES_BY_FOLD.get(fold)) is not None:
        yield from names.series(task, key)
        return
    kind, _, rest = key.partition("|")
    tenant, *detail = rest.split("|")
    if fold == "ingest" and kind in READ_KINDS:
        yield "cardcue_records_in_total", (str(task), tenant)
    if (name := ROW_COUNTERS.get(kind)) is not None:
        if kind in {"clamped", "full"}:
            detail = []
        labels = (str(task), tenant, *detail)
        yield name, (fold, *labels) if name == "cardcue_records_control_total" else labels


class Metrics:
    """Every metric of the table, from 0; nothing is shared with another object of this class."""

    def __init__(self, version: str, *, series_max: int = SERIES_MAX) -> None:
        """
        Build the registry.

        Args:
            version: of this package, for `cardcue_build_info`.
            series_max: label sets of one gauge, counter or histogram; what would be one more is
                counted in `cardcue_series_refused_total` instead.

        """
        # otherwise every series has a second one, of its birth
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.rows = RowCounters()
        self._registry.register(self.rows)
        self._series_max = series_max
        self._series: dict[str, set[tuple[str, ...]]] = {metric.name: set() for metric in METRICS}
        self._labels: dict[str, tuple[str, ...]] = {
            metric.name: metric.labels for metric in METRICS
        }
        self._counters: dict[str, prometheus_client.Counter] = {}
        self._gauges: dict[str, prometheus_client.Gauge] = {}
        self._histograms: dict[str, prometheus_client.Histogram] = {}
        self._register()
        self.show("cardcue_build_info", 1, version, str(SEMANTICS_VERSION))

    def increase(self, name: CounterName, *labels: str, amount: float = 1) -> None:
        """Add to a counter; labels in the order of the table."""
        if self._admit(name, labels):
            counter = self._counters[name]
            (counter.labels(*labels) if labels else counter).inc(amount)

    def show(self, name: GaugeName, value: float, *labels: str) -> None:
        """Set a gauge; labels in the order of the table."""
        if self._admit(name, labels):
            gauge = self._gauges[name]
            (gauge.labels(*labels) if labels else gauge).set(value)

    def observe(self, name: HistogramName, value: float, *labels: str) -> None:
        """Add an observation to a histogram; labels in the order of the table."""
        if self._admit(name, labels):
            self._histograms[name].labels(*labels).observe(value)

    def forget_task(self, fold: str, task: int) -> None:
        """
        Drop the counts and gauges of a task that is no longer ours: another worker shows them.

        The tenants' clocks are the clock fold's, which has one task.
        """
        self.rows.forget(fold, task)
        ours = (fold, str(task))
        for name, gauge in self._gauges.items():
            kind = self._labels[name]
            gone: set[tuple[str, ...]] = set()
            if kind[:2] == ("fold", "task"):
                gone = {labels for labels in self._series[name] if labels[:2] == ours}
            elif kind == ("tenant",) and fold == "clock":
                gone = set(self._series[name])
            self._series[name] -= gone
            for labels in gone:
                gauge.remove(*labels)

    def render(self) -> bytes:
        """Return the page in Prometheus' text format."""
        return prometheus_client.generate_latest(self._registry)

    def _register(self) -> None:
        """Make what the table lists."""
        for metric in METRICS:
            name, text, labels = metric.name, metric.help, metric.labels
            if metric.kind == "counter":
                self._counters[name] = prometheus_client.Counter(
                    name, text, labels, registry=self._registry
                )
            elif metric.kind == "gauge":
                self._gauges[name] = prometheus_client.Gauge(
                    name, text, labels, registry=self._registry
                )
            elif metric.kind == "histogram":
                self._histograms[name] = prometheus_client.Histogram(
                    name, text, labels, registry=self._registry, buckets=metric.buckets
                )

    def _admit(
        self, name: CounterName | GaugeName | HistogramName, labels: tuple[str, ...]
    ) -> bool:
        """Return whether a label set is known or may still be added."""
        known = self._series[name]
        if labels not in known:
            if len(known) >= self._series_max:
                self.increase("cardcue_series_refused_total", name)
                return False
            known.add(labels)
        return True
