"""
Show one worked example of every shape: one customer of one bank, from issue to repayment.

The AsyncAPI document and the JSON Schemas print these; golden bytes in `tests/golden` pin them.
A card is issued on 2 March, not activated for 72 hours, nudged, then activated, bound and used.
"""

from typing import Final

from msgspec import Struct

from schemas import campaign, events
from schemas.decisions import Decision, Trigger
from schemas.journal import Progress, Tick


TENANT: Final = "demo"
CUSTOMER: Final = "c-1"
CARD: Final = "k-1"
TRIGGER_ID: Final = "dcccd924-13be-86d0-9207-a6436914fecf"
DECISION_ID: Final = "3c3017af-7669-827d-b1d3-3902d64e5e4e"
POLICY_HASH: Final = "f71d566c8204291fa1d7c993e98fca85bbfa077a09c4e83ce8793487f08a274a"


class WorkedEvent(Struct, frozen=True):
    """An event's id, its time as upstream writes it and as we keep it, and its own fields."""

    event_id: str
    occurred_at: str
    occurred_at_ms: int
    content: events.AnyEvent


CAMPAIGN: Final = campaign.Campaign(
    id="activation_nudge",
    version=1,
    tenant=TENANT,
    title="Activate your new card",
    owner="card-lifecycle",
    stage="activate",
    trigger_type="activation_nudge",
    message_class="marketing",
    purpose="marketing",
    entry=campaign.AbsenceEntry(after="card.issued", without="card.activated"),
    occurrence="card",
    steps=(
        campaign.Step(id="first", delay_ms=259_200_000),
        campaign.Step(id="second", delay_ms=604_800_000),
    ),
    treatment=campaign.Treatment(channel="sms", template_id="activation-nudge", template_version=1),
    exit_on=("card.activated",),
    caps=(
        campaign.Cap(scope="campaign", count=2, window_ms=2_592_000_000),
        campaign.Cap(scope="all", count=3, window_ms=604_800_000),
    ),
    priority=60,
)

EVENTS: Final = {
    "card.issued": WorkedEvent(
        "iss-1",
        "2026-03-02T09:15:00+08:00",
        1_772_414_100_000,
        events.CardIssued(card_token=CARD, product_code="gold"),
    ),
    "card.activated": WorkedEvent(
        "act-1",
        "2026-03-05T20:00:00+08:00",
        1_772_712_000_000,
        events.CardActivated(card_token=CARD, entry_channel="app"),
    ),
    "wallet.bound": WorkedEvent(
        "bind-1",
        "2026-03-05T20:05:30.250+08:00",
        1_772_712_330_250,
        events.WalletBound(card_token=CARD, wallet="wechat"),
    ),
    "txn.posted": WorkedEvent(
        "txn-1",
        "2026-03-06T12:30:00Z",
        1_772_800_200_000,
        events.TxnPosted(
            txn_id="t-1", card_token=CARD, amount_minor=25_990, currency="CNY", mcc="5411"
        ),
    ),
    "txn.reversed": WorkedEvent(
        "rev-1",
        "2026-03-07T08:00:00Z",
        1_772_870_400_000,
        events.TxnReversed(
            txn_id="t-1", card_token=CARD, amount_minor=5_990, currency="CNY", reason="refund"
        ),
    ),
    "statement.issued": WorkedEvent(
        "stmt-1",
        "2026-04-01T00:00:00+08:00",
        1_774_972_800_000,
        events.StatementIssued(
            statement_id="s-1",
            card_token=CARD,
            total_due_minor=320_000,
            min_due_minor=32_000,
            currency="CNY",
            due_date="2026-04-20",
            instalment_eligible=True,
        ),
    ),
    "repayment.received": WorkedEvent(
        "pay-1",
        "2026-04-10T10:00:00+08:00",
        1_775_786_400_000,
        events.RepaymentReceived(
            repayment_id="r-1",
            card_token=CARD,
            amount_minor=320_000,
            currency="CNY",
            statement_id="s-1",
        ),
    ),
    "consent.changed": WorkedEvent(
        "con-1",
        "2026-03-02T09:16:00+08:00",
        1_772_414_160_000,
        events.ConsentChanged(
            purpose="marketing", channel="sms", status="granted", evidence_ref="form-7"
        ),
    ),
    "delivery.receipt": WorkedEvent(
        "rcpt-1",
        "2026-03-05T09:20:05+08:00",
        1_772_673_605_000,
        events.DeliveryReceipt(
            receipt_id="g-1",
            trigger_id=TRIGGER_ID,
            channel="sms",
            status="delivered",
            raw_status="DELIVRD",
        ),
    ),
    "policy.published": WorkedEvent(
        "pol-1",
        "2026-03-01T00:00:00Z",
        1_772_323_200_000,
        events.PolicyPublished(campaign=CAMPAIGN, policy_hash=POLICY_HASH, author="li.wei"),
    ),
    "kill_switch.set": WorkedEvent(
        "kill-1",
        "2026-03-20T06:00:00Z",
        1_773_986_400_000,
        events.KillSwitchSet(
            engaged=True, campaign_id="activation_nudge", reason="wrong rate in the wording"
        ),
    ),
    "tenant.configured": WorkedEvent(
        "conf-1",
        "2026-03-01T00:00:01Z",
        1_772_323_201_000,
        events.TenantConfigured(live_from_ms=1_772_323_200_000),
    ),
    "history.ended": WorkedEvent(
        "end-1", "2026-03-01T00:00:00Z", 1_772_323_200_000, events.HistoryEnded()
    ),
}
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
