"""
Show one worked example of every shape: one customer of one bank, from application to erasure.

The AsyncAPI document and the JSON Schemas print these; golden bytes in `tests/golden` pin them.
Whom they are about is in `schemas.story`, the events in the three modules beside it.
"""

from typing import Final

from schemas.decisions import (
    CapReading,
    Cause,
    Considered,
    Decision,
    GateReading,
    OfferGrantRequested,
    Trigger,
    TriggerCancelled,
)
from schemas.journal import Progress, Tick
from schemas.learning import Head, ModelPublished
from schemas.outcomes import CardMoved, ExposureOpened, ModelTold, OutcomeRecorded
from schemas.story import (
    CAMPAIGN,
    CARD,
    CUSTOMER,
    DECISION_ID,
    MODEL,
    POLICY_HASH,
    TAUGHT,
    TENANT,
    TRIGGER_ID,
    WorkedEvent,
)
from schemas.story_card import CARD_EVENTS
from schemas.story_control import CONTROL_EVENTS
from schemas.story_customer import CUSTOMER_EVENTS


__all__ = [
    "CAMPAIGN",
    "CANCELLED",
    "CUSTOMER",
    "DECISION",
    "EVENTS",
    "EXPOSURE",
    "GRANT",
    "MOVED",
    "OUTCOME",
    "PROGRESS",
    "SNAPSHOT",
    "TENANT",
    "TICK",
    "TOLD",
    "TRIGGER",
    "WorkedEvent",
]

EVENTS: Final = CARD_EVENTS | CUSTOMER_EVENTS | CONTROL_EVENTS
"""Event type to its example."""

TICK: Final = Tick(now_at_ms=1_772_673_300_123, watermark_at_ms=1_772_673_299_000)

PROGRESS: Final = Progress(
    task=0,
    task_count=2,
    claims={"demo": 1_772_673_299_000, "hill": None},
    tenants=("demo", "hill"),
    backfill=("hill",),
)

TRIGGER: Final = Trigger(
    trigger_id=TRIGGER_ID,
    idempotency_key=TRIGGER_ID,
    decision_id=DECISION_ID,
    tenant=TENANT,
    customer_token=CUSTOMER,
    card_token=CARD,
    trigger_type="activation_nudge",
    message_class="marketing",
    purpose="marketing",
    consent_ref="con-1",
    campaign_id="activation_nudge",
    policy_version=1,
    policy_hash=POLICY_HASH,
    step="first",
    channel="sms",
    template_id="activation-nudge",
    template_version=1,
    variables={},
    issued_at_ms=1_772_673_300_123,
    not_before_ms=1_772_673_300_123,
    expires_at_ms=1_772_715_600_000,
    priority=60,
    on_unknown="drop",
    arm="default",
    sender_profile="marketing",
)

DECISION: Final = Decision(
    decision_id=DECISION_ID,
    tenant=TENANT,
    customer_token=CUSTOMER,
    decided_at_ms=1_772_673_300_123,
    cause=Cause(
        event_type="tick",
        event_id=f"tick-{TENANT}-1772673300123-1772673300123",
        event_source="cardcue/clock",
    ),
    shadow=False,
    calendar="cn_mainland|1",
    contact_policy="cautious|1",
    chosen=(TRIGGER_ID,),
    candidates=(
        Considered(
            trigger_id=TRIGGER_ID,
            campaign_id="activation_nudge",
            policy_version=1,
            policy_hash=POLICY_HASH,
            card_token=CARD,
            occurrence_key="k-1|5ff4ffbdfcad86e2",
            step="first",
            channel="sms",
            message_class="marketing",
            entry_event_id="iss-1",
            entered_at_ms=1_772_414_100_000,
            verdict="sent",
            reason_code="",
            gates=(
                GateReading(gate="eligibility"),
                GateReading(gate="applicability"),
                GateReading(gate="suitability"),
                GateReading(gate="stop"),
                GateReading(gate="consent"),
                GateReading(gate="personalisation"),
                GateReading(gate="content"),
                GateReading(gate="standing"),
                GateReading(gate="quiet"),
                GateReading(gate="spacing"),
                GateReading(gate="caps"),
                GateReading(gate="worth", saw={"worth_micro": 0}),
                GateReading(gate="arbitration", saw={"competing_count": 1}),
                GateReading(
                    gate="experiment",
                    saw={"bucket": 0, "first_bucket": 0, "end_bucket": 10_000},
                ),
            ),
            consent_ref="con-1",
            caps=(
                CapReading(
                    scope="campaign",
                    window_ms=2_592_000_000,
                    count_max=2,
                    count_before=0,
                    count_after=1,
                ),
            ),
            priority=60,
            propensity_from="base_rate",
            lever_percent=100,
            arm="default",
            arm_ppm=1_000_000,
            features={"waited_ms": 259_200_123},
        ),
    ),
    digest="7fa9354d4cbbc859dc943799945f7a38ed0ca849c7a55d287fcfc85ebb9b2746",
)

