"""Every declared feature: worked out by hand for one customer, absent for a stranger."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.features.declared import FEATURES, PORTRAIT
from schemas.campaign import EventEntry, LargePurchaseCondition
from schemas.decisions import FeatureValue
from tests.lifecycle.builders import DAY, HOUR, Bank, push, receipt, spend
from tests.lifecycle.features.portrait import STORY, contacted, context, event, read, told


ANN: dict[str, FeatureValue] = {
    # base: issued on day 0, wallet bound on day 2, first purchase on day 4
    "tenure_days": 20,
    "stage": "first_spend",
    "stage_days": 16,
    "card_count": 1,
    "segments": ("payroll", "young"),
    "region": "CN-ZJ",
    "staff": False,
    "city": "330100",
    "wealth_band": "b3",
    "age_band": "",
    "occupation_band": "",
    # four purchases on days 4, 6, 10 and 10, which begin at 06:13:20 on a Wednesday in Shanghai:
    # gaps of 48, 96 and 0 hours, the deviation is 48 * sqrt(2/3) = 39.2; Sunday, Tuesday, Saturday
    "recency_days": 10,
    "spend_count": 4,
    "spend_count_7d": 0,
    "spend_count_30d": 4,
    "spend_count_90d": 4,
    "gap_mean_hours": 48,
    "gap_spread_hours": 39,
    "amount_drift_ppm": 0,  # fewer than eight
    "frequency_drift_ppm": 0,
    "scene_share_ppm": {"other": 1_000_000},
    "top_scene": "other",
    "spend_tier": "",
    "spend_cluster": "",
    "life_change_scene": "",
    "usual_part_of_day": "morning",
    "weekend_share_ppm": 750_000,
    "currency": "CNY",
    "mean_amount_minor": 20_000,
    # as of the reversal on day 11, halved every 7 days for 9 more: see the test below
    "reversed_count": 1,
    "bill_total_minor": 60_000,
    "bill_open_minor": 45_000,
    "bill_due_hours": 49,  # 22 d - 22:13:20 - 20 d = 25:46:40, a day later than 2023-12-06T00:00Z
    "bill_paid_ppm": 250_000,
    "bill_count": 1,
    "repaid_share_ppm": -1,
    "overdue_days": 8,
    "autopay": True,
    "credit_limit_minor": 240_000,
    "limit_use_ppm": 250_000,
    "temp_limit_minor": 500_000,
    "temp_limit_hours": 24,
    "plan_count": 0,
    "plan_ever": False,
    "declined_days": 6,
    "contact_count_7d": 0,
    "contact_count_30d": 0,
    "last_contact_days": -1,
    "response_kind": {},
    "response_days": {},
    "session_days": 4,
    "wallet_count": 1,
    "benefit_missing": 2,
    "benefit_hours": 120,
    "grant_count": 2,
    "grant_hours": 48,
    "coupon_count": 1,
    "points_level": "silver",
    "score_ppm": {"churn": 183_000},
    "partner": {"mall|visits": "weekly"},
    "survey": {"hello|q1": "b"},
    "personalisation_off": False,
    "language": "zh-Hans-CN",
    "channel_order": ("push", "sms"),
    "wishes_quiet": True,
}
"""On day 20, without the decayed sums."""

DECAYED = ("amount_7d_minor", "amount_30d_minor", "amount_90d_minor")


@pytest.mark.parametrize("name", ANN)
def test_feature_is_what_was_worked_out(name: str) -> None:
    """The story of `portrait`, twenty days after it began."""
    assert ANN[name] == read(told(), 20 * DAY)[name]


@pytest.mark.parametrize("days", [7, 30, 90])
def test_decayed_amount_halves_up_to_now(days: int) -> None:
    """Each purchase is worth 2 ** (-age / days) of itself, the reversal as much less."""
    paid = ((10_000, 16), (20_000, 14), (30_000, 10), (-1, 9))
    wanted = sum(amount * 2 ** (-age / days) for amount, age in paid)

    assert int(wanted) == read(told(), 20 * DAY)[f"amount_{days}d_minor"]


def test_every_feature_is_worked_out() -> None:
    """None is left out of these tests, and no name is in two groups."""
    assert {*ANN, *DECAYED} == set(FEATURES)
    assert sum(map(len, PORTRAIT.values())) == len(FEATURES)


@pytest.mark.parametrize("name", FEATURES)
def test_feature_of_a_stranger_is_what_absent_means(name: str) -> None:
    """Nothing is known of a customer who has just been heard of."""
    assert FEATURES[name].absent == read(Bank(consent=""), 20 * DAY, who="nobody")[name]


KINDS: dict[str, type] = {"bool": bool, "int": int, "string": str, "strings": tuple}


def is_of(kind: str, value: Any) -> bool:  # noqa: ANN401 (any feature)
    """Return whether a value is of a declared kind."""
    if kind in KINDS:
        return type(value) is KINDS[kind]
    part = int if kind == "ints_by_name" else str
    return isinstance(value, dict) and all(
        type(key) is str and type(one) is part for key, one in value.items()
    )


@given(
    st.lists(st.sampled_from(STORY), max_size=25),
    st.integers(-30 * DAY, 400 * DAY),
    st.sampled_from(["k1", "k2", "nobody's"]),
)
def test_feature_never_raises_and_keeps_its_kind(heard: list[Any], at: int, card: str) -> None:
    """Whatever was heard, in any order, seen from any moment, before it as well."""
    bank = Bank()
    for number, (day, happened) in enumerate(heard):
        bank.say(happened, day * DAY, arrived=(20 + number) * DAY)
    row = bank.row()
    for name, feature in FEATURES.items():
        assert is_of(feature.kind, feature.read(context(row, at, card))), name


DEEDS = (
    *(
        spend(7_000),
        event("txn.reversed", txn_id="t", card_token="k1", amount_minor=9, currency="CNY"),
    ),
    event("app.session", surface="app"),
    event("points.level_changed", level="gold"),
    event("response.recorded", response_id="r", trigger_id="x", channel="sms", kind="click"),
    event(
        "partner.observed",
        partner_id="mall",
        attribute="visits",
        value="daily",
        purpose="profiling",
        consent_ref="x",
    ),
)


@given(st.lists(st.sampled_from(DEEDS), max_size=8))
def test_what_is_not_marked_as_behaviour_never_changes_by_it(deeds: list[Any]) -> None:
    """O4: purchases after the first, responses, sessions, partners' words (non-interference)."""
    before, after = read(told(), 20 * DAY), read(told(*((19, deed) for deed in deeds)), 20 * DAY)

    for name, feature in FEATURES.items():
        assert feature.behavioural or before[name] == after[name], name


