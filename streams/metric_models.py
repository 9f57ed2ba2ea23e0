"""
Say what learning's counts are as metrics (docs/learning.md 5).

Alike for every model; a figure of quality that the fold does not tell is not shown.
"""

from collections.abc import Mapping
from typing import Final

from streams.metric_names import Metric, RowCounterName, RowGaugeName, RowNames


_TASK: Final = ("task", "tenant")
_MODEL: Final = (*_TASK, "model")

MODEL_METRICS: Final = (
    Metric(
        "cardcue_model_examples_total",
        "row counter",
        "1",
        _MODEL,
        "Exposures that a model has learnt from: contacts, and those kept back by its control.",
    ),
    Metric(
        "cardcue_model_conversions_total",
        "row counter",
        "1",
        _MODEL,
        "Conversions that a model has learnt from.",
    ),
    Metric(
        "cardcue_model_set_aside_total",
        "row counter",
        "records",
        (*_MODEL, "reason"),
        "What taught nothing or was not judged: unmatched, refused, late, corrected.",
    ),
    Metric(
        "cardcue_model_snapshots_total",
        "row counter",
        "1",
        (*_MODEL, "reason"),
        "Published into the journal: snapshots defined, learnt, rolled_back, fallen_back; choice of"
        " a campaign (its id in the model's place); segments of a bank.",
    ),
    Metric(
        "cardcue_model_alarms_total",
        "row counter",
        "1",
        (*_MODEL, "kind"),
        "Alarms: SHIFT and WORSE of a cohort, SCORES and LOSSES of single records.",
    ),
    Metric(
        "cardcue_model_ignored_total",
        "row counter",
        "records",
        (*_TASK, "reason"),
        "Definitions and settings of models that changed nothing.",
    ),
    Metric(
        "cardcue_model_passed_total",
        "row counter",
        "records",
        _TASK,
        "Exposures and outcomes of campaigns without a model.",
    ),
    Metric(
        "cardcue_option_contacts_total",
        "row counter",
        "1",
        (*_TASK, "campaign"),
        "Contacts whose window is over, by which a campaign's options are counted.",
    ),
    Metric(
        "cardcue_customers_observed_total",
        "row counter",
        "1",
        _TASK,
        "Customers seen at a bill, by whom a bank's segments are learnt.",
    ),
    Metric(
        "cardcue_model_quality",
        "row gauge",
        "1",
        (*_MODEL, "figure"),
        "Quality over the cohorts judged so far: loss, average_loss, previous_loss, auc,"
        " within_auc, top, calibration_error.",
    ),
)
"""In the order of docs/learning.md 5."""

SET_ASIDE: Final = frozenset({"unmatched", "refused", "late", "corrected"})

COUNTERS: Final[Mapping[str, RowCounterName | RowGaugeName]] = {
    "learnt": "cardcue_model_examples_total",
    "converted": "cardcue_model_conversions_total",
    "published": "cardcue_model_snapshots_total",
    "alarm": "cardcue_model_alarms_total",
    "ignored": "cardcue_model_ignored_total",
    "passed": "cardcue_model_passed_total",
    "quality": "cardcue_model_quality",
    "chosen": "cardcue_option_contacts_total",
    "observed": "cardcue_customers_observed_total",
}
"""First part of a count's key -> its metric; what is set aside has its kind as a label."""

MODEL_ROWS: Final = RowNames(COUNTERS, SET_ASIDE, "cardcue_model_set_aside_total")
