"""What is given back of offers and budgets, and what a fallback takes over (C2, C3; 3.15)."""

import pytest

from schemas.events import ErasureRequested, PolicyPublished
from tests.lifecycle.builders import DAY, HOUR, Bank, cap, receipt, spend
from tests.lifecycle.channels import (
    agree,
    answer,
    fail,
    grants,
    reach,
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
    by_push,
    gifts,
    seen,
    taken,
)
from tests.lifecycle.measured import cancelled
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.told import decisions, triggers


def test_contact_that_was_not_made_gives_its_cost_back_but_no_unit() -> None:
    """3.15: whether the unit was granted, the offer system alone knows."""
    bank = gifts(9, 30, budget_minor=70, contact_cost_minor=5)
    sent = triggers(bank.say(spend(), HOUR))[0].trigger_id
    told = []
    for hour, status in enumerate(("failed", "rejected", "delivered", "delivered", "failed"), 2):
        bank.say(receipt(sent, status), hour * HOUR)
        told.append(taken(bank))

    assert [(1, 30), (1, 30), (1, 35), (1, 35), (1, 35)] == told


def test_late_delivery_may_overspend() -> None:
    """3.15: the money went to somebody else meanwhile, and the message was sent all the same."""
    bank = Bank(offer(budget_minor=5, contact_cost_minor=5, **WORTH))
    sent = triggers(bank.say(spend(), HOUR))[0].trigger_id
    bank.say(receipt(sent, "failed"), 2 * HOUR)
    told = buys(bank, 3)
    bank.say(receipt(sent, "delivered"), 4 * HOUR)
    effects = bank.say(spend(), 5 * HOUR)

    assert [SENT, TOO_DEAR] == [*told, went(effects)]
    assert {"left_minor": -5, "cost_minor": 5} == seen(effects)


@pytest.mark.parametrize("status", ["refused", "expired"])
def test_unit_that_is_not_granted_is_there_again(status: str) -> None:
    """O7, C3: what promises it is taken back, and the next customer has it."""
    bank = gifts(1, 30, budget_minor=35, contact_cost_minor=5)
    asked = grants(bank.say(spend(), HOUR))[0]
    effects = bank.say(answer(asked, status), 2 * HOUR)

    assert ["NO_INVENTORY"] == cancelled(effects)
    assert (0, 5) == taken(bank)
    bank.say(receipt(asked.trigger_id, "cancelled"), 3 * HOUR)
    assert (0, 0) == taken(bank)
    assert [SENT] == buys(bank, 4)


@pytest.mark.parametrize("status", ["granted", "redeemed"])
def test_unit_that_is_granted_is_gone(status: str) -> None:
    """3.15: nothing changes; a failure of the message gives it not back either."""
    bank = gifts(1)
    asked = grants(bank.say(spend(), HOUR))[0]

    assert [] == bank.say(answer(asked, status), 2 * HOUR)
    bank.say(receipt(asked.trigger_id, "failed"), 3 * HOUR)
    assert [NONE_LEFT] == buys(bank, 4)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_newest_word_decides_whatever_the_order_of_arrival(order: tuple[int, int]) -> None:
    """3.8: refused at 2 h, granted at 3 h; once taken back it stays so, but the unit is gone."""
    bank = gifts(1)
    asked = grants(bank.say(spend(), HOUR))[0]
    said = (answer(asked, "refused"), 2 * HOUR), (answer(asked, "granted"), 3 * HOUR)
    told = []
    for place in order:
        event, at = said[place]
        told += cancelled(bank.say(event, at, arrived=4 * HOUR))

    assert (["NO_INVENTORY"] if order == (0, 1) else []) == told
    assert (1, 0) == taken(bank)


def test_word_of_one_moment_is_the_greater() -> None:
    """3.8: (at, status): of `granted` and `refused` in one millisecond `refused` stays."""
    for statuses in (("granted", "refused"), ("refused", "granted")):
        bank = gifts(1)
        asked = grants(bank.say(spend(), HOUR))[0]
        for status in statuses:
            bank.say(answer(asked, status), 2 * HOUR)
        assert (0, 0) == taken(bank)


def test_result_about_another_reservation_or_trigger_changes_nothing() -> None:
    """3.8, G1: what is not known is ignored; a result of no reservation of ours is a word only."""
    bank = gifts(1)
    asked = grants(bank.say(spend(), HOUR))[0]
    bank.say(answer(asked, "refused", trigger_id="nobody's"), 2 * HOUR)
    bank.say(answer(asked, "refused", reservation_id="nobody's"), 2 * HOUR)

    assert 1 == bank.count("ignored|{}|UNKNOWN_TRIGGER")
    assert (1, 0) == taken(bank)


