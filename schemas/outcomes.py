"""
Define what is learnt from: whose decision's effect is measured, and what came of it.

An exposure opens at the decision, alike for those who are contacted and for those whom an
experiment keeps back (SEMANTICS E2); outcomes close and correct it (docs/core.md 3.12).
"""

from typing import Literal

from msgspec import Struct

from schemas.decisions import Cause, FeatureValue, PropensityFrom
from schemas.events.control import ModelDefined, ModelSet


OutcomeReason = Literal[
    "converted", "not_converted", "late_conversion", "reversed", "invalidated", "evicted"
]
"""Why an exposure has its label from now on."""


class ExposureOpened(Struct, frozen=True, kw_only=True):
    """
    A decision whose effect is measured from now on (`exposure.opened.v1`).

    Everything that may be learnt from is frozen as the decision's record has it. `verdict` says
    whether the customer was contacted, `arm_ppm` how likely that arm was. `vector` is what the
    model looked at: float32 in the order of its inputs, little-endian; `score_ppm` the score of a
    contact by the snapshot `model_sequence`.
    """

    v: int = 1
    exposure_id: str
    tenant: str
    customer_token: str
    trigger_id: str
    decision_id: str
    campaign_id: str
    policy_version: int
    policy_hash: str
    stage: str
    step: str
    message_class: str
    verdict: Literal["sent", "control", "held_out"]
    arm: str
    arm_ppm: int
    channel: str
    decided_at_ms: int
    closes_at_ms: int
    conversion_on: str
    propensity_ppm: int
    propensity_from: PropensityFrom
    features: dict[str, FeatureValue]
    model_id: str = ""
    model_version: int = 0
    model_sequence: int = 0
    score_ppm: int = 0
    vector: bytes = b""


class OutcomeRecorded(Struct, frozen=True, kw_only=True):
    """
    What came of an exposure, or what has to be corrected about it (`outcome.recorded.v1`).

    The first of an exposure, `sequence` 1, closes it; the label of the greatest `sequence` counts.
    `label` null: nothing may be learnt from the exposure. `delivery` is what the gateway had said
    by then; a contact that was never made stays where it was assigned (intention to treat). Model,
    score and vector are those of the exposure.
    """

    v: int = 1
    outcome_id: str
    exposure_id: str
    sequence: int
    tenant: str
    customer_token: str
    trigger_id: str
    campaign_id: str
    policy_version: int
    arm: str
    arm_ppm: int
    label: Literal[0, 1] | None
    reason: OutcomeReason
    delivery: Literal["delivered", "not_sent", "unknown"]
    value_minor: int
    currency: str
    decided_at_ms: int
    closes_at_ms: int
    occurred_at_ms: int
    closed_at_ms: int
    cause: Cause
    model_id: str = ""
    model_version: int = 0
    model_sequence: int = 0
    score_ppm: int = 0
    vector: bytes = b""


class ModelTold(Struct, frozen=True, kw_only=True):
    """
    What the control plane says of a model, where learning reads it (`model.told.v1`).

    In the one topic that learning reads, so that the same log gives the same snapshots
    (SEMANTICS L1).
    """

    v: int = 1
    told_id: str
    tenant: str
    model_id: str
    told_at_ms: int
    record: ModelDefined | ModelSet
    cause: Cause
