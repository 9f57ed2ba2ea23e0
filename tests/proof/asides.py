"""List what besides cards and money can happen to a customer, each with what may follow it."""

from typing import Final

from tests.proof.forms import Fields


Aside = tuple[tuple[str, Fields], ...]
"""Event types with their fields, in order; `{token}` and `{card}` are filled in."""

UNTIL: Final = "2031-05-06T07:08:09.123456+08:00"
OVER: Final = "2020-01-01T00:00:00Z"
APPLICATION: Final = {"application_id": "{token}-a", "product_code": "gold"}
GRANT: Final = {"benefit_grant_id": "{token}-g", "benefit_id": "lounge"}
COUPON: Final = {"coupon_token": "{token}-q", "offer_id": "coffee"}
PLAN: Final = {"plan_id": "{token}-i", "card_token": "{card}"}
CARD: Final = {"card_token": "{card}"}
MONEY: Final = {"amount_minor": 12_345, "currency": "CNY"}
PARTNER: Final = {"partner_id": "shop", "attribute": "owner", "value": "yes"}
ASKED: Final = {"survey_id": "spring", "question_code": "q1", "answer_code": "b"}
TERMS: Final = {"purpose": "partners", "consent_ref": "{token}-c"}
ABOUT_DATA: Final = {"purpose": "partners", "channel": "data"}

ASIDES: Final[tuple[Aside, ...]] = (
    (
        ("application.started", {**APPLICATION, "entry_channel": "app"}),
        ("application.submitted", APPLICATION),
        ("application.approved", {**APPLICATION, "decision_path": "auto"}),
    ),
    (
        ("application.submitted", APPLICATION),
        ("application.declined", {**APPLICATION, "reason_class": "income"}),
    ),
    (
        (
            "preapproval.granted",
            {"preapproval_id": "{token}-p", "product_code": "gold", "valid_until": UNTIL},
        ),
        ("application.started", APPLICATION),
        ("application.withdrawn", APPLICATION),
    ),
    (("wallet.unbound", {**CARD, "wallet": "alipay"}),),
    (
        ("txn.authorised", {**CARD, **MONEY, "auth_id": "{token}-u", "mcc": "5411", "mode": "qr"}),
        (
            "txn.declined",
            {**CARD, **MONEY, "auth_id": "{token}-u2", "decline_class": "insufficient_limit"},
        ),
    ),
    (
        (
            "instalment.created",
            {
                **PLAN,
                "principal_minor": 90_000,
                "currency": "CNY",
                "term_count": 12,
                "annual_rate_bp": 1_450,
                "confirmed_by_customer": True,
            },
        ),
        ("instalment.settled", PLAN),
    ),
    (
        (
            "limit.prechecked",
            {
                **CARD,
                "precheck_id": "{token}-l",
                "max_temp_limit_minor": 500_000,
                "currency": "CNY",
                "valid_until": OVER,
            },
        ),
        (
            "limit.changed",
            {**CARD, "new_limit_minor": 500_000, "currency": "CNY", "kind": "temp"},
        ),
    ),
    (
        (
            "benefit.progressed",
            {
                "benefit_id": "lounge",
                "measure": "spend",
                "value": 3,
                "threshold": 9,
                "window_end": UNTIL,
                **CARD,
            },
        ),
        ("benefit.granted", {**GRANT, "expires_at": UNTIL}),
        ("benefit.redeemed", GRANT),
    ),
    (("benefit.granted", GRANT), ("benefit.expired", GRANT)),
    (
        ("coupon.issued", {**COUPON, "expires_at": UNTIL}),
        ("coupon.redeemed", COUPON),
    ),
    (
        ("coupon.issued", COUPON),
        ("coupon.expired", COUPON),
        ("points.level_changed", {"level": "silver", "points_band": "1-999"}),
    ),
    (("card.blocked", CARD), ("card.unblocked", CARD)),
    (("card.lost", CARD), ("card.closed", {**CARD, "reason": "lost"})),
    (
        ("risk.flagged", {"flag_id": "{token}-f", "flag_class": "fraud", "severity": "high"}),
        ("risk.cleared", {"flag_id": "{token}-f"}),
    ),
    (("risk.flagged", {"flag_id": "{token}-d", "flag_class": "deceased"}),),
    (
        ("service.case_opened", {"case_id": "{token}-c", "case_class": "complaint"}),
        ("service.case_closed", {"case_id": "{token}-c"}),
    ),
    (
        (
            "preference.changed",
            {"personalisation_opt_out": True, "channel_order": ["push", "sms"], "language": "zh"},
        ),
        ("preference.changed", {"quiet_hours": "21:00-08:00"}),
    ),
    (
        (
            "profile.changed",
            {
                "time_zone": "Asia/Shanghai",
                "segment_codes": ["young", "urban"],
                "attributes": {"city_code": "021", "age_band": "25-34", "not_listed": "dropped"},
            },
        ),
    ),
    (
        ("identity.merged", {"new_customer_token": "{token}-other"}),
        ("profile.changed", {"staff": True}),
    ),
    (
        ("erasure.requested", {"request_id": "{token}-e"}),
        ("preference.changed", {"language": "en"}),
    ),
    (
        (
            "score.published",
            {
                "model_id": "churn",
                "model_version": "7",
                "score_ppm": 125_000,
                "valid_until": UNTIL,
            },
        ),
    ),
    (
        ("app.session", {"surface": "home", "action_code": "open"}),
        ("app.session", {"surface": "bill"}),
    ),
    (
        ("partner.observed", {**PARTNER, **TERMS}),
        ("survey.answered", {**ASKED, **TERMS}),
        ("consent.changed", {**ABOUT_DATA, "status": "revoked"}),
        ("partner.observed", {**PARTNER, **TERMS, "value": "no"}),
    ),
    (
        ("consent.changed", {**ABOUT_DATA, "status": "granted"}),
        ("partner.observed", {**PARTNER, **TERMS}),
        ("consent.changed", {**ABOUT_DATA, "status": "revoked"}),
    ),
)
