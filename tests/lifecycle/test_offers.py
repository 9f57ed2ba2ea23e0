"""What a contact promises and costs: looked at, taken, asked for (C3, O2; 3.15)."""

import pytest

from lifecycle.printing import printed
from schemas.decisions import Decision, OfferGrantRequested, Trigger
from schemas.events import AnyEvent, TenantConfigured
from tests.lifecycle.builders import DAY, HOUR, T0, TENANT, Bank, cap, spend
from tests.lifecycle.by_hand import uuid8
from tests.lifecycle.channels import (
    grants,
    stock_of,
    went,
)
from tests.lifecycle.contacts import offer
from tests.lifecycle.gifts import (
    NONE_LEFT,
    SENT,
    TOO_DEAR,
    WORTH,
    buys,
    gifts,
    seen,
    taken,
)
from tests.lifecycle.measured import ALL_CONTROL, PURCHASE
from tests.lifecycle.told import decisions, triggers


def test_each_contact_takes_a_unit() -> None:
    """3.15: three purchases, two gifts."""
    bank = gifts(2)

    assert [SENT, SENT, NONE_LEFT] == buys(bank, 1, 2, 3)
    assert (2, 0) == taken(bank)


def test_offer_that_nobody_has_defined_is_not_promised() -> None:
    """3.15: clause `offer`, which saw nothing."""
    effects = Bank(offer(offer="gift")).say(spend(), HOUR)

    assert ["0 sms suppressed NO_INVENTORY offer"] == went(effects)
    assert {} == seen(effects)


def test_gate_tells_what_is_left_and_what_it_costs() -> None:
    """3.15: in this order: the unit, then the money for it and for the contact."""
    bank = gifts(2, 30, budget_minor=70, contact_cost_minor=5)
    told = [seen(bank.say(spend(), hour * HOUR)) for hour in (1, 2, 3)]

    assert [
        {"left_count": 2, "left_minor": 70, "cost_minor": 35},
        {"left_count": 1, "left_minor": 35, "cost_minor": 35},
        {"left_count": 0},
    ] == told
    assert (2, 70) == taken(bank)


def test_budget_pays_for_units_and_contacts() -> None:
    """3.15: 5 and 30 of 69; the second would cost one more than is left."""
    bank = gifts(9, 30, budget_minor=69, contact_cost_minor=5)

    assert [SENT, TOO_DEAR] == buys(bank, 1, 2)
    assert (1, 35) == taken(bank)


def test_budget_alone_pays_for_contacts() -> None:
    """3.15: no offer; nothing is asked for."""
    bank = Bank(offer(budget_minor=11, contact_cost_minor=5, **WORTH))
    effects = [bank.say(spend(), hour * HOUR) for hour in (1, 2, 3)]

    assert [SENT, SENT, TOO_DEAR] == [*map(went, effects)]
    assert [] == [one for each in effects for one in grants(each)]
    assert ["", ""] == [one.offer_id for each in effects for one in triggers(each)]
    assert [0, 0] == [one.reservation_expires_at_ms for each in effects for one in triggers(each)]


def test_without_a_budget_nothing_is_spent() -> None:
    """3.15: costs are looked at by `worth` alone."""
    bank = gifts(9, 30, contact_cost_minor=5)
    buys(bank, 1)

    assert (1, 0) == taken(bank)


def test_campaign_that_promises_nothing_has_no_reading() -> None:
    """3.4 gate 12: nor one of another class, whatever it names."""
    for bank in (Bank(offer()), gifts(0, message_class="servicing")):
        effects = bank.say(spend(), HOUR)
        assert SENT == went(effects)
        assert "offer" not in [one.gate for one in decisions(effects)[0].gates]
        assert [None] == [one.reserved for one in bank.row().contacts]


def test_grant_is_asked_for_between_trigger_and_record() -> None:
    """3.4, 3.6: its bytes go to the offers, by customer, under its own id."""
    bank = gifts(1, 30, version=3, conversion=PURCHASE)
    trigger, grant, record, _ = bank.say(spend(), HOUR)

    assert isinstance(trigger, Trigger)
    assert isinstance(record, Decision)
    own = uuid8("reservation", trigger.trigger_id)
    assert (
        OfferGrantRequested(
            reservation_id=own,
            offer_id="gift",
            offer_version=1,
            tenant=TENANT,
            customer_token="ann",
            card_token="k1",
            trigger_id=trigger.trigger_id,
            campaign_id="a",
            policy_version=3,
            requested_at_ms=T0 + HOUR,
            expires_at_ms=T0 + 2 * HOUR,
        )
        == grant
    )
    output = printed(grant)
    assert ("marketing.offers.v1", b"bank|ann") == (output.topic, output.key)
    assert [("ce_id", own.encode()), ("ce_type", b"offer.grant_requested.v1")] == [
        one for one in output.headers if one[0] in {"ce_id", "ce_type"}
    ]
    assert (own, "gift", T0 + 2 * HOUR) == (
        trigger.reservation_id,
        trigger.offer_id,
        trigger.reservation_expires_at_ms,
    )
    assert "gift" == record.candidates[0].offer_id


def test_triggers_go_before_all_grants() -> None:
    """3.4: the triggers of those sent, then what they ask for, in one order."""
    notice = offer("z", message_class="mandatory")
    bank = Bank(offer(offer="gift"), notice)
    bank.control(stock_of(1))

    assert [Trigger, Trigger, OfferGrantRequested, Decision] == [
        *map(type, bank.say(spend(), HOUR))
    ]


@pytest.mark.parametrize(
    ("changed", "control", "wanted"),
    [
        ({"experiment": ALL_CONTROL}, (), "0 sms control CONTROL"),
        (
            {},
            (TenantConfigured(time_zone="UTC", holdout_bp=10_000, holdout_salt="h"),),
            "0 sms held_out HOLDOUT",
        ),
        ({}, (TenantConfigured(time_zone="UTC", live_from_ms=T0 + DAY),), "0 sms shadow"),
        ({"value_minor": 0}, (), "0 sms suppressed NOT_WORTH"),
    ],
)
def test_who_is_not_sent_takes_nothing(
    changed: dict[str, object], control: tuple[AnyEvent, ...], wanted: str
) -> None:
    """O2, E2, T7: nothing is reserved by looking."""
    bank = gifts(1, 1, budget_minor=9, contact_cost_minor=1, **changed)
    for record in control:
        bank.control(record)
    effects = bank.say(spend(), HOUR)

    assert ([wanted], []) == (went(effects), grants(effects))
    assert (0, 0) == taken(bank)


def test_loser_of_an_arbitration_takes_nothing() -> None:
    """O2: two campaigns, one gift: both saw it, the winner has it."""
    bank = Bank(offer(offer="gift"), offer("b", offer="gift", priority=90))
    bank.control(stock_of(1))

    assert ["0 sms suppressed LOST_ARBITRATION", "0 sms sent"] == went(bank.say(spend(), HOUR))
    assert (1, 0) == taken(bank)


def test_who_is_over_a_cap_takes_nothing() -> None:
    """O2: caps are asked before inventory."""
    bank = gifts(1, caps=(cap(1, DAY),))

    assert [SENT, ["0 sms suppressed CAP_CAMPAIGN"]] == buys(bank, 1, 2)
    assert (1, 0) == taken(bank)
