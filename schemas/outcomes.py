"""
Define what is learnt from: whose decision's effect is measured, and what came of it.

An exposure opens at the decision, alike for those who are contacted and for those whom an
experiment keeps back (SEMANTICS E2); outcomes close and correct it (docs/core.md 3.12).
"""

from typing import Literal

from msgspec import Struct

from schemas.campaign import Guardrails
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

    `is_first`: the customer was never exposed in this experiment before, so an effect counts them
    by this exposure; False of a campaign's while they are held out. `shares_ppm` are the arms of
    the experiment with their shares of all who are not held out, `holdout_ppm` the share of those
    who are; money counts up to `value_cap_minor` of `currency` a customer, 0 where none is counted;
    `pools`: with other banks, as statistics.
    `option` is what was chosen among `options_ppm`, each with its probability, "" where nothing was
    (docs/core.md 3.17 to 3.19). Of a tenant's own exposure, which opens at the first occasion with
    advertising whatever its gates say, the verdict is `assigned` and the campaign "".
    Exposures of the campaign are told under up to `key_count` keys, by which the alpha of its
    guardrails is divided (docs/insight.md 4).
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
    verdict: Literal["sent", "control", "held_out", "assigned"]
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
    is_first: bool = False
    shares_ppm: dict[str, int] = {}
    holdout_ppm: int = 0
    value_cap_minor: int = 0
    currency: str = ""
    pools: bool = False
    guardrails: Guardrails | None = None
    option: str = ""
    option_ppm: int = 0
    options_ppm: dict[str, int] = {}
    key_count: int = 1


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
    option: str = ""
    option_ppm: int = 0


class ExposureSettled(Struct, frozen=True, kw_only=True):
    """
    What an exposure has come to at the end of its window (`exposure.settled.v1`).

    Once for each exposure, converted or not, when every source has been read past `closes_at_ms`:
    whoever adds these up counts every arm by the same clock. `label` null: it had to make room.
    `value_minor` is net, in `currency`. Later truth corrects the label for learning only.
    """

    v: int = 1
    settled_id: str
    exposure_id: str
    tenant: str
    customer_token: str
    trigger_id: str
    campaign_id: str
    policy_version: int
    arm: str
    arm_ppm: int
    is_first: bool
    pools: bool
    holdout_ppm: int
    label: Literal[0, 1] | None
    delivery: Literal["delivered", "not_sent", "unknown"]
    value_minor: int
    currency: str
    decided_at_ms: int
    closes_at_ms: int
    settled_at_ms: int
    model_id: str = ""
    score_ppm: int = 0
    option: str = ""
    option_ppm: int = 0


class ExposureFollowed(Struct, frozen=True, kw_only=True):
    """
    Whether a customer was still active, 30, 60 or 90 days on (`exposure.followed.v1`).

    `active`: a purchase within the 30 days up to `day` days after the decision.
    """

    v: int = 1
    followed_id: str
    exposure_id: str
    tenant: str
    customer_token: str
    campaign_id: str
    policy_version: int
    arm: str
    pools: bool
    holdout_ppm: int
    day: Literal[30, 60, 90]
    active: bool
    decided_at_ms: int
    followed_at_ms: int
    model_id: str = ""


Objection = Literal["opt_out", "complaint", "failure"]
"""What a contact is not to bring about; each has a bound that a campaign may declare."""


class ExposureObjected(Struct, frozen=True, kw_only=True):
    """
    Somebody contacted objects, or a gateway failed to deliver (`exposure.objected.v1`).

    Once a kind for each exposure, of whichever channel of its contact.
    """

    v: int = 1
    objected_id: str
    exposure_id: str
    tenant: str
    customer_token: str
    campaign_id: str
    policy_version: int
    arm: str
    objection: Objection
    decided_at_ms: int
    occurred_at_ms: int
    objected_at_ms: int
    model_id: str = ""


class CardMoved(Struct, frozen=True, kw_only=True):
    """
    A card is counted elsewhere in the funnel from now on (`card.moved.v1`).

    `before` and `after` are its milestones reached, joined by `+`, with `|gone` where it was lost
    or closed; "" for a card that is not counted (docs/core.md 3.18). `reached` is the milestone
    that it reached now, "" for none, after `waited_ms`, -1 where nobody knows.
    """

    v: int = 1
    moved_id: str
    tenant: str
    customer_token: str
    before: str
    after: str
    reached: str = ""
    waited_ms: int = -1
    occurred_at_ms: int
    moved_at_ms: int


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
