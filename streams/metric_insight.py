"""
Say what insight's counts and figures are as metrics (docs/insight.md 6).

A figure is of a row, so of a partition: what partitions say of one campaign never adds up to a
third number here.
"""

from collections.abc import Mapping
from typing import Final

from streams.metric_names import Metric, RowCounterName, RowGaugeName, RowNames


_TASK: Final = ("task", "tenant")
_CAMPAIGN: Final = (*_TASK, "campaign")
_ROW: Final = (*_CAMPAIGN, "partition")

INSIGHT_METRICS: Final = (
    Metric(
        "cardcue_caps_total",
        "row counter",
        "1",
        (*_TASK, "scope", "what"),
        "Caps of candidates by scope: asked, stopped, filled; pressure is stopped / asked.",
    ),
    Metric(
        "cardcue_insight_passed_total",
        "row counter",
        "records",
        _TASK,
        "Records that insight does not count, and candidates of shadow decisions.",
    ),
    Metric(
        "cardcue_cards_moved_total",
        "row counter",
        "records",
        _TASK,
        "Moves of cards in the funnel.",
    ),
    Metric(
        "cardcue_effect_records_total",
        "row counter",
        "records",
        _CAMPAIGN,
        "Exposures, settled, followed and objected, that an effect is made of.",
    ),
    Metric(
        "cardcue_effect_set_aside_total",
        "row counter",
        "records",
        (*_CAMPAIGN, "reason"),
        "Records of a version that is not known: unmatched. Versions that had to go: forgotten.",
    ),
    Metric(
        "cardcue_guardrails_tripped_total",
        "row counter",
        "1",
        (*_CAMPAIGN, "kind"),
        "Guardrails that broke: opt_out, complaint, failure, harm.",
    ),
    Metric(
        "cardcue_cards_waiting",
        "row gauge",
        "cards",
        (*_TASK, "stage"),
        "Cards that wait in a stage, as of the last report; add up over tasks.",
    ),
    Metric(
        "cardcue_effect_customers",
        "row gauge",
        "customers",
        (*_ROW, "arm", "what"),
        "Customers who count in the newest version, of a campaign nobody who is held out: exposed, "
        "settled, converted, as of the last report.",
    ),
    Metric(
        "cardcue_effect_difference",
        "row gauge",
        "1",
        (*_ROW, "arm", "bound"),
        "Conversions that an arm of the newest version adds: low, estimate, high, of customers.",
    ),
    Metric(
        "cardcue_guardrail_tripped",
        "row gauge",
        "1",
        (*_ROW, "kind"),
        "How often this guardrail of the newest version has broken so far, in this partition.",
    ),
    Metric(
        "cardcue_sample_ratio_p",
        "row gauge",
        "1",
        _ROW,
        "p-value at any time of the arms' sizes in the newest version; of a tenant's own (campaign "
        "empty) the least of its holdouts.",
    ),
)
"""In the order of docs/insight.md 6, then what is of rows."""

SET_ASIDE: Final = frozenset({"unmatched", "forgotten"})

COUNTERS: Final[Mapping[str, RowCounterName | RowGaugeName]] = {
    "cap": "cardcue_caps_total",
    "passed": "cardcue_insight_passed_total",
    "moved": "cardcue_cards_moved_total",
    "effect": "cardcue_effect_records_total",
    "tripped": "cardcue_guardrails_tripped_total",
    "waiting": "cardcue_cards_waiting",
    "customers": "cardcue_effect_customers",
    "difference": "cardcue_effect_difference",
    "held": "cardcue_guardrail_tripped",
    "ratio": "cardcue_sample_ratio_p",
}
"""First part of a count's key -> its metric; decisions are lifecycle's to show."""

INSIGHT_ROWS: Final = RowNames(COUNTERS, SET_ASIDE, "cardcue_effect_set_aside_total")
