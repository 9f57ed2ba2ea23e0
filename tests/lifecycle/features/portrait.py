"""A customer of whom everything is known, event by event, with days that are easy to reckon."""

from datetime import UTC, datetime, timedelta

import msgspec

from lifecycle.features.context import Context
from lifecycle.features.declared import FEATURES
from schemas.decisions import FeatureValue
from schemas.events import AnyEvent
from schemas.routing import ROUTE_BY_TYPE
from schemas.state import CustomerRow
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, receipt, spend
from tests.lifecycle.told import triggers


AT_T0 = datetime.fromtimestamp(T0 / 1000, UTC)


def event(event_type: str, **fields: object) -> AnyEvent:
    """Return an event by its type; whole numbers under `_in_days` names are days after T0."""
    data = {
        name.removesuffix("_in_days"): (
            (AT_T0 + timedelta(days=value)).isoformat() if name.endswith("_in_days") else value
        )
        for name, value in fields.items()
    }
    found: AnyEvent = msgspec.convert(
        {"event_type": event_type, **data}, ROUTE_BY_TYPE[event_type].shape
    )
    return found


def read(bank: Bank, at: int, *, card: str = "k1", who: str = "ann") -> dict[str, FeatureValue]:
    """Return every feature of a customer, so many milliseconds after T0."""
    row = bank.row(who)
    return {name: one.read(context(row, at, card)) for name, one in FEATURES.items()}


def context(row: CustomerRow, at: int, card: str = "k1") -> Context:
    """Return what features are read from."""
    return Context(row, T0 + at, "Asia/Shanghai", card, statement=None, journey=None)


STORY: tuple[tuple[int, AnyEvent], ...] = (
    (0, event("card.issued", card_token="k1")),
    (1, event("card.activated", card_token="k1")),
    (1, event("card.issued", card_token="k2")),
    (2, event("card.lost", card_token="k2")),
    (2, event("wallet.bound", card_token="k1", wallet="alipay")),
    (2, event("wallet.bound", card_token="k1", wallet="wechat")),
    (3, event("wallet.unbound", card_token="k1", wallet="wechat")),
    (4, spend(10_000)),
    (6, spend(20_000)),
    (10, spend(30_000)),
    (10, spend(500, currency="USD")),
    (11, event("txn.reversed", txn_id="t", card_token="k1", amount_minor=1, currency="CNY")),
    (
        12,
        event(
            "statement.issued",
            statement_id="s1",
            card_token="k1",
            total_due_minor=60_000,
            min_due_minor=6_000,
            currency="CNY",
            due_date="2023-12-06",  # ends 22 days less 22:13:20 after T0
        ),
    ),
    (
        13,
        event(
            "repayment.received",
            repayment_id="p1",
            statement_id="s1",
            card_token="k1",
            amount_minor=15_000,
            currency="CNY",
        ),
    ),
    (13, event("repayment.overdue", statement_id="s0", card_token="k1", days_past_due=3)),
    (13, event("repayment.overdue", statement_id="s9", card_token="k1", days_past_due=8)),
    (13, event("autopay.changed", card_token="k1", status="active")),
    (
        14,
        event(
            "limit.changed",
            card_token="k1",
            new_limit_minor=240_000,
            currency="CNY",
            kind="perm",
        ),
    ),
    (
        14,
        event(
            "limit.prechecked",
            precheck_id="q1",
            card_token="k1",
            max_temp_limit_minor=500_000,
            currency="CNY",
            valid_until_in_days=21,
        ),
    ),
    (
        14,
        event(
            "txn.declined",
            auth_id="a1",
            card_token="k1",
            amount_minor=1,
            currency="CNY",
            decline_class="insufficient_limit",
        ),
    ),
    (
        15,
        event(
            "benefit.progressed",
            benefit_id="b1",
            measure="purchases",
            value=4,
            threshold=6,
            window_end_in_days=25,
        ),
    ),
    (15, event("benefit.granted", benefit_grant_id="g1", benefit_id="b2", expires_at_in_days=30)),
    (15, event("benefit.granted", benefit_grant_id="g2", benefit_id="b2", expires_at_in_days=22)),
    (15, event("coupon.issued", coupon_token="c1", offer_id="o1", expires_at_in_days=40)),
    (15, event("coupon.issued", coupon_token="c2", offer_id="o1", expires_at_in_days=16)),
    (15, event("points.level_changed", level="silver")),
    (16, event("app.session", surface="app")),
    (
        16,
        event(
            "score.published",
            model_id="churn",
            model_version="1",
            score_ppm=183_000,
            valid_until_in_days=60,
        ),
    ),
    (
        16,
        event(
            "score.published",
            model_id="old",
            model_version="1",
            score_ppm=1,
            valid_until_in_days=17,
        ),
    ),
    (
        17,
        event(
            "profile.changed",
            region_code="CN-ZJ",
            segment_codes=["payroll", "young"],
            attributes={"city_code": "330100", "wealth_band": "b3"},
        ),
    ),
    (17, event("consent.changed", purpose="profiling", channel="data", status="granted")),
    (
        18,
        event(
            "partner.observed",
            partner_id="mall",
            attribute="visits",
            value="weekly",
            purpose="profiling",
            consent_ref="x",
        ),
    ),
    (
        18,
        event(
            "survey.answered",
            survey_id="hello",
            question_code="q1",
            answer_code="b",
            purpose="profiling",
            consent_ref="x",
        ),
    ),
    (
        18,
        event(
            "preference.changed",
            channel_order=["push", "sms"],
            quiet_hours="21:00-08:00",
            language="zh-Hans-CN",
        ),
    ),
)
"""Day, event."""


def told(*more: tuple[int, AnyEvent]) -> Bank:
    """Return a bank that has heard the story, and more of it."""
    bank = Bank()
    for day, happened in sorted((*STORY, *more), key=lambda one: one[0]):
        bank.say(happened, day * DAY)
    return bank


def contacted(bank: Bank, at: int) -> str:
    """Let a purchase lead to a contact; return the trigger's id."""
    return triggers(bank.say(spend(), at))[0].trigger_id


__all__ = ["DAY", "HOUR", "STORY", "contacted", "context", "event", "read", "receipt", "told"]
