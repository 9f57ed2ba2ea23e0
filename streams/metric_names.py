"""
Name every metric there is, so that mypy refuses one that is not here, and say what one is.

What each means stands in `streams.metric_table`. After getsentry/arroyo, `utils/metric_defs.py`.
"""

from collections.abc import Iterator, Mapping
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
    "cardcue_objections_total",
    "cardcue_decisions_total",
    "cardcue_exposures_total",
    "cardcue_outcomes_total",
    "cardcue_exposures_settled_total",
    "cardcue_experiments_refused_total",
    "cardcue_cancellations_total",
    "cardcue_model_examples_total",
    "cardcue_model_conversions_total",
    "cardcue_model_set_aside_total",
    "cardcue_model_snapshots_total",
    "cardcue_model_alarms_total",
    "cardcue_model_ignored_total",
    "cardcue_model_passed_total",
    "cardcue_option_contacts_total",
    "cardcue_customers_observed_total",
    "cardcue_caps_total",
    "cardcue_insight_passed_total",
    "cardcue_cards_moved_total",
    "cardcue_effect_records_total",
    "cardcue_effect_set_aside_total",
    "cardcue_guardrails_tripped_total",
]
RowGaugeName = Literal[
    "cardcue_model_quality",
    "cardcue_cards_waiting",
    "cardcue_effect_customers",
    "cardcue_effect_difference",
    "cardcue_guardrail_tripped",
    "cardcue_sample_ratio_p",
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
MetricName = RowCounterName | RowGaugeName | CounterName | GaugeName | HistogramName

Kind = Literal["row counter", "row gauge", "counter", "gauge", "histogram"]
"""What is of a row is kept in the changelog, so it goes on where it was after any kill or move."""

Unit = Literal["records", "rows", "seconds", "commits", "tasks", "cards", "customers", "1"]


class Metric(NamedTuple):
    """One line of the table; `buckets` are for histograms only."""

    name: MetricName
    kind: Kind
    unit: Unit
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()


Series = tuple[RowCounterName | RowGaugeName, tuple[str, ...]]
"""A metric and its labels, in the order of the table."""


class RowNames(NamedTuple):
    """What the counts of a fold are called; kinds that were set aside share one metric."""

    by_kind: Mapping[str, RowCounterName | RowGaugeName]
    set_aside: frozenset[str]
    set_aside_name: RowCounterName

    def series(self, task: int, key: str) -> Iterator[Series]:
        """
        Yield the metric that a count is, with its labels.

        A kind of count that this version does not know is not shown.
        """
        kind, *labels = key.split("|")
        if kind in self.set_aside:
            yield self.set_aside_name, (str(task), *labels, kind)
        elif (name := self.by_kind.get(kind)) is not None:
            yield name, (str(task), *labels)
