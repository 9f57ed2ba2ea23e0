"""An option is drawn among those that every gate lets through, which share all chances (3.19)."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lifecycle import gates
from lifecycle.asked import Asked
from schemas.campaign import Option
from schemas.decisions import GateReading
from tests.lifecycle.builders import DAY, HOUR, Bank, cap, spend
from tests.lifecycle.channels import agree, grants, stock_of, then, wording
from tests.lifecycle.choosing import bought, chooses, counted, option, reachable, worth_seen
from tests.lifecycle.told import decisions, triggers


Gate = Callable[[Asked], GateReading]

DEAR = option("text", offer="gift")
"""By sms, with a gift."""

APP, TAP = option("app", "push"), option("tap", "push", template_id="tap")


def test_only_what_reaches_is_drawn() -> None:
    """The customer has agreed to sms alone: all of the chance is there."""
    bank = agree(Bank(chooses(), consent=""), "sms")

    assert {"text": 1_000_000} == bought(bank).options_ppm


def test_option_reaches_by_a_fallback_of_its_own() -> None:
    """App is tried by push, then by sms, to which the customer has agreed: slot 1."""
    both = option("text"), option("app", "push", fallbacks=(then("sms"),))
    bank = agree(Bank(chooses(*both, epsilon_ppm=1_000_000), consent=""), "sms")

    assert {"text": 500_000, "app": 500_000} == bought(bank).options_ppm


def test_where_nothing_reaches_none_is_drawn_and_nobody_is_sent() -> None:
    """The reason is the consent's, as without a choice; the first option tells it."""
    told = bought(Bank(chooses(), consent=""))

    assert ("text", 0, {}) == (told.option, told.option_ppm, told.options_ppm)
    assert ("suppressed", "NO_CONSENT", "sms") == (told.verdict, told.reason_code, told.channel)


def test_option_without_budget_leaves_its_share_to_the_others() -> None:
    """
    Of 20 % by chance each of three has 66,666; text has had the rest, 866,668.

    A budget of 20 does not pay a gift of 30: app, the first of equals, has 900,000 of two.
    """
    bank = reachable(chooses(DEAR, APP, TAP, budget_minor=20, contact_cost_minor=1))
    bank.control(stock_of(9, unit_cost_minor=30), event_id="stock")
    told = bought(bank)

    assert {"app": 900_000, "tap": 100_000} == told.options_ppm
    assert ("sent", "") == (told.verdict, told.offer_id)


def test_option_is_left_out_once_its_offer_is_gone() -> None:
    """One gift: it goes to ann by text, which is the first of equals, and bob is pushed to."""
    bank = agree(reachable(chooses(DEAR, APP, epsilon_ppm=8)), "sms", "push", who="bob")
    bank.control(stock_of(1), event_id="stock")
    first, second = bought(bank), bought(bank, "bob")

    assert {"text": 999_996, "app": 4} == first.options_ppm
    assert ("gift", {"app": 1_000_000}) == (first.offer_id, second.options_ppm)
    assert ("sent", "") == (second.verdict, second.offer_id)


@pytest.mark.parametrize(
    "changed",
    [
        {"template_id": "unheard"},
        {"template_id": "shown"},
        {"offer": "never_defined"},
        {"contact_cost_minor": 21},
    ],
)
def test_option_that_a_gate_refuses_is_not_drawn(changed: dict[str, Any]) -> None:
    """No such wording; nothing to show; no such offer; 2 % x 1,000 - 21 is less than nothing."""
    bank = reachable(chooses(option("text", **{"template_id": "words", **changed}), APP))
    for approved in (wording("nudge", channel="push"), wording("words"), wording("shown", x="int")):
        bank.control(approved, event_id=approved.template.id)
    told = bought(bank)

    assert ("sent", "app", {"app": 1_000_000}) == (told.verdict, told.option, told.options_ppm)