CANCELLED: Final = TriggerCancelled(
    cancellation_id="6f4b27fe-85a5-8074-b66d-13ca9a2be54d",
    trigger_id=TRIGGER_ID,
    tenant=TENANT,
    customer_token=CUSTOMER,
    campaign_id="activation_nudge",
    channel="sms",
    reason_code="EXITED",
    cancelled_at_ms=1_772_712_000_400,
)

EXPOSURE: Final = ExposureOpened(
    exposure_id="2bee16db-dfa4-82de-99c8-d8e30e774207",
    tenant=TENANT,
    customer_token=CUSTOMER,
    trigger_id=TRIGGER_ID,
    decision_id=DECISION_ID,
    campaign_id="activation_nudge",
    policy_version=1,
    policy_hash=POLICY_HASH,
    stage="activate",
    step="first",
    message_class="marketing",
    verdict="sent",
    arm="default",
    arm_ppm=1_000_000,
    channel="sms",
    decided_at_ms=1_772_673_300_123,
    closes_at_ms=1_773_278_100_123,
    conversion_on="card.activated",
    propensity_ppm=0,
    propensity_from="base_rate",
    features={"waited_ms": 259_200_123},
    is_first=True,
    shares_ppm={"default": 1_000_000},
    holdout_ppm=50_000,
)

OUTCOME: Final = OutcomeRecorded(
    outcome_id="19f96d75-e7f9-847f-98a2-51ece4831d18",
    exposure_id="2bee16db-dfa4-82de-99c8-d8e30e774207",
    sequence=1,
    tenant=TENANT,
    customer_token=CUSTOMER,
    trigger_id=TRIGGER_ID,
    campaign_id="activation_nudge",
    policy_version=1,
    arm="default",
    arm_ppm=1_000_000,
    label=1,
    reason="converted",
    delivery="unknown",
    value_minor=0,
    currency="",
    decided_at_ms=1_772_673_300_123,
    closes_at_ms=1_773_278_100_123,
    occurred_at_ms=1_772_712_000_000,
    closed_at_ms=1_772_712_000_400,
    cause=Cause(event_type="card.activated", event_id="act-1", event_source="card.activation.v1"),
)

GRANT: Final = OfferGrantRequested(
    reservation_id="9b2392c8-dac7-8e38-a9de-8421ab91ceca",
    offer_id="spring_gift",
    offer_version=1,
    tenant=TENANT,
    customer_token=CUSTOMER,
    card_token=CARD,
    trigger_id="91a0f52b-f5e6-8c6c-93de-83e8499e3b62",
    campaign_id="win_back",
    policy_version=2,
    requested_at_ms=1_777_600_800_000,
    expires_at_ms=1_778_810_400_000,
)
"""Two months on, the customer has bought nothing more and is promised a gift."""

TOLD: Final = ModelTold(
    told_id="40ff49d1-1f6c-8675-81a3-eaa705b2b709",
    tenant=TENANT,
    model_id="activation",
    told_at_ms=1_772_323_207_500,
    record=EVENTS["model.defined"].content,  # type: ignore[arg-type]  # this event's own shape
    cause=Cause(event_type="model.defined", event_id="mod-1", event_source="marketing.control.v1"),
)

MOVED: Final = CardMoved(
    moved_id="c215761e-92ac-8ed6-84ef-c3d1de27d9de",
    tenant=TENANT,
    customer_token=CUSTOMER,
    before="issued",
    after="issued+activated",
    reached="activated",
    waited_ms=297_900_000,
    occurred_at_ms=1_772_712_000_000,
    moved_at_ms=1_772_712_001_500,
)

SNAPSHOT: Final = ModelPublished(
    model=MODEL,
    sequence=1,
    reason="defined",
    contact=TAUGHT,
    control=Head(intercept=-3.75, weights=(0.0, 0.0, 0.0, 0.0)),
)
"""What decides from then on; the control begins near the base rate, as nobody has taught it."""
