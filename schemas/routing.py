"""
State where every event travels: the one table event type -> source topic -> who it concerns.

Every customer topic is keyed `tenant|customer_token` in the journal; upstream producers may key
their source topics as they like.
"""

from typing import Final, Literal, get_args

from msgspec import Struct

from schemas import events


class Route(Struct, frozen=True):
    """An event type, the source topic that carries it, its data, and whom it concerns."""

    event_type: str
    topic: str
    shape: type[events.EventData]
    concerns: Literal["customer", "tenant", "partition"] = "customer"


ROUTES: Final = (
    Route("application.started", "card.application.v1", events.ApplicationStarted),
    Route("application.submitted", "card.application.v1", events.ApplicationSubmitted),
    Route("application.approved", "card.application.v1", events.ApplicationApproved),
    Route("application.declined", "card.application.v1", events.ApplicationDeclined),
    Route("application.withdrawn", "card.application.v1", events.ApplicationWithdrawn),
    Route("preapproval.granted", "card.application.v1", events.PreapprovalGranted),
    Route("card.issued", "card.issue.v1", events.CardIssued),
    Route("card.delivered", "card.issue.v1", events.CardDelivered),
    Route("card.activated", "card.activation.v1", events.CardActivated),
    Route("wallet.bound", "card.bind.v1", events.WalletBound),
    Route("wallet.unbound", "card.bind.v1", events.WalletUnbound),
    Route("txn.authorised", "card.spend.v1", events.TxnAuthorised),
    Route("txn.declined", "card.spend.v1", events.TxnDeclined),
    Route("txn.posted", "card.spend.v1", events.TxnPosted),
    Route("txn.reversed", "card.spend.v1", events.TxnReversed),
    Route("statement.issued", "card.repayment.v1", events.StatementIssued),
    Route("repayment.received", "card.repayment.v1", events.RepaymentReceived),
    Route("repayment.overdue", "card.repayment.v1", events.RepaymentOverdue),
    Route("repayment.cured", "card.repayment.v1", events.RepaymentCured),
    Route("autopay.changed", "card.repayment.v1", events.AutopayChanged),
    Route("instalment.created", "card.instalment.v1", events.InstalmentCreated),
    Route("instalment.settled", "card.instalment.v1", events.InstalmentSettled),
    Route("limit.prechecked", "card.limit.v1", events.LimitPrechecked),
    Route("limit.changed", "card.limit.v1", events.LimitChanged),
    Route("benefit.progressed", "card.benefit.v1", events.BenefitProgressed),
    Route("benefit.granted", "card.benefit.v1", events.BenefitGranted),
    Route("benefit.redeemed", "card.benefit.v1", events.BenefitRedeemed),
    Route("benefit.expired", "card.benefit.v1", events.BenefitExpired),
    Route("coupon.issued", "card.benefit.v1", events.CouponIssued),
    Route("coupon.redeemed", "card.benefit.v1", events.CouponRedeemed),
    Route("coupon.expired", "card.benefit.v1", events.CouponExpired),
    Route("points.level_changed", "card.benefit.v1", events.PointsLevelChanged),
    Route("card.blocked", "card.status.v1", events.CardBlocked),
    Route("card.unblocked", "card.status.v1", events.CardUnblocked),
    Route("card.lost", "card.status.v1", events.CardLost),
    Route("card.closed", "card.status.v1", events.CardClosed),
    Route("card.replaced", "card.status.v1", events.CardReplaced),
    Route("risk.flagged", "customer.risk.v1", events.RiskFlagged),
    Route("risk.cleared", "customer.risk.v1", events.RiskCleared),
    Route("service.case_opened", "customer.service.v1", events.ServiceCaseOpened),
    Route("service.case_closed", "customer.service.v1", events.ServiceCaseClosed),
    Route("consent.changed", "customer.profile.v1", events.ConsentChanged),
    Route("preference.changed", "customer.profile.v1", events.PreferenceChanged),
    Route("profile.changed", "customer.profile.v1", events.ProfileChanged),
    Route("identity.merged", "customer.profile.v1", events.IdentityMerged),
    Route("erasure.requested", "customer.profile.v1", events.ErasureRequested),
    Route("score.published", "customer.score.v1", events.ScorePublished),
    Route("app.session", "customer.behaviour.v1", events.AppSession),
    Route("partner.observed", "customer.partner.v1", events.PartnerObserved),
    Route("survey.answered", "customer.partner.v1", events.SurveyAnswered),
    Route("delivery.receipt", "gateway.receipt.v1", events.DeliveryReceipt),
    Route("response.recorded", "gateway.response.v1", events.ResponseRecorded),
    Route("offer.result", "gateway.response.v1", events.OfferResult),
    Route("policy.published", "marketing.control.v1", events.PolicyPublished, "tenant"),
    Route("calendar.published", "marketing.control.v1", events.CalendarPublished, "tenant"),
    Route(
        "contact_policy.published",
        "marketing.control.v1",
        events.ContactPolicyPublished,
        "tenant",
    ),
    Route("template.approved", "marketing.control.v1", events.TemplateApproved, "tenant"),
    Route("offer.defined", "marketing.control.v1", events.OfferDefined, "tenant"),
    Route("model.defined", "marketing.control.v1", events.ModelDefined, "tenant"),
    Route("model.set", "marketing.control.v1", events.ModelSet, "tenant"),
    Route("kill_switch.set", "marketing.control.v1", events.KillSwitchSet, "tenant"),
    Route("tenant.configured", "marketing.control.v1", events.TenantConfigured, "tenant"),
    Route("history.ended", "*", events.HistoryEnded, "partition"),
)
"""In the order of a card's life; `*` means that every source topic may carry it."""