def test_result_for_a_contact_that_is_forgotten_gives_nothing_back() -> None:
    """3.15: so that no unit is there twice; 32 notices have made it leave."""
    notice = offer("z", message_class="mandatory")
    bank = Bank(offer(offer="gift", caps=(cap(1, DAY),)), notice)
    bank.control(stock_of(1))
    asked = grants(bank.say(spend(), HOUR))[0]
    for _ in range(32):
        bank.say(spend(), 2 * HOUR)
    bank.say(answer(asked, "refused"), 3 * HOUR)

    assert 1 == bank.count("ignored|{}|UNKNOWN_TRIGGER")
    assert (1, 0) == taken(bank)


def test_erased_customer_gives_nothing_back() -> None:
    """B5, 3.15: nobody knows any more whose unit it was; what the offer system says is late."""
    bank = gifts(1)
    asked = grants(bank.say(spend(), HOUR))[0]
    bank.say(ErasureRequested(request_id="r"), 2 * HOUR)
    bank.say(answer(asked, "refused"), 3 * HOUR)

    assert 1 == bank.count("ignored|{}|ERASED")
    assert (1, 0) == taken(bank)


def test_fallback_takes_the_reservation_over() -> None:
    """C2, 3.15: the same gift, promised once; the cost of one contact; no grant is asked for."""
    bank, asked = by_push()
    effects = fail(bank, asked.trigger_id)
    trigger = triggers(effects)[0]

    assert (["1 sms sent"], []) == (went(effects), grants(effects))
    assert (1, 35) == taken(bank)
    assert ("gift", asked.reservation_id, asked.expires_at_ms) == (
        trigger.offer_id,
        trigger.reservation_id,
        trigger.reservation_expires_at_ms,
    )
    assert [None, asked.reservation_id] == [
        one.reserved and one.reserved.reservation_id for one in bank.row().contacts
    ]


def test_fallback_that_fails_gives_the_cost_back_once() -> None:
    """3.15: push, sms and voice have failed, and only the last had it."""
    bank, asked = by_push()
    trigger_id, told = asked.trigger_id, []
    for hour in (2, 3, 4):
        effects = fail(bank, trigger_id, hour * HOUR)
        told.append(taken(bank))
        trigger_id = next((one.trigger_id for one in triggers(effects)), trigger_id)

    assert [(1, 35), (1, 35), (1, 30)] == told


def test_fallback_that_is_not_made_gives_the_cost_back() -> None:
    """3.15: nothing was taken over."""
    campaign = reach(offer="gift", budget_minor=70, contact_cost_minor=5, **WORTH)
    bank = agree(Bank(campaign, consent=""), "push")
    bank.control(stock_of(1, unit_cost_minor=30))
    sent = triggers(bank.say(spend(), HOUR))[0]

    assert ["1 sms suppressed NO_CONSENT"] == went(fail(bank, sent.trigger_id))
    assert (1, 30) == taken(bank)


def test_gift_that_is_refused_between_is_promised_nowhere_else() -> None:
    """3.14: its reservation is returned."""
    bank, asked = by_push()
    bank.say(answer(asked, "refused"), HOUR)

    assert [] == fail(bank, asked.trigger_id)
    assert (0, 0) == taken(bank)


def test_gift_that_is_refused_after_the_fallback_takes_that_back() -> None:
    """
    3.15: the offer system answers about the trigger that asked; sms has the reservation now.

        1 h push, asked    2 h failed: sms    3 h refused: sms is taken back
    """
    bank, asked = by_push()
    own = triggers(fail(bank, asked.trigger_id))[0].trigger_id
    effects = bank.say(answer(asked, "refused"), 3 * HOUR)

    assert ["NO_INVENTORY"] == cancelled(effects)
    assert [False, True] == [one.cancelled for one in bank.row().contacts]
    assert (0, 5) == taken(bank)
    assert own == bank.row().contacts[1].trigger_id


def test_new_version_promises_what_was_reserved() -> None:
    """3.6: the trigger has what its contact reserved; the record names the policy's offer."""
    bank, asked = by_push()
    newer = reach(version=2, offer="cake", **WORTH)
    bank.control(PolicyPublished(campaign=newer, policy_hash="h"), HOUR)
    effects = fail(bank, asked.trigger_id)

    assert ["gift"] == [one.offer_id for one in triggers(effects)]
    assert ["cake"] == [one.offer_id for one in decisions(effects)]


def test_successor_at_any_record_has_taken_as_much() -> None:
    """B4: offers, budgets and reservations are in the rows."""
    bank, asked = by_push(2)
    own = triggers(fail(bank, asked.trigger_id))[0].trigger_id
    bank.say(answer(asked, "granted"), 2 * HOUR)
    second = grants(bank.say(spend(), 3 * HOUR))[0]
    bank.control(stock_of(3, version=2, unit_cost_minor=30), 4 * HOUR)
    bank.say(answer(second, "refused"), 4 * HOUR)
    bank.say(receipt(own, "delivered"), 5 * HOUR)
    bank.say(receipt(second.trigger_id, "cancelled"), 6 * HOUR)
    rows = restored_at_every_record(bank).rows

    assert (1, 35) == taken(bank)
    assert {b"#offer|0|bank|gift", b"#budget|0|bank|a"} <= rows.keys()
