"""Tell what the customer of `schemas.story` gains, wishes and does."""

from datetime import UTC, datetime
from typing import Final

from schemas import events
from schemas.story import (
    CARD,
    COUPON,
    LOCAL,
    OTHER_CUSTOMER,
    TRIGGER_ID,
    UNUSED_COUPON,
    WorkedEvent,
)


CUSTOMER_EVENTS: Final = {
    "benefit.progressed": WorkedEvent(
        "ben-1",
        "2026-03-28T21:00:00+08:00",
        1_774_702_800_000,
        events.BenefitProgressed(
            benefit_id="b-1",
            measure="purchases",
            value=4,
            threshold=6,
            window_end=datetime(2026, 3, 31, 16, 0, tzinfo=UTC),
            card_token=CARD,
        ),
    ),
    "benefit.granted": WorkedEvent(
        "ben-2",
        "2026-03-30T21:10:00+08:00",
        1_774_876_200_000,
        events.BenefitGranted(benefit_grant_id="bg-1", benefit_id="b-1"),
    ),
    "benefit.redeemed": WorkedEvent(
        "ben-3",
        "2026-04-05T12:00:00+08:00",
        1_775_361_600_000,
        events.BenefitRedeemed(benefit_grant_id="bg-1", benefit_id="b-1"),
    ),
    "benefit.expired": WorkedEvent(
        "ben-4",
        "2026-06-30T23:59:59+08:00",
        1_782_835_199_000,
        events.BenefitExpired(benefit_grant_id="bg-2", benefit_id="b-2"),
    ),
    "coupon.issued": WorkedEvent(
        "cou-1",
        "2026-03-05T20:06:00+08:00",
        1_772_712_360_000,
        events.CouponIssued(
            coupon_token=COUPON,
            offer_id="o-1",
            expires_at=datetime(2026, 4, 5, 23, 59, 59, tzinfo=LOCAL),
        ),
    ),
    "coupon.redeemed": WorkedEvent(
        "cou-2",
        "2026-03-06T12:30:01Z",
        1_772_800_201_000,
        events.CouponRedeemed(coupon_token=COUPON, offer_id="o-1"),
    ),
    "coupon.expired": WorkedEvent(
        "cou-3",
        "2026-04-05T23:59:59+08:00",
        1_775_404_799_000,
        events.CouponExpired(coupon_token=UNUSED_COUPON, offer_id="o-1"),
    ),
    "points.level_changed": WorkedEvent(
        "lvl-1",
        "2026-04-01T03:00:00+08:00",
        1_774_983_600_000,
        events.PointsLevelChanged(level="silver", points_band="1000-4999"),
    ),
    "risk.flagged": WorkedEvent(
        "risk-1",
        "2026-06-10T21:59:50+08:00",
        1_781_099_990_000,
        events.RiskFlagged(flag_id="f-1", flag_class="fraud", severity="high"),
    ),
    "risk.cleared": WorkedEvent(
        "risk-2", "2026-06-10T22:19:00+08:00", 1_781_101_140_000, events.RiskCleared(flag_id="f-1")
    ),
    "service.case_opened": WorkedEvent(
        "case-1",
        "2026-06-15T08:58:00+08:00",
        1_781_485_080_000,
        events.ServiceCaseOpened(case_id="sc-1", case_class="lost_card"),
    ),
    "service.case_closed": WorkedEvent(
        "case-2",
        "2026-06-20T17:00:00+08:00",
        1_781_946_000_000,
        events.ServiceCaseClosed(case_id="sc-1"),
    ),
    "consent.changed": WorkedEvent(
        "con-1",
        "2026-03-02T09:16:00+08:00",
        1_772_414_160_000,
        events.ConsentChanged(
            purpose="marketing",
            channel="sms",
            status="granted",
            evidence_ref="form-7",
            effective_at=datetime(2026, 3, 2, 9, 16, tzinfo=LOCAL),
        ),
    ),
    "preference.changed": WorkedEvent(
        "pref-1",
        "2026-03-08T10:00:00+08:00",
        1_772_935_200_000,
        events.PreferenceChanged(
            channel_order=("push", "sms"), quiet_hours="21:00-08:00", language="zh-Hans-CN"
        ),
    ),
    "profile.changed": WorkedEvent(
        "prof-1",
        "2026-02-27T03:00:00+08:00",
        1_772_132_400_000,
        events.ProfileChanged(
            time_zone="Asia/Shanghai",
            region_code="CN-ZJ",
            segment_codes=("payroll", "young_family"),
            attributes=events.ProfileAttributes(
                city_code="330100", wealth_band="b3", age_band="30-39", occupation_band="technical"
            ),
        ),
    ),
    "identity.merged": WorkedEvent(
        "merge-1",
        "2026-07-01T03:00:00+08:00",
        1_782_846_000_000,
        events.IdentityMerged(new_customer_token=OTHER_CUSTOMER),
    ),
    "erasure.requested": WorkedEvent(
        "erase-1",
        "2026-12-31T10:00:00+08:00",
        1_798_682_400_000,
        events.ErasureRequested(request_id="er-1"),
    ),
    "score.published": WorkedEvent(
        "score-1",
        "2026-03-15T02:00:00+08:00",
        1_773_511_200_000,
        events.ScorePublished(
            model_id="churn",
            model_version="2026-02",
            score_ppm=183_000,
            valid_until=datetime(2026, 4, 15, 2, 0, tzinfo=LOCAL),
        ),
    ),
    "app.session": WorkedEvent(
        "ses-1",
        "2026-03-05T19:58:00+08:00",
        1_772_711_880_000,
        events.AppSession(surface="app", action_code="card_home"),
    ),
    "partner.observed": WorkedEvent(
        "part-1",
        "2026-03-18T06:00:00+08:00",
        1_773_784_800_000,
        events.PartnerObserved(
            partner_id="mall-1",
            attribute="visit_band",
            value="weekly",
            purpose="marketing",
            consent_ref="con-2",
        ),
    ),
    "survey.answered": WorkedEvent(
        "surv-1",
        "2026-03-19T20:15:00+08:00",
        1_773_922_500_000,
        events.SurveyAnswered(
            survey_id="welcome",
            question_code="q3",
            answer_code="b",
            purpose="marketing",
            consent_ref="con-2",
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
            gateway_msg_id="gm-1",
            segment_count=1,
            cost_minor=4,
        ),
    ),
    "response.recorded": WorkedEvent(
        "resp-1",
        "2026-03-05T19:57:30+08:00",
        1_772_711_850_000,
        events.ResponseRecorded(
            response_id="g-2", trigger_id=TRIGGER_ID, channel="sms", kind="click"
        ),
    ),
    "offer.result": WorkedEvent(
        "offer-1",
        "2026-03-05T20:06:01+08:00",
        1_772_712_361_000,
        events.OfferResult(reservation_id="rs-1", trigger_id=TRIGGER_ID, status="granted"),
    ),
}
"""Event type to its example, in the order of the route table."""
