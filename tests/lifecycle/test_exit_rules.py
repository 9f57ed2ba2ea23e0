"""Exits with a rule end where it is true (docs/core.md 3.2.9)."""

from typing import Any

from lifecycle.policies import active
from schemas.campaign import (
    Step,
)
from schemas.events import (
    RepaymentReceived,
)
from tests.lifecycle.bills import reminder
from tests.lifecycle.builders import DAY, HOUR, Bank, bill, nudge, push
from tests.lifecycle.conditions import on


def test_exit_with_a_rule_ends_where_it_is_true() -> None:
    """A repayment of 400 or more, about the journey's card."""
    exit_ = on("repayment.received", "event.amount_minor >= 400")
    bank = Bank(push(steps=(Step(id="later", delay_ms=DAY),), exit_on=(exit_,)))
    bank.say(bill(300_000), HOUR)
    bank.say(repayment(399), 2 * HOUR)
    waiting = len(bank.row().journeys)
    bank.say(repayment(400), 3 * HOUR)

    assert (1, 0) == (waiting, len(bank.row().journeys))


def test_exit_with_a_rule_is_about_the_journeys_card() -> None:
    """Another card's repayment ends nothing."""
    bank = Bank(
        push(steps=(Step(id="later", delay_ms=DAY),), exit_on=(on("repayment.received", "true"),))
    )
    bank.say(bill(300_000), HOUR)
    bank.say(repayment(400, card="k2"), 2 * HOUR)

    assert 1 == len(bank.row().journeys)


def test_exit_whose_rule_cannot_be_computed_ends_nothing() -> None:
    """400 / 0: who is waited for stays waited for."""
    exit_ = on("repayment.received", "event.amount_minor / spend_count > 1")
    bank = Bank(push(steps=(Step(id="later", delay_ms=DAY),), exit_on=(exit_,)))
    bank.say(bill(300_000), HOUR)
    bank.say(repayment(400), 2 * HOUR)

    assert 1 == len(bank.row().journeys)
    assert 1 == bank.count("rule_error|{}|push")


def test_exit_with_a_rule_ends_a_reminder() -> None:
    """Beside repayment in full, which ends it by itself."""
    exit_ = on("repayment.received", "event.amount_minor >= 400")
    bank = Bank(reminder(exit_on=("card.closed", exit_)))
    bank.say(bill(300_000), HOUR)
    bank.say(repayment(399), 2 * HOUR)
    waiting = len(bank.row().journeys)
    bank.say(repayment(401), 3 * HOUR)

    assert (1, 0) == (waiting, len(bank.row().journeys))


def repayment(amount_minor: int, card: str = "k1") -> RepaymentReceived:
    """Return money on a card, for no bill in particular."""
    money: dict[str, Any] = {"amount_minor": amount_minor, "currency": "CNY"}
    return RepaymentReceived(repayment_id="r", card_token=card, **money)


def test_exit_rule_that_reads_behaviour_makes_the_campaign_behavioural() -> None:
    """O3: who is still written to would depend on it."""
    exit_ = on("app.session", "spend_count > 3")

    assert active(nudge(exit_on=(exit_,)), "h").behavioural
    assert not active(nudge(exit_on=("txn.posted",)), "h").behavioural