def test_contacts_count_until_they_fail() -> None:
    """Within 7 and 30 days, open at the far end; a failed one was none."""
    any_purchase = EventEntry(
        any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
    )
    bank = Bank(push(entry=any_purchase))
    contacted(bank, 0)
    contacted(bank, 20 * DAY)
    failed = contacted(bank, 22 * DAY)
    bank.say(receipt(failed, "failed"), 22 * DAY + HOUR)
    found = read(bank, 27 * DAY)

    assert (0, 2, 7) == tuple(
        found[name] for name in ("contact_count_7d", "contact_count_30d", "last_contact_days")
    )


def test_responses_are_kept_by_channel() -> None:
    """The newest of each channel."""
    any_purchase = EventEntry(
        any_of=(LargePurchaseCondition(own_mean_percent_min=0, spend_count_min=0),)
    )
    bank = Bank(push(entry=any_purchase))
    trigger_id = contacted(bank, 0)
    for day, kind in ((1, "open"), (3, "click")):
        said = event(
            "response.recorded", response_id="r", trigger_id=trigger_id, channel="sms", kind=kind
        )
        bank.say(said, day * DAY)
    found = read(bank, 5 * DAY)

    assert ({"sms": "click"}, {"sms": 2}) == (found["response_kind"], found["response_days"])


def test_attributes_are_read_with_consent_only() -> None:
    """Withdrawn, they are as if they had never been told; so are partners' and surveys' words."""
    withdrawn = event("consent.changed", purpose="profiling", channel="data", status="revoked")
    found = read(told((19, withdrawn)), 20 * DAY)

    assert ("", "", {}, {}) == tuple(
        found[name] for name in ("city", "wealth_band", "partner", "survey")
    )


def test_bill_that_is_repaid_leaves_nothing_open() -> None:
    """And once its due date is over, it is in the share of those repaid."""
    rest = event(
        "repayment.received",
        repayment_id="p2",
        statement_id="s1",
        card_token="k1",
        amount_minor=45_000,
        currency="CNY",
    )
    found = read(told((15, rest)), 30 * DAY)

    assert (0, 1_000_000, 1_000_000, 0) == tuple(
        found[name]
        for name in ("bill_open_minor", "bill_paid_ppm", "repaid_share_ppm", "bill_due_hours")
    )


def test_instalment_plans_are_counted_until_settled() -> None:
    """Known ever after."""
    created = event(
        "instalment.created",
        plan_id="n1",
        card_token="k1",
        principal_minor=1,
        currency="CNY",
        term_count=3,
        annual_rate_bp=0,
        confirmed_by_customer=True,
    )
    settled = event("instalment.settled", plan_id="n1", card_token="k1")
    found = [
        tuple(read(told(*more), 20 * DAY)[name] for name in ("plan_count", "plan_ever"))
        for more in (((16, created),), ((16, created), (17, settled)))
    ]

    assert [(1, True), (0, True)] == found
