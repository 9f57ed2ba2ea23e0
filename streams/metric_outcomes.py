"""Say what lifecycle counts of exposures and of what they come to (docs/core.md 3.12, 3.17)."""

from typing import Final

from streams.metric_names import Metric


_CAMPAIGN: Final = ("task", "tenant", "campaign")

OUTCOME_METRICS: Final = (
    Metric(
        "cardcue_exposures_total",
        "row counter",
        "1",
        (*_CAMPAIGN, "verdict"),
        "Decisions whose effect is measured, contacted or kept back.",
    ),
    Metric(
        "cardcue_outcomes_total",
        "row counter",
        "1",
        (*_CAMPAIGN, "reason"),
        "Outcomes of exposures; late_conversion, reversed and invalidated correct earlier ones.",
    ),
    Metric(
        "cardcue_exposures_settled_total",
        "row counter",
        "1",
        (*_CAMPAIGN, "label"),
        "Exposures whose window has closed: label 1 converted, 0 not, null had to make room.",
    ),
    Metric(
        "cardcue_experiments_refused_total",
        "row counter",
        "1",
        ("task", "tenant"),
        "Exposures that count in no effect: the customer is in as many experiments as a row holds.",
    ),
    Metric(
        "cardcue_objections_total",
        "row counter",
        "1",
        (*_CAMPAIGN, "kind"),
        "Objections of those contacted: opt_out, complaint, failure.",
    ),
)
"""In the order in which they are told."""
