"""
Show one worked example of every shape: one customer of one bank, from application to erasure.

The AsyncAPI document and the JSON Schemas print these; golden bytes in `tests/golden` pin them.
Whom they are about is in `schemas.story`, the events in the two modules beside it.
"""

from typing import Final

from schemas.decisions import Decision, Trigger
from schemas.journal import Progress, Tick
from schemas.story import (
    CAMPAIGN,
    CARD,
    CUSTOMER,
    DECISION_ID,
    POLICY_HASH,
    TENANT,
    TRIGGER_ID,
    WorkedEvent,
)
from schemas.story_card import CARD_EVENTS
from schemas.story_customer import CUSTOMER_EVENTS


__all__ = [
    "CAMPAIGN",
    "CUSTOMER",
    "DECISION",
    "EVENTS",
    "PROGRESS",
    "TENANT",
    "TICK",
    "TRIGGER",
    "WorkedEvent",
]

EVENTS: Final = CARD_EVENTS | CUSTOMER_EVENTS
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
    expires_at_ms=1_772_759_700_123,
    priority=60,
    on_unknown="drop",
)

DECISION: Final = Decision(
    decision_id=DECISION_ID,
    trigger_id=TRIGGER_ID,
    tenant=TENANT,
    customer_token=CUSTOMER,
    card_token=CARD,
    campaign_id="activation_nudge",
    policy_version=1,
    policy_hash=POLICY_HASH,
    step="first",
    occurrence_key="k-1|5ff4ffbdfcad86e2",
    verdict="sent",
    reason_code="",
    decided_at_ms=1_772_673_300_123,
    cause_event_id="iss-1",
    consent_ref="con-1",
    cap_count=0,
    features={"waited_ms": 259_200_123},
)
