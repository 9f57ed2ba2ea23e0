"""
Name every metric there is, so that mypy refuses one that is not here, and say what one is.

What each means stands in `streams.metric_table`. After getsentry/arroyo, `utils/metric_defs.py`.
"""

from typing import Literal, NamedTuple


RowCounterName = Literal[
    "cardcue_records_in_total",
    "cardcue_records_forwarded_total",
    "cardcue_records_rejected_total",
    "cardcue_records_clamped_total",
    "cardcue_records_applied_total",
    "cardcue_records_ignored_total",
    "cardcue_records_control_total",
    "cardcue_journeys_refused_total",
    "cardcue_rule_errors_total",
    "cardcue_milestones_total",
    "cardcue_occasions_total",
    "cardcue_decisions_total",
    "cardcue_exposures_total",
    "cardcue_outcomes_total",
    "cardcue_cancellations_total",
    "cardcue_model_examples_total",
    "cardcue_model_conversions_total",
    "cardcue_model_set_aside_total",
    "cardcue_model_snapshots_total",
    "cardcue_model_alarms_total",
    "cardcue_model_ignored_total",
    "cardcue_model_passed_total",
]
RowGaugeName = Literal["cardcue_model_quality"]
CounterName = Literal[
    "cardcue_commits_total",
    "cardcue_restore_rows_total",
    "cardcue_rebalances_total",
    "cardcue_series_refused_total",
]
GaugeName = Literal[
    "cardcue_build_info",
    "cardcue_ready",
    "cardcue_loop_lag_seconds",
    "cardcue_tasks_owned",
    "cardcue_tasks_expected",
    "cardcue_restore_remaining_rows",
    "cardcue_slice_backlog_records",
    "cardcue_consumer_lag_records",
    "cardcue_commit_age_seconds",
    "cardcue_now_timestamp_seconds",
    "cardcue_watermark_timestamp_seconds",
    "cardcue_watermark_lag_seconds",
    "cardcue_backfill",
]
HistogramName = Literal[
    "cardcue_commit_seconds",
    "cardcue_transaction_records",
    "cardcue_restore_seconds",
    "cardcue_event_to_trigger_seconds",
]
MetricName = RowCounterName | RowGaugeName | CounterName | GaugeName | HistogramName

Kind = Literal["row counter", "row gauge", "counter", "gauge", "histogram"]
"""What is of a row is kept in the changelog, so it goes on where it was after any kill or move."""

Unit = Literal["records", "rows", "seconds", "commits", "tasks", "1"]


class Metric(NamedTuple):
    """One line of the table; `buckets` are for histograms only."""

    name: MetricName
    kind: Kind
    unit: Unit
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()
