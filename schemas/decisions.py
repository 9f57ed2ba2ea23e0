"""
Define what comes out: triggers for the gateways and the record of every decision.

A decision record exists for sends and non-sends alike; a trigger exists only for a send.
"""

from typing import Literal

from msgspec import Struct


Verdict = Literal["sent", "suppressed", "shadow", "invalidated", "cap_overrun"]
"""What became of a candidate; `invalidated` corrects an earlier send when late truth arrives."""

ReasonCode = Literal[
    "",
    "NO_CONSENT",
    "OPTED_OUT",
    "CAP_CAMPAIGN",
    "CAP_GLOBAL",
    "NOT_ELIGIBLE",
    "RISK_FLAG",
    "OPEN_CASE",
    "OVERDUE",
    "NOT_APPLICABLE",
    "LOST_ARBITRATION",
    "KILL_SWITCH",
    "TENANT_PAUSED",
    "LATE_TRUTH",
    "DELIVERED_AFTER_RELEASE",
]
"""Why a candidate was not sent, or why a correction was made."""


class Trigger(Struct, frozen=True, kw_only=True):
    """
    A request to a gateway to contact one customer once (`trigger.requested.v1`).

    `trigger_id` is derived from its cause (SEMANTICS B1) and is the idempotency key: a gateway
    that remembers ids sends once. Times are epoch milliseconds UTC. No personal data: the
    gateway resolves `customer_token`.
    """

    v: int = 1
    trigger_id: str
    idempotency_key: str
    decision_id: str
    tenant: str
    customer_token: str
    card_token: str
    trigger_type: str
    message_class: str
    purpose: str
    consent_ref: str
    campaign_id: str
    policy_version: int
    policy_hash: str
    step: str
    channel: str
    template_id: str
    template_version: int
    variables: dict[str, str | int]
    issued_at_ms: int
    not_before_ms: int
    expires_at_ms: int
    priority: int
    on_unknown: Literal["drop", "retry_same_key"]


class Decision(Struct, frozen=True, kw_only=True):
    """
    Why one candidate was sent or not (`decision.recorded.v1`).

    `features` are integers with their unit in the name, as of `decided_at_ms`; `cap_count` is
    the number of counting contacts in the tightest binding window before this decision.
    """

    v: int = 1
    decision_id: str
    trigger_id: str
    tenant: str
    customer_token: str
    card_token: str
    campaign_id: str
    policy_version: int
    policy_hash: str
    step: str
    occurrence_key: str
    verdict: Verdict
    reason_code: ReasonCode
    decided_at_ms: int
    cause_event_id: str
    consent_ref: str
    cap_count: int
    features: dict[str, int]
