"""A card goes on under another token: journeys, exits and records are about it as it is now."""

from typing import Literal

import pytest
from msgspec.structs import replace

from tests.lifecycle.bills import FIRST, billed, paid, reminder
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    Bank,
    activated,
    issued,
    nudge,
    receipt,
    spend,
    wallet_bound,
    win_back,
)
from tests.lifecycle.by_hand import occurrence
from tests.lifecycle.fates import delivered, lost, replaced, tried
from tests.lifecycle.told import decisions, story, triggers


def test_record_names_the_card_as_it_is_now() -> None:
    """
    3.6: trigger, decision and correction name k2; the occurrence stays that of the issue (B1).

        day   0 k1 issued   1 k1 becomes k2   3 nudge   4 k2 was activated on day 2: invalidated
    """
    bank = Bank(nudge())
    bank.say(issued(), 0, event_id="issue")
    bank.say(replaced(), DAY)
    effects = bank.tick(3 * DAY)
    corrected = bank.say(activated("k2"), 2 * DAY, arrived=4 * DAY)

    assert ["k2"] == [trigger.card_token for trigger in triggers(effects)]
    assert ["k2", "k2"] == [one.card_token for one in decisions(effects + corrected)]
    assert ["", "LATE_TRUTH"] == [one.reason_code for one in decisions(effects + corrected)]
    assert [occurrence("k1", "issue")] * 2 == [
        one.occurrence_key for one in decisions(effects + corrected)
    ]


def test_correction_keeps_the_card_of_its_trigger() -> None:
    """3.4: the contact keeps it; who reads both records finds them about one card."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    sent = triggers(bank.tick(3 * DAY))[0]
    bank.say(replaced(), 4 * DAY)
    corrected = bank.say(activated("k2"), 2 * DAY, arrived=5 * DAY)

    assert "k1" == sent.card_token
    assert [("k1", sent.trigger_id)] == [
        (one.card_token, one.trigger_id) for one in decisions(corrected)
    ]


@pytest.mark.parametrize("token", ["k1", "k2", "k3"])
def test_journey_ends_with_its_card_under_any_token(token: str) -> None:
    """3.2.9: k1 became k2 became k3; an event of any of them is about the card."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    bank.say(replaced("k1", "k2"), HOUR)
    bank.say(replaced("k2", "k3"), 2 * HOUR)
    bank.say(activated(token), 3 * HOUR)

    assert [] == bank.row().journeys


def test_journey_does_not_end_with_the_card_of_another() -> None:
    """k2 is a card of its own as long as nothing replaces one by the other."""
    bank = Bank(nudge())
    bank.say(issued("k1"), 0)
    bank.say(activated("k2"), HOUR)

    assert ["k1"] == [journey.card_token for journey in bank.row().journeys]


def test_issue_of_a_card_that_goes_on_activated_enters_nothing() -> None:
    """
    3.2.10, T6: the issue comes last, and nothing is missing any more.

        hour   0 k1 issued . . . .   1 k1 becomes k2   2 k2 activated   3 the issue arrives
    """
    bank = Bank(nudge())
    bank.say(replaced(), HOUR)
    bank.say(activated("k2"), 2 * HOUR)
    bank.say(issued(), 0, arrived=3 * HOUR)

    assert [] == bank.row().journeys


def test_what_replaces_an_activated_card_is_not_activated_anew() -> None:
    """3.8: it has reached all that the old one had."""
    bank = Bank(nudge(entry=replace(nudge().entry, after="card.activated", without="wallet.bound")))
    bank.say(activated(), 0)
    bank.say(wallet_bound(), HOUR)
    bank.say(replaced(), 2 * HOUR)
    bank.say(activated("k2"), 3 * HOUR)

    assert [] == bank.row().journeys


@pytest.mark.parametrize(
    ("issue_type", "enters"), [("new", True), ("renewal", False), ("replacement", False)]
)
def test_only_a_new_card_begins_the_activation(
    issue_type: Literal["new", "renewal", "replacement"],
    enters: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    """3.2.10: a renewal is not an acquisition."""
    bank = Bank(nudge())
    bank.say(replace(issued(), issue_type=issue_type), 0)

    assert enters == bool(bank.row().journeys)


def test_lost_card_that_was_replaced_is_written_about() -> None:
    """3.4 gate 3: eligible is the card as it is now; k2 is in use."""
    stays_lost, goes_on = Bank(nudge()), Bank(nudge())
    for bank in (stays_lost, goes_on):
        bank.say(issued(), 0)
        bank.say(lost("k1"), DAY)
    goes_on.say(replaced(), 2 * DAY)

    assert ["nudge first suppressed NOT_ELIGIBLE"] == story(stays_lost.tick(3 * DAY))
    assert ["-> ann first", "nudge first sent"] == story(goes_on.tick(3 * DAY))


def test_loss_of_the_card_that_continues_holds_the_first_ones_journey() -> None:
    """The other way round: k1 is in order, and what it goes on as is lost."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    bank.say(replaced(), DAY)
    bank.say(lost("k2"), 2 * DAY)
    decided = decisions(bank.tick(3 * DAY))

    assert [("k2", "NOT_ELIGIBLE")] == [(one.card_token, one.reason_code) for one in decided]


def test_repayment_of_the_card_that_continues_ends_the_offer() -> None:
    """3.2.9: it names no statement, so its card decides, as it is now."""
    bank = Bank(reminder(exit_on=("repayment.received",)))
    bank.say(billed(), 0)
    bank.say(replaced(), HOUR)
    bank.say(paid(1, statement="", card="k2"), 2 * HOUR)

    assert [] == bank.row().journeys


def test_reminder_and_win_back_name_the_card_as_it_is_now() -> None:
    """3.6: of every kind of entry."""
    bank = Bank(reminder(), win_back())
    bank.say(billed(), 0)
    for number in range(5):
        bank.say(spend(), number)
    bank.say(replaced(), HOUR)
    effects = bank.tick(FIRST) + bank.tick(500 * DAY)

    assert {("remind", "k2"), ("win_back", "k2")} == {
        (trigger.campaign_id, trigger.card_token) for trigger in triggers(effects)
    }


def test_delivery_and_first_authorisation_are_milestones_to_be_missed() -> None:
    """3.2.4: delivered and not activated; activated and never tried."""
    unopened = nudge(id="unopened", entry=replace(nudge().entry, after="card.delivered"))
    untried = replace(nudge().entry, after="card.activated", without="txn.authorised")
    bank = Bank(unopened, nudge(id="untried", entry=untried))
    for number, event in enumerate(
        [delivered("k1"), activated("k2"), activated("k3"), tried("k2")]
    ):
        bank.say(event, number)

    assert [("unopened", "k1"), ("untried", "k3")] == [
        (one.campaign_id, one.card_token) for one in bank.row().journeys
    ]


def test_receipt_of_a_trigger_is_for_the_customer_whatever_the_card() -> None:
    """G1: a receipt names the trigger; a card replaced in between changes nothing."""
    bank = Bank(nudge())
    bank.say(issued(), 0)
    trigger_id = triggers(bank.tick(3 * DAY))[0].trigger_id
    bank.say(replaced(), 4 * DAY)
    bank.say(receipt(trigger_id, "failed"), 5 * DAY)

    assert [True] == [contact.released for contact in bank.row().contacts]
