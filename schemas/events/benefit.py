"""Say what a customer gains: benefits, coupons, levels."""

from schemas.events.parts import AmountMinor, EventData, Instant, Label, Token


class BenefitProgressed(EventData, tag="benefit.progressed", frozen=True, kw_only=True):
    """How far the customer is on the way to a benefit, in the unit that `measure` names."""

    benefit_id: Token
    measure: Label
    value: AmountMinor
    threshold: AmountMinor
    window_end: Instant
    card_token: Label = ""


class BenefitGranted(EventData, tag="benefit.granted", frozen=True, kw_only=True):
    """The customer has a benefit, until `expires_at`."""

    benefit_grant_id: Token
    benefit_id: Token
    expires_at: Instant | None = None


class BenefitRedeemed(EventData, tag="benefit.redeemed", frozen=True, kw_only=True):
    """The customer used a benefit."""

    benefit_grant_id: Token
    benefit_id: Token


class BenefitExpired(EventData, tag="benefit.expired", frozen=True, kw_only=True):
    """A benefit ran out unused."""

    benefit_grant_id: Token
    benefit_id: Token


class CouponIssued(EventData, tag="coupon.issued", frozen=True, kw_only=True):
    """The customer has a coupon, until `expires_at`."""

    coupon_token: Token
    offer_id: Token
    expires_at: Instant | None = None


class CouponRedeemed(EventData, tag="coupon.redeemed", frozen=True, kw_only=True):
    """The customer used a coupon."""

    coupon_token: Token
    offer_id: Token


class CouponExpired(EventData, tag="coupon.expired", frozen=True, kw_only=True):
    """A coupon ran out unused."""

    coupon_token: Token
    offer_id: Token


class PointsLevelChanged(EventData, tag="points.level_changed", frozen=True, kw_only=True):
    """The customer stands on another level of the bank's programme."""

    level: Token
    points_band: Label = ""
