"""
Define what comes out: triggers for the gateways and the record of every occasion.

A decision record tells of all candidates of an occasion, sent or not; a trigger exists only for
a send.
"""

from typing import Literal

from msgspec import Struct

from schemas.campaign import CapScope
from schemas.reasons import Gate, ReasonCode


Verdict = Literal[
    "sent", "suppressed", "deferred", "control", "held_out", "shadow", "invalidated", "cap_overrun"
]
"""
What became of a candidate; the last two correct an earlier send when late truth arrives.

`deferred` is decided anew, in full, once quiet hours are over (SEMANTICS O5).
"""


FeatureValue = bool | int | str | tuple[str, ...] | dict[str, int | str]
"""What a feature may be; integers have their unit in the feature's name."""


PropensityFrom = Literal["", "base_rate", "evidence", "model", "uplift", "counts"]
"""
Where a propensity comes from: the campaign's base rate, that because a model has too little
evidence, p(contact), p(contact) - p(control) (SEMANTICS O2), or what an option has brought.
"""


class Trigger(Struct, frozen=True, kw_only=True):
    """
    A request to a gateway to contact one customer once (`trigger.requested.v1`).

    `trigger_id` is derived from its cause (SEMANTICS B1) and is the idempotency key: a gateway
    that remembers ids sends once. Times are epoch milliseconds UTC. No personal data: the
    gateway resolves `customer_token`. `slot` is the treatment's place in the order of channels
    (SEMANTICS C2), `sender_profile` by which signature and port to send. A contact that promises
    an offer names it, with the grant that was asked for and until when that holds.
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
    arm: str = ""
    slot: int = 0
    sender_profile: str = ""
    offer_id: str = ""
    reservation_id: str = ""
    reservation_expires_at_ms: int = 0


CancelReason = Literal[
    "LATE_TRUTH",
    "NOT_ELIGIBLE",
    "NO_CONSENT",
    "OPTED_OUT",
    "RISK_FLAG",
    "NO_INVENTORY",
    "EXITED",
]
"""Why a trigger that went out is taken back; all but `EXITED` are reasons not to send as well."""


class TriggerCancelled(Struct, frozen=True, kw_only=True):
    """
    A trigger is taken back, if it is not too late (`trigger.cancelled.v1`).

    It follows the trigger in the same topic and partition, once. What became of it, the gateway's
    receipt says: `cancelled` or `too_late`.
    """

    v: int = 1
    cancellation_id: str
    trigger_id: str
    tenant: str
    customer_token: str
    campaign_id: str
    channel: str
    reason_code: CancelReason
    cancelled_at_ms: int


class OfferGrantRequested(Struct, frozen=True, kw_only=True):
    """
    A contact that goes out promises a unit of an offer (`offer.grant_requested.v1`).

    Once for each `reservation_id`, which is derived from the trigger's. The offer system answers
    with `offer.result`; until `expires_at_ms` the grant may be redeemed.
    """

    v: int = 1
    reservation_id: str
    offer_id: str
    offer_version: int
    tenant: str
    customer_token: str
    card_token: str
    trigger_id: str
    campaign_id: str
    policy_version: int
    requested_at_ms: int
    expires_at_ms: int


class GateReading(Struct, frozen=True, kw_only=True):
    """
    What one gate said of a candidate, with the numbers that it saw.

    `reason_code` "" means that it let the candidate pass. `clause` is the policy's clause that
    failed, "" where the gate is the house's own.
    """

    gate: Gate
    reason_code: ReasonCode = ""
    clause: str = ""
    saw: dict[str, int] = {}


class CapReading(Struct, frozen=True, kw_only=True):
    """One cap of the policy: contacts in its window before the decision and after it."""

    scope: CapScope
    window_ms: int
    count_max: int
    count_before: int
    count_after: int


class Considered(Struct, frozen=True, kw_only=True):
    """
    One candidate of an occasion, and what became of it.

    `trigger_id` is that of the trigger that it is, or would have been. `gates` are those that
    were asked, in their order, the last of them the one that failed if one did. `worth_micro` is
    propensity x value x lever - contact cost, in millionths of the tenant's minor unit, where an
    option was drawn the mean over the draw; `arm` "" means that no experiment was reached,
    `arm_ppm` is its share. `features` are as of the decision, each with its unit in its name.
    `slot` is the treatment's place in the order of channels; a fallback `follows` the trigger of
    the contact that was decided at `reserved_at_ms` and not made (SEMANTICS C2). `model` is
    `id|version|sequence` of the snapshot that gave both scores, "" where none was asked;
    `contributions` are the inputs that moved the score of the contact most, in millionths of
    log-odds. `option` was drawn with `option_ppm` from `options_ppm`, or is the one of which a
    refusal tells, with 0 and none; "" where there was no choice
    (docs/core.md 3.19).
    """

    trigger_id: str
    campaign_id: str
    policy_version: int
    policy_hash: str
    card_token: str
    occurrence_key: str
    step: str
    channel: str
    message_class: str
    entry_event_id: str
    entered_at_ms: int
    verdict: Verdict
    reason_code: ReasonCode
    clause: str = ""
    gates: tuple[GateReading, ...] = ()
    consent_ref: str = ""
    caps: tuple[CapReading, ...] = ()
    priority: int = 0
    propensity_ppm: int = 0
    propensity_from: PropensityFrom = ""
    value_minor: int = 0
    lever_percent: int = 0
    contact_cost_minor: int = 0
    worth_micro: int = 0
    arm: str = ""
    arm_ppm: int = 0
    features: dict[str, FeatureValue] = {}
    slot: int = 0
    offer_id: str = ""
    follows: str = ""
    reserved_at_ms: int = 0
    model: str = ""
    score_ppm: int = 0
    control_score_ppm: int = 0
    contributions: dict[str, int] = {}
    option: str = ""
    option_ppm: int = 0
    options_ppm: dict[str, int] = {}


class Cause(Struct, frozen=True, kw_only=True):
    """
    The journal record at which a decision was made.

    By its name and not by its place: a bank's neighbours on a shared topic must not change a byte
    (SEMANTICS N2).
    """

    event_type: str
    event_id: str
    event_source: str


class Decision(Struct, frozen=True, kw_only=True):
    """
    Why the candidates of one occasion were sent or not (`decision.recorded.v1`).

    An occasion is all candidates of one customer at one record or one tick (SEMANTICS O1);
    `chosen` are the trigger ids of those that were sent. `calendar` and `contact_policy` are those
    in force, `id|version`, "" for none. A correction is a decision of its own with one candidate.
    `digest` is the SHA-256 of the record's JSON in which `digest` is "", in
    hexadecimal.
    """

    v: int = 2
    decision_id: str
    tenant: str
    customer_token: str
    decided_at_ms: int
    cause: Cause
    shadow: bool
    calendar: str = ""
    contact_policy: str = ""
    chosen: tuple[str, ...]
    candidates: tuple[Considered, ...]
    digest: str
