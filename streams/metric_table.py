"""
Say of every metric its kind, unit, labels and meaning: what `/metrics` and `docs/metrics.md` say.

No label ever holds a customer, a card or an event.
"""

from collections.abc import Iterator
from typing import Final

from streams.metric_insight import INSIGHT_METRICS
from streams.metric_models import MODEL_METRICS
from streams.metric_names import Metric
from streams.metric_outcomes import OUTCOME_METRICS


SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds of latency buckets: from an idle commit to an hour's alarm."""
RECORDS: Final = (1.0, 10.0, 32.0, 100.0, 316.0, 1_000.0, 3_162.0, 10_000.0)
"""Upper bounds of size buckets, half a decade apart."""


_COUNTED: Final = ("task", "tenant")

METRICS: Final = (
    Metric(
        "cardcue_records_in_total",
        "row counter",
        "records",
        _COUNTED,
        "Records that ingest has read and committed; forwarded, control and rejected add up to it.",
    ),
    Metric(
        "cardcue_records_forwarded_total",
        "row counter",
        "records",
        (*_COUNTED, "event_type"),
        "Customer events that ingest wrote to the journal.",
    ),
    Metric(
        "cardcue_records_rejected_total",
        "row counter",
        "records",
        (*_COUNTED, "reason"),
        "Records that ingest wrote to the rejected topic; tenant is empty where it is not known.",
    ),
    Metric(
        "cardcue_records_clamped_total",
        "row counter",
        "records",
        _COUNTED,
        "Records whose journal time was raised above a claim already made.",
    ),
    Metric(
        "cardcue_records_applied_total",
        "row counter",
        "records",
        (*_COUNTED, "event_type"),
        "Journal records that changed a customer's state.",
    ),
    Metric(
        "cardcue_records_ignored_total",
        "row counter",
        "records",
        (*_COUNTED, "reason"),
        "Well-formed journal records that changed nothing, or milestones only.",
    ),
    Metric(
        "cardcue_records_control_total",
        "row counter",
        "records",
        ("fold", *_COUNTED, "event_type"),
        "Control records; lifecycle reads each once in every journal partition.",
    ),
    Metric(
        "cardcue_journeys_refused_total",
        "row counter",
        "1",
        _COUNTED,
        "Journeys not entered because the customer has as many as a row may hold.",
    ),
    Metric(
        "cardcue_rule_errors_total",
        "row counter",
        "1",
        (*_COUNTED, "campaign"),
        "Entry and exit rules that could not be computed: nothing began, nothing ended by them.",
    ),
    Metric(
        "cardcue_milestones_total",
        "row counter",
        "1",
        (*_COUNTED, "milestone"),
        "Cards that reached a milestone: the funnel.",
    ),
    Metric(
        "cardcue_occasions_total",
        "row counter",
        "1",
        _COUNTED,
        "Decision records; each tells of one candidate or more.",
    ),
    Metric(
        "cardcue_decisions_total",
        "row counter",
        "1",
        (*_COUNTED, "campaign", "verdict", "reason"),
        "Candidates decided; those with the verdict sent are the triggers.",
    ),
    *OUTCOME_METRICS,
    Metric(
        "cardcue_cancellations_total",
        "row counter",
        "1",
        (*_COUNTED, "campaign", "reason"),
        "Triggers taken back after they went out; receipts say which came too late.",
    ),
    *MODEL_METRICS,
    *INSIGHT_METRICS,
    Metric(
        "cardcue_commits_total",
        "counter",
        "commits",
        ("fold",),
        "Kafka transactions committed by this process.",
    ),
    Metric(
        "cardcue_restore_rows_total",
        "counter",
        "rows",
        ("fold",),
        "Changelog records read back by this process.",
    ),
    Metric(
        "cardcue_rebalances_total",
        "counter",
        "1",
        ("fold",),
        "How often the set of tasks owned by this process changed.",
    ),
    Metric(
        "cardcue_series_refused_total",
        "counter",
        "1",
        ("metric",),
        "Values not shown because their metric has too many label sets already.",
    ),
    Metric(
        "cardcue_build_info",
        "gauge",
        "1",
        ("version", "semantics_version"),
        "Always 1; the labels say what runs.",
    ),
    Metric("cardcue_ready", "gauge", "1", (), "1 while /readyz answers 200, else 0."),
    Metric(
        "cardcue_loop_lag_seconds",
        "gauge",
        "seconds",
        (),
        "How much later than asked the event loop last woke; the loop is blocked that long.",
    ),
    Metric("cardcue_tasks_owned", "gauge", "tasks", ("fold",), "Tasks owned by this process."),
    Metric(
        "cardcue_tasks_expected",
        "gauge",
        "tasks",
        ("fold",),
        "Tasks of the fold over all workers, by the settings; as many should have an owner.",
    ),
    Metric(
        "cardcue_restore_remaining_rows",
        "gauge",
        "rows",
        ("fold", "task"),
        "Changelog records still to be read before the task can work.",
    ),
    Metric(
        "cardcue_slice_backlog_records",
        "gauge",
        "records",
        ("fold", "task"),
        "Records read but not yet committed.",
    ),
    Metric(
        "cardcue_consumer_lag_records",
        "gauge",
        "records",
        ("fold", "task", "topic", "partition"),
        "Records in the partition that the owning task has not committed.",
    ),
    Metric(
        "cardcue_commit_age_seconds",
        "gauge",
        "seconds",
        ("fold", "task"),
        "How long the oldest uncommitted record has been waiting; 0 when nothing waits.",
    ),
    Metric(
        "cardcue_now_timestamp_seconds",
        "gauge",
        "seconds",
        ("tenant",),
        "The tenant's now: newest journal time in a tick, as a Unix time.",
    ),
    Metric(
        "cardcue_watermark_timestamp_seconds",
        "gauge",
        "seconds",
        ("tenant",),
        "How far every source of the tenant has been read, as a Unix time; absence waits for it.",
    ),
    Metric(
        "cardcue_watermark_lag_seconds",
        "gauge",
        "seconds",
        ("tenant",),
        "Now less watermark by the last tick: how much the slowest source trails the fastest.",
    ),
    Metric(
        "cardcue_backfill",
        "gauge",
        "1",
        ("tenant",),
        "1 while the tenant's history is being loaded: its clocks show the past.",
    ),
    Metric(
        "cardcue_commit_seconds",
        "histogram",
        "seconds",
        ("fold",),
        "Time from the first record sent to the end of the transaction.",
        SECONDS,
    ),
    Metric(
        "cardcue_transaction_records",
        "histogram",
        "records",
        ("fold",),
        "Source records per transaction.",
        RECORDS,
    ),
    Metric(
        "cardcue_restore_seconds",
        "histogram",
        "seconds",
        ("fold",),
        "Time from being given a task to reading its sources.",
        SECONDS,
    ),
    Metric(
        "cardcue_event_to_trigger_seconds",
        "histogram",
        "seconds",
        ("tenant",),
        "From the journal time at which a live trigger was decided to its commit.",
        SECONDS,
    ),
)
"""What is of rows first, then the process, the tasks, the clocks, the durations; each name once."""


def metrics_page() -> Iterator[str]:
    """Yield the lines of `docs/metrics.md`, so that the page cannot say anything else."""
    yield "# Metrics"
    yield ""
    yield "Written from `streams/metric_table.py` by `cardcue docs`; do not edit."
    yield ""
    yield "A *row counter* lives in the changelog: after a kill or a move to another worker it goes"
    yield "on where it was. It shows what is committed and carries its task, so neither crash nor"
    yield "move looks like a reset: ask for `sum without (instance, task) (increase(...))`."
    yield "A *row gauge* is likewise of what is committed."
    yield "Counters and histograms of the process start at 0 with it."
    yield ""
    yield "| name | kind | unit | labels | meaning |"
    yield "|---|---|---|---|---|"
    for metric in METRICS:
        labels = ", ".join(metric.labels) or "none"
        yield f"| `{metric.name}` | {metric.kind} | {metric.unit} | {labels} | {metric.help} |"