ROUTE_BY_TYPE: Final = {route.event_type: route for route in ROUTES}

SOURCE_TOPICS: Final = tuple(dict.fromkeys(route.topic for route in ROUTES if route.topic != "*"))
"""The source topics, each once, in the order of the table."""

JOURNAL_TOPIC: Final = "lifecycle.journal.v1"
PROGRESS_TOPIC: Final = "lifecycle.progress.v1"
REJECTED_TOPIC: Final = "card.events.rejected.v1"
REPLAYED_TOPIC: Final = "card.events.replayed.v1"
"""Compacted: which rejected records were given back, so that none is given back twice."""
DECISIONS_TOPIC: Final = "lifecycle.decisions.v1"
OUTCOMES_TOPIC: Final = "lifecycle.outcomes.v1"
INSIGHT_TOPIC: Final = "lifecycle.insight.v1"
"""Compacted: what each partition has counted so far of a campaign's effect, and of a funnel."""
OFFERS_TOPIC: Final = "marketing.offers.v1"
"""What the bank's offer system is asked to grant."""
TRIGGER_TOPICS: Final = {
    channel: f"marketing.triggers.{channel}.v1" for channel in get_args(events.Channel)
}
"""The triggers of each channel, for its gateway."""
STATE_TOPICS: Final = {
    "ingest": "ingest.state.v1",
    "clock": "clock.state.v1",
    "lifecycle": "lifecycle.state.v1",
    "learning": "learning.state.v1",
    "insight": "insight.state.v1",
}
"""The compacted changelog of each fold."""


class SourceBinding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What settings say about one source topic (SEMANTICS N1, T3, T5, T7).

    `topic` is the name on the broker, `contract` the topic of the table above that it carries
    ("" means the same name). `tenant` "*" lets a trusted producer name the tenant in the header
    `ce_tenantid`. With `time_source` "records" (backfill, one tenant only) journal time is event
    time; a source that does not hold the watermark is no part of the history (a gateway's
    receipts while a history is loaded). `lateness_ms` is how late its events may be,
    `clock_skew_ms` how far the clocks of its brokers may differ.
    """

    topic: str
    tenant: str = "*"
    contract: str = ""
    time_source: Literal["append", "records"] = "append"
    holds_watermark: bool = True
    lateness_ms: int = 0
    clock_skew_ms: int = 0
