"""
Name why a candidate was not sent: one table from reason code to the gate that gives it.

The gates are asked in the order of `GATES`; the first that fails is the reason (SEMANTICS O2).
"""

from typing import Final, Literal, NamedTuple


Gate = Literal[
    "eligibility",
    "applicability",
    "suitability",
    "stop",
    "consent",
    "personalisation",
    "standing",
    "caps",
    "worth",
    "arbitration",
    "experiment",
    "truth",
]
"""What a candidate is asked; `truth` is what an event shows later about a contact."""

GATES: Final[tuple[Gate, ...]] = (
    "eligibility",
    "applicability",
    "suitability",
    "stop",
    "consent",
    "personalisation",
    "standing",
    "caps",
    "worth",
    "arbitration",
    "experiment",
    "truth",
)

ReasonCode = Literal[
    "",
    "NOT_ELIGIBLE",
    "NOT_APPLICABLE",
    "NOT_SUITABLE",
    "RULE_ERROR",
    "TENANT_PAUSED",
    "KILL_SWITCH",
    "NO_CONSENT",
    "OPTED_OUT",
    "PERSONALISATION_OFF",
    "RISK_FLAG",
    "OPEN_CASE",
    "OVERDUE",
    "CAP_CAMPAIGN",
    "CAP_GLOBAL",
    "NOT_WORTH",
    "LOST_ARBITRATION",
    "HOLDOUT",
    "CONTROL",
    "LATE_TRUTH",
    "DELIVERED_AFTER_RELEASE",
]
"""Why a candidate was not sent, or why a correction was made; "" for one that was sent."""


class Reason(NamedTuple):
    """The gate that gives a reason code, and what it says in words."""

    gate: Gate
    meaning: str


REASONS: Final[dict[ReasonCode, Reason]] = {
    "NOT_ELIGIBLE": Reason("eligibility", "the customer or the card must not be contacted"),
    "NOT_APPLICABLE": Reason("applicability", "there is nothing to say about this now"),
    "NOT_SUITABLE": Reason("suitability", "it would not serve this customer"),
    "RULE_ERROR": Reason("eligibility", "a clause could not be computed, so it counts as not met"),
    "TENANT_PAUSED": Reason("stop", "the bank has stopped all contacts"),
    "KILL_SWITCH": Reason("stop", "the campaign is stopped"),
    "NO_CONSENT": Reason("consent", "the customer has not agreed"),
    "OPTED_OUT": Reason("consent", "the customer has opted out"),
    "PERSONALISATION_OFF": Reason("personalisation", "the customer wants no personal offers"),
    "RISK_FLAG": Reason("standing", "a risk flag is up"),
    "OPEN_CASE": Reason("standing", "a complaint or another case is open"),
    "OVERDUE": Reason("standing", "a bill is overdue"),
    "CAP_CAMPAIGN": Reason("caps", "the campaign has made all the contacts that it may"),
    "CAP_GLOBAL": Reason("caps", "the customer has had all the contacts that the bank allows"),
    "NOT_WORTH": Reason("worth", "the contact would cost more than it may bring"),
    "LOST_ARBITRATION": Reason("arbitration", "another offer is worth more to the customer"),
    "HOLDOUT": Reason("experiment", "the customer is in the bank's holdout"),
    "CONTROL": Reason("experiment", "the customer is in the campaign's control group"),
    "LATE_TRUTH": Reason("truth", "what came late shows that the contact was not due"),
    "DELIVERED_AFTER_RELEASE": Reason("truth", "it was delivered after a report that it was not"),
}
"""Every reason code but "" to its gate; a clause of any stage may give RULE_ERROR."""
