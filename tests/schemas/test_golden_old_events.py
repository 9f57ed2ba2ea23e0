"""
Yesterday's events still decode: an event without its newest fields reads as if they said nothing.

The lines of `tests/golden/yesterday/journal.jsonl` are frozen.
"""

from datetime import date

import pytest
from msgspec.structs import replace

from schemas import codec
from schemas.events import (
    AnyEvent,
    CardIssued,
    ConsentChanged,
    DeliveryReceipt,
    PolicyPublished,
    RepaymentReceived,
    StatementIssued,
    TenantConfigured,
    TxnPosted,
)
from schemas.examples import CAMPAIGN, EVENTS
from schemas.forms import journaled
from tests.schemas.golden import golden_lines


CARD = "k-1"

# What the events said before they had the fields that they have today, line by line.
OLD_EVENTS: tuple[AnyEvent, ...] = (
    CardIssued(card_token=CARD, product_code="gold", issue_type="new", activate_by=None),
    TxnPosted(
        txn_id="t-1",
        card_token=CARD,
        amount_minor=25_990,
        currency="CNY",
        mcc="5411",
        customer_initiated=True,
        auth_id="",
        posted_date=None,
        scene="",
        mode="",
        merchant_token="",
    ),
    StatementIssued(
        statement_id="s-1",
        card_token=CARD,
        total_due_minor=320_000,
        min_due_minor=32_000,
        currency="CNY",
        due_date=date(2026, 4, 20),  # a text until it became a date
        instalment_eligible=True,
        cycle_start=None,
        cycle_end=None,
    ),
    RepaymentReceived(
        repayment_id="r-1",
        card_token=CARD,
        amount_minor=320_000,
        currency="CNY",
        statement_id="s-1",
        method="",
    ),
    ConsentChanged(
        purpose="marketing",
        channel="sms",
        status="granted",
        evidence_ref="form-7",
        effective_at=None,
    ),
    DeliveryReceipt(
        receipt_id="g-1",
        trigger_id="dcccd924-13be-86d0-9207-a6436914fecf",
        channel="sms",
        status="delivered",
        attempt=1,
        raw_status="DELIVRD",
        gateway_msg_id="",
        segment_count=0,
        cost_minor=0,
    ),
    PolicyPublished(
        campaign=CAMPAIGN,  # its steps had no `lead_ms`
        policy_hash="f71d566c8204291fa1d7c993e98fca85bbfa077a09c4e83ce8793487f08a274a",
        author="li.wei",
    ),
    TenantConfigured(
        live_from_ms=1_772_323_200_000,
        time_zone="Asia/Shanghai",
        holdout_bp=500,
        holdout_salt="2026",
        version=0,
        signing_keys=(),
        signatures=(),
    ),
    PolicyPublished(
        campaign=CAMPAIGN,  # no rule at entry, no local hours, no dates
        policy_hash="ca3e8a95aababba77348afd2d7ffea10f717d0a00970c6b1f679ca73f330b0fc",
        author="li.wei",
    ),
    # no treatment in a second channel, no variables, no offer
    EVENTS["policy.published"].content,
    # no model
    EVENTS["policy.published"].content,
    # no guardrails, no choice
    EVENTS["policy.published"].content,
    # no money, nothing that pools
    EVENTS["tenant.configured"].content,
)


@pytest.mark.parametrize("number", range(len(OLD_EVENTS)))
def test_yesterdays_event_still_decodes(number: int) -> None:
    """An event that was journaled before its last fields existed reads as if they said nothing."""
    lines = golden_lines("yesterday/journal.jsonl")
    event = OLD_EVENTS[number]
    expected = journaled(event.__struct_config__.tag)

    assert len(OLD_EVENTS) == len(lines)
    assert replace(expected, record=event) == codec.decode_envelope(lines[number])
