"""Say what the fields mean that tell what a contact is worth, and what came of it."""

from typing import Final


WORTH_AND_OUTCOME: Final = {
    "propensity_ppm": "How likely the customer is to respond",
    "propensity_from": "Where the propensity comes from",
    "value_minor": "What a response is worth",
    "lever_percent": "The owner's weight of the campaign",
    "contact_cost_minor": "What a contact costs",
    "worth_micro": "Propensity x value x lever - contact cost, in millionths of a minor unit",
    "arm": "The customer's arm of the experiment; empty where none was reached",
    "arm_ppm": "Share of customers in that arm",
    "features": "What the decision looked at, each number with its unit in its name",
    "cancellation_id": "This cancellation",
    "cancelled_at_ms": "When the house took it back, in journal time",
    "TriggerCancelled.reason_code": "Why it is taken back",
    "exposure_id": "The exposure: one for each trigger that is measured, sent or kept back",
    "stage": "The lifecycle stage of the campaign",
    "closes_at_ms": "Until when what happens counts, in event time",
    "conversion_on": "The type of event that converts",
    "outcome_id": "This outcome",
    "sequence": "Which outcome of the exposure it is, from 1; the greatest counts",
    "label": "1 converted, 0 not; null where nothing may be learnt from it",
    "OutcomeRecorded.reason": "Why it has this label from now on",
    "delivery": "What the gateway had said of the contact by then",
    "OutcomeRecorded.value_minor": "What the conversion brought",
    "OutcomeRecorded.currency": "The currency of that value; empty where there is none",
    "OutcomeRecorded.occurred_at_ms": "When that happened, in event time; 0 where only time passed",
    "closed_at_ms": "When the outcome was known, in journal time",
    "OutcomeRecorded.cause": "The journal record at which the outcome was known",
}
"""Part of `schemas.meanings.MEANINGS`."""