def test_option_whose_channel_is_full_is_not_drawn() -> None:
    """One sms a day; whoever has had it is pushed to, for that has a place left."""
    bank = reachable(chooses(caps=(cap(1, DAY, "channel"),)))
    told = [bought(bank, event_id=name, at=hour * HOUR) for hour, name in ((1, "b1"), (2, "b2"))]
    drawn_first = told[0].option

    assert {"text": 900_000, "app": 100_000} == told[0].options_ppm
    assert {"text", "app"} - {drawn_first} == {*told[1].options_ppm}
    assert [(0, 1), (0, 1)] == [(one.caps[0].count_before, one.caps[0].count_after) for one in told]


@pytest.mark.parametrize(
    ("options", "option_id", "reason", "clause"),
    [
        ((option("mail", "email"), option("text", offer="none")), "text", "NO_INVENTORY", "offer"),
        ((option("text", offer="none"), option("mail", "email")), "text", "NO_INVENTORY", "offer"),
        ((option("app", "push", offer="no"), DEAR), "app", "NO_INVENTORY", "offer"),
        ((option("mail", "email"), option("call", "voice")), "mail", "NO_CONSENT", ""),
    ],
)
def test_refusal_is_told_by_the_first_option_at_the_last_gate(
    options: tuple[Option, ...], option_id: str, reason: str, clause: str
) -> None:
    """One without consent is left behind by one that lacks its offer; of equals the first tells."""
    told = bought(reachable(chooses(*options)))

    assert (option_id, 0, {}) == (told.option, told.option_ppm, told.options_ppm)
    assert ("suppressed", reason, clause) == (told.verdict, told.reason_code, told.clause)


def test_campaign_none_of_whose_options_is_worth_it_is_not_sent() -> None:
    """2 % x 1,000 = 20, less 30 and 50: text tells that it is worth -10."""
    costs = option("text", contact_cost_minor=30), option("app", "push", contact_cost_minor=50)
    told = bought(reachable(chooses(*costs)))

    assert ("suppressed", "NOT_WORTH", "text") == (told.verdict, told.reason_code, told.option)
    assert (-10_000_000, {"worth_micro": -10_000_000}) == (told.worth_micro, worth_seen(told))


def test_harm_of_one_option_is_no_reason_not_to_send_another() -> None:
    """Text, which costs 5, has brought 1 of 1,000, worth 1: less than nothing. App goes."""
    bank = reachable(chooses(option("text", contact_cost_minor=5), APP))
    counted(bank, {"text": 1_000, "app": 10_000})
    told = bought(bank)

    assert ("sent", {"app": 1_000_000}) == (told.verdict, told.options_ppm)
    assert {"worth_micro": 10_000_000, "app_worth_micro": 10_000_000} == worth_seen(told)


def test_record_tells_of_the_drawn_option_alone() -> None:
    """Each gate once, in their order; what is asked of the offer is that of app."""
    app = option("app", "push", offer="gift", value_minor=2_000)
    bank = reachable(chooses(option("text"), app, epsilon_ppm=8))
    bank.control(stock_of(3), event_id="stock")
    effects = bank.say(spend(), HOUR, event_id="bought")
    [told] = decisions(effects)

    asked = "eligibility applicability suitability stop consent personalisation content standing"
    asked += " quiet spacing caps offer worth arbitration experiment"
    assert asked.split() == [one.gate for one in told.gates]
    assert ("app", "gift", "push-ann") == (told.option, told.offer_id, told.consent_ref)
    assert [("push", "gift")] == [(one.channel, one.offer_id) for one in triggers(effects)]
    assert 1 == len(grants(effects))


def test_gates_of_the_customer_are_asked_once_for_all_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two options, one with an offer: channel, wording and caps are asked of both, it of one."""
    asked: Counter[str] = Counter()

    def counting(name: str, gate: Gate) -> Gate:
        return lambda about: asked.update((name,)) or gate(about)

    bank = reachable(chooses(DEAR, APP))
    bank.control(stock_of(1), event_id="stock")
    counted_gates = {name: counting(name, gate) for name, gate in gates.GATES.items()}
    monkeypatch.setattr(gates, "GATES", counted_gates)
    bought(bank)

    twice = {"consent", "content", "caps"}
    assert {name: 2 if name in twice else 1 for name in gates.GATES} == asked
