"""
Say which word every event is (docs/core.md 3.8): one line or two an event.

Each entry takes the event and when it occurred (epoch milliseconds UTC).
"""

from collections.abc import Callable
from typing import Any, Final

from lifecycle.instants import epoch_ms
from schemas import events
from schemas.state import WordState


def _said(event: events.EventData) -> str:
    """Return the last part of an event's type: `started` of `application.started`."""
    return str(event.__struct_config__.tag).rpartition(".")[2]


def _application(event: Any, at_ms: int) -> WordState:  # noqa: ANN401 (any of the five)
    return WordState(
        "application", event.application_id, at_ms, _said(event), detail=event.product_code
    )


def _wallet(event: Any, at_ms: int) -> WordState:  # noqa: ANN401 (either of the two)
    return WordState("wallet", f"{event.card_token}|{event.wallet}", at_ms, _said(event))


def _overdue(event: Any, at_ms: int) -> WordState:  # noqa: ANN401 (either of the two)
    return WordState(
        "overdue",
        event.statement_id,
        at_ms,
        _said(event),
        amount=event.days_past_due,
        detail=event.card_token,
    )


def _grant(event: Any, at_ms: int) -> WordState:  # noqa: ANN401 (any of the three)
    until_ms = epoch_ms(getattr(event, "expires_at", None))
    return WordState(
        "grant", event.benefit_grant_id, at_ms, _said(event), until_ms, detail=event.benefit_id
    )


def _coupon(event: Any, at_ms: int) -> WordState:  # noqa: ANN401 (any of the three)
    until_ms = epoch_ms(getattr(event, "expires_at", None))
    return WordState(
        "coupon", event.coupon_token, at_ms, _said(event), until_ms, detail=event.offer_id
    )


WORD_BY_EVENT: Final[dict[type[events.EventData], Callable[[Any, int], WordState]]] = {
    events.ApplicationStarted: _application,
    events.ApplicationSubmitted: _application,
    events.ApplicationApproved: _application,
    events.ApplicationDeclined: _application,
    events.ApplicationWithdrawn: _application,
    events.PreapprovalGranted: lambda event, at_ms: WordState(
        "preapproval",
        event.preapproval_id,
        at_ms,
        "granted",
        until_ms=epoch_ms(event.valid_until),
        detail=event.product_code,
    ),
    events.WalletBound: _wallet,
    events.WalletUnbound: _wallet,
    events.TxnDeclined: lambda event, at_ms: WordState(
        "declined",
        event.card_token,
        at_ms,
        event.decline_class,
        amount=event.amount_minor,
        detail=event.currency,
    ),
    # only where it names no statement; else it counts there (`lifecycle.statements`)
    events.RepaymentReceived: lambda event, at_ms: WordState(
        "repayment",
        event.card_token,
        at_ms,
        "received",
        amount=event.amount_minor,
        detail=event.currency,
    ),
    events.RepaymentOverdue: _overdue,
    events.RepaymentCured: _overdue,
    events.AutopayChanged: lambda event, at_ms: WordState(
        "autopay", event.card_token, at_ms, event.status
    ),
    events.InstalmentCreated: lambda event, at_ms: WordState(
        "instalment",
        event.plan_id,
        at_ms,
        "created",
        amount=event.principal_minor,
        goal=event.term_count,
        detail=event.currency,
    ),
    events.InstalmentSettled: lambda event, at_ms: WordState(
        "instalment", event.plan_id, at_ms, "settled"
    ),
    events.LimitPrechecked: lambda event, at_ms: WordState(
        "precheck",
        event.precheck_id,
        at_ms,
        "granted",
        until_ms=epoch_ms(event.valid_until),
        amount=event.max_temp_limit_minor,
        detail=event.currency,
    ),
    events.LimitChanged: lambda event, at_ms: WordState(
        "limit",
        f"{event.card_token}|{event.kind}",
        at_ms,
        event.kind,
        until_ms=epoch_ms(event.valid_until),
        amount=event.new_limit_minor,
        detail=event.currency,
    ),
    events.BenefitProgressed: lambda event, at_ms: WordState(
        "benefit",
        event.benefit_id,
        at_ms,
        event.measure,
        until_ms=epoch_ms(event.window_end),
        amount=event.value,
        goal=event.threshold,
        detail=event.card_token,
    ),
    events.BenefitGranted: _grant,
    events.BenefitRedeemed: _grant,
    events.BenefitExpired: _grant,
    events.CouponIssued: _coupon,
    events.CouponRedeemed: _coupon,
    events.CouponExpired: _coupon,
    events.PointsLevelChanged: lambda event, at_ms: WordState(
        "points", "", at_ms, event.level, detail=event.points_band
    ),
    events.RiskFlagged: lambda event, at_ms: WordState(
        "risk", event.flag_id, at_ms, "flagged", detail=event.flag_class
    ),
    events.RiskCleared: lambda event, at_ms: WordState("risk", event.flag_id, at_ms, "cleared"),
    events.ServiceCaseOpened: lambda event, at_ms: WordState(
        "case", event.case_id, at_ms, "opened", detail=event.case_class
    ),
    events.ServiceCaseClosed: lambda event, at_ms: WordState(
        "case", event.case_id, at_ms, "closed"
    ),
    events.ScorePublished: lambda event, at_ms: WordState(
        "score",
        event.model_id,
        at_ms,
        event.model_version,
        until_ms=epoch_ms(event.valid_until),
        amount=event.score_ppm,
    ),
    events.AppSession: lambda event, at_ms: WordState(
        "session", "", at_ms, event.surface, detail=event.action_code
    ),
    events.ResponseRecorded: lambda event, at_ms: WordState(
        "response", event.channel, at_ms, event.kind, detail=event.trigger_id
    ),
    events.OfferResult: lambda event, at_ms: WordState(
        "offer", event.reservation_id, at_ms, event.status, detail=event.reason
    ),
    events.PartnerObserved: lambda event, at_ms: WordState(
        "partner",
        f"{event.partner_id}|{event.attribute}",
        at_ms,
        event.value,
        detail=event.purpose,
    ),
    events.SurveyAnswered: lambda event, at_ms: WordState(
        "survey",
        f"{event.survey_id}|{event.question_code}",
        at_ms,
        event.answer_code,
        detail=event.purpose,
    ),
}
