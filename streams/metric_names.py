"""
Name every metric there is, so that mypy refuses one that is not here.

What each means stands in `streams.metric_table`. After getsentry/arroyo, `utils/metric_defs.py`.
"""

from typing import Literal


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
]
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
MetricName = RowCounterName | CounterName | GaugeName | HistogramName

Kind = Literal["row counter", "counter", "gauge", "histogram"]
"""A row counter is kept in the changelog, so it goes on where it was after any kill or move."""

Unit = Literal["records", "rows", "seconds", "commits", "tasks", "1"]
