"""Tell what happens to the card of `schemas.story`: from its application to its loss."""

from datetime import date, datetime
from typing import Final

from schemas import events
from schemas.story import CARD, LOCAL, MERCHANT, NEXT_CARD, WorkedEvent


CARD_EVENTS: Final = {
    "application.started": WorkedEvent(
        "app-1",
        "2026-02-24T20:10:00+08:00",
        1_771_935_000_000,
        events.ApplicationStarted(application_id="a-1", product_code="gold", entry_channel="app"),
    ),
    "application.submitted": WorkedEvent(
        "app-2",
        "2026-02-24T20:25:40+08:00",
        1_771_935_940_000,
        events.ApplicationSubmitted(application_id="a-1", product_code="gold"),
    ),
    "application.approved": WorkedEvent(
        "app-3",
        "2026-02-26T11:00:00+08:00",
        1_772_074_800_000,
        events.ApplicationApproved(
            application_id="a-1", product_code="gold", decision_path="automatic"
        ),
    ),
    "application.declined": WorkedEvent(
        "app-4",
        "2026-02-10T09:30:00+08:00",
        1_770_687_000_000,
        events.ApplicationDeclined(
            application_id="a-0", product_code="platinum", reason_class="income"
        ),
    ),
    "application.withdrawn": WorkedEvent(
        "app-5",
        "2026-05-20T18:00:00+08:00",
        1_779_271_200_000,
        events.ApplicationWithdrawn(application_id="a-2", product_code="travel"),
    ),
    "preapproval.granted": WorkedEvent(
        "pre-1",
        "2026-02-20T09:00:00+08:00",
        1_771_549_200_000,
        events.PreapprovalGranted(
            preapproval_id="pa-1",
            product_code="gold",
            valid_until=datetime(2026, 3, 31, 23, 59, 59, tzinfo=LOCAL),
        ),
    ),
    "card.issued": WorkedEvent(
        "iss-1",
        "2026-03-02T09:15:00+08:00",
        1_772_414_100_000,
        events.CardIssued(
            card_token=CARD,
            product_code="gold",
            issue_type="new",
            activate_by=datetime(2026, 5, 31, 23, 59, 59, tzinfo=LOCAL),
        ),
    ),
    "card.delivered": WorkedEvent(
        "del-1",
        "2026-03-04T15:40:00+08:00",
        1_772_610_000_000,
        events.CardDelivered(card_token=CARD, method="courier"),
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
    "wallet.unbound": WorkedEvent(
        "bind-2",
        "2026-06-15T09:06:00+08:00",
        1_781_485_560_000,
        events.WalletUnbound(card_token=CARD, wallet="wechat"),
    ),
    "txn.authorised": WorkedEvent(
        "auth-1",
        "2026-03-06T12:29:58Z",
        1_772_800_198_000,
        events.TxnAuthorised(
            auth_id="u-1",
            card_token=CARD,
            amount_minor=25_990,
            currency="CNY",
            mcc="5411",
            scene="supermarket",
            mode="pos",
            merchant_token=MERCHANT,
        ),
    ),
    "txn.declined": WorkedEvent(
        "auth-2",
        "2026-03-25T19:45:00+08:00",
        1_774_439_100_000,
        events.TxnDeclined(
            auth_id="u-2",
            card_token=CARD,
            amount_minor=1_500_000,
            currency="CNY",
            decline_class="insufficient_limit",
        ),
    ),
    "txn.posted": WorkedEvent(
        "txn-1",
        "2026-03-06T12:30:00Z",
        1_772_800_200_000,
        events.TxnPosted(
            txn_id="t-1",
            card_token=CARD,
            amount_minor=25_990,
            currency="CNY",
            mcc="5411",
            auth_id="u-1",
            posted_date=date(2026, 3, 6),
            scene="supermarket",
            mode="pos",
            merchant_token=MERCHANT,
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
            due_date=date(2026, 4, 20),
            instalment_eligible=True,
            cycle_start=date(2026, 3, 1),
            cycle_end=date(2026, 3, 31),
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
            method="transfer",
        ),
    ),
    "repayment.overdue": WorkedEvent(
        "over-1",
        "2026-05-21T01:00:00+08:00",
        1_779_296_400_000,
        events.RepaymentOverdue(statement_id="s-2", card_token=CARD, days_past_due=1),
    ),
    "repayment.cured": WorkedEvent(
        "over-2",
        "2026-05-23T09:00:00+08:00",
        1_779_498_000_000,
        events.RepaymentCured(statement_id="s-2", card_token=CARD, days_past_due=3),
    ),
    "autopay.changed": WorkedEvent(
        "auto-1",
        "2026-05-24T10:00:00+08:00",
        1_779_588_000_000,
        events.AutopayChanged(card_token=CARD, status="active"),
    ),
    "instalment.created": WorkedEvent(
        "inst-1",
        "2026-05-12T20:30:00+08:00",
        1_778_589_000_000,
        events.InstalmentCreated(
            plan_id="p-1",
            card_token=CARD,
            principal_minor=600_000,
            currency="CNY",
            term_count=12,
            annual_rate_bp=1560,
            confirmed_by_customer=True,
        ),
    ),
    "instalment.settled": WorkedEvent(
        "inst-2",
        "2026-09-12T10:00:00+08:00",
        1_789_178_400_000,
        events.InstalmentSettled(plan_id="p-1", card_token=NEXT_CARD),
    ),
    "limit.prechecked": WorkedEvent(
        "lim-1",
        "2026-03-25T19:45:01+08:00",
        1_774_439_101_000,
        events.LimitPrechecked(
            precheck_id="pc-1",
            card_token=CARD,
            max_temp_limit_minor=5_000_000,
            currency="CNY",
            valid_until=datetime(2026, 4, 24, 23, 59, 59, tzinfo=LOCAL),
        ),
    ),
    "limit.changed": WorkedEvent(
        "lim-2",
        "2026-03-26T08:30:00+08:00",
        1_774_485_000_000,
        events.LimitChanged(
            card_token=CARD,
            new_limit_minor=4_000_000,
            currency="CNY",
            kind="temp",
            valid_until=datetime(2026, 4, 24, 23, 59, 59, tzinfo=LOCAL),
        ),
    ),
    "card.blocked": WorkedEvent(
        "stat-1",
        "2026-06-10T22:00:00+08:00",
        1_781_100_000_000,
        events.CardBlocked(card_token=CARD, reason="suspicion"),
    ),
    "card.unblocked": WorkedEvent(
        "stat-2",
        "2026-06-10T22:20:00+08:00",
        1_781_101_200_000,
        events.CardUnblocked(card_token=CARD),
    ),
    "card.lost": WorkedEvent(
        "stat-3", "2026-06-15T09:00:00+08:00", 1_781_485_200_000, events.CardLost(card_token=CARD)
    ),
    "card.closed": WorkedEvent(
        "stat-4",
        "2026-06-16T03:00:00+08:00",
        1_781_550_000_000,
        events.CardClosed(card_token=CARD, reason="replaced"),
    ),
    "card.replaced": WorkedEvent(
        "stat-5",
        "2026-06-15T09:05:00+08:00",
        1_781_485_500_000,
        events.CardReplaced(card_token=CARD, new_card_token=NEXT_CARD),
    ),
}
"""Event type to its example, in the order of the route table."""
