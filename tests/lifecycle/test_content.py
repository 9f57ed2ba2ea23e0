"""Approved wordings and what they show: nothing else goes out (SEMANTICS P3; 3.14, 3.7)."""

import pytest

from schemas.campaign import Arm, Campaign, EventEntry, Experiment
from schemas.events import PreferenceChanged, TenantConfigured
from schemas.events.control import SigningKey
from schemas.template import TEMPLATES_MAX
from tests.lifecycle.bills import FIRST, billed, reminder
from tests.lifecycle.builders import (
    DAY,
    HOUR,
    Bank,
    activated,
    issued,
    nudge,
    spend,
    win_back,
)
from tests.lifecycle.channels import by, then, went, wording
from tests.lifecycle.conditions import on
from tests.lifecycle.contacts import offer
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.told import decisions, triggers


OFF = PreferenceChanged(personalisation_opt_out=True)
CHINESE = PreferenceChanged(language="zh")
KEY = SigningKey(
    key_id="k", person="li.wei", public_key="iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
)


def shown(bank: Bank, at: int = HOUR) -> list[object]:
    """Return what the trigger of a purchase shows, or why there is none."""
    effects = bank.say(spend(), at)
    sent: list[object] = [[*one.variables.items()] for one in triggers(effects)]
    return sent or [f"{one.reason_code} {one.clause}".strip() for one in decisions(effects)]


MONEY = ("amount_minor", 1_000), ("currency", "CNY")


def test_bank_that_has_approved_nothing_is_not_held_to_it() -> None:
    """3.14: any template counts, with any variables."""
    bank = Bank(offer(treatment=by("sms", "unheard", n="spend_count")))

    assert [[*MONEY, ("n", 1)]] == shown(bank)


def test_first_approval_holds_every_campaign_to_it() -> None:
    """3.14: of the wording itself, in its version, for its channel."""
    bank = Bank(offer())
    told = []
    for hour, approved in enumerate(
        (wording("another"), wording(version=2), wording(channel="push"), wording(version=1)), 1
    ):
        bank.control(approved, hour * HOUR)
        told += went(bank.say(spend(), hour * HOUR))

    refused = "0 sms suppressed NO_TEMPLATE"
    # nudge, version 1, is known as a wording by push: it is approved once, and stays so
    assert [refused] * 4 == told
    assert 1 == bank.count("control|{}|STALE_VERSION")


def test_pinned_keys_hold_a_bank_to_it_before_any_approval() -> None:
    """3.14, P3: who signs policies signs wordings."""
    bank = Bank(offer())
    bank.control(TenantConfigured(time_zone="UTC", signing_keys=(KEY,)))

    assert ["NO_TEMPLATE"] == shown(bank)


def test_version_is_approved_once() -> None:
    """3.7: another wording under the same version changes nothing."""
    bank = Bank(offer())
    bank.control(wording(amount_minor="int"))
    bank.control(wording(currency="string"))

    assert [[("amount_minor", 1_000)]] == shown(bank)
    assert 1 == bank.count("control|{}|STALE_VERSION")
    assert 1 == bank.count("control|{}|template.approved")


def test_so_many_wordings_are_known_and_no_more() -> None:
    """3.7: 256 of a tenant, each version counted; the next changes nothing."""
    bank = Bank(offer(treatment=by("sms", "late")))
    for version in range(1, TEMPLATES_MAX + 1):
        bank.control(wording(version=version))
    bank.control(wording("late"))

    assert ["NO_TEMPLATE"] == shown(bank)
    assert (TEMPLATES_MAX, 1) == (
        bank.count("control|{}|template.approved"),
        bank.count("control|{}|STATE_FULL"),
    )


def test_trigger_shows_what_the_wording_lists_in_its_order() -> None:
    """3.14: those alone."""
    bank = Bank(offer(treatment=by("sms", n="spend_count")))
    bank.control(wording(n="int", currency="string"))

    assert [[("n", 1), ("currency", "CNY")]] == shown(bank)


def test_wording_that_lists_nothing_shows_nothing() -> None:
    """3.14: the allow-list is empty; a treatment's variable that it does not list is no matter."""
    bank = Bank(offer(treatment=by("sms", tongue="language")))
    bank.control(wording())

    assert [[]] == shown(bank)


def test_treatments_variable_stands_in_place_of_the_kinds() -> None:
    """3.14: `amount_minor` is how often the customer bought."""
    bank = Bank(offer(treatment=by("sms", amount_minor="spend_count")))

    assert [[("currency", "CNY"), ("amount_minor", 1)]] == shown(bank)


def test_variable_of_which_nothing_is_known_takes_the_kinds_away() -> None:
    """3.14: in place of one of the same name, even where it is nothing."""
    bank = Bank(offer(treatment=by("sms", currency="language")))
    bank.control(wording(currency="string"))
    told = shown(bank)
    bank.say(CHINESE, 2 * HOUR)

    assert ["VARIABLE_MISSING currency"] == told
    assert [[("currency", "zh")]] == shown(bank, 3 * HOUR)


def test_first_variable_that_is_missing_is_named() -> None:
    """3.14: in the wording's order where it is known, else in the treatment's."""
    treatment = by("sms", tongue="language", n="spend_count", where="region")
    bank = Bank(offer(treatment=treatment))
    told = [shown(bank)]
    bank.control(wording(n="int", where="string", tongue="string"), 2 * HOUR)

    assert [["VARIABLE_MISSING tongue"], ["VARIABLE_MISSING where"]] == [
        *told,
        shown(bank, 3 * HOUR),
    ]


@pytest.mark.parametrize(("name", "kind"), [("amount_minor", "string"), ("currency", "int")])
def test_variable_of_another_kind_is_missing(name: str, kind: str) -> None:
    """3.14: a number is no text, a text no number."""
    bank = Bank(offer())
    bank.control(wording(**{name: kind}))

    assert [f"VARIABLE_MISSING {name}"] == shown(bank)


def test_empty_text_is_missing() -> None:
    """3.14: an activation has no currency; its journey says ""."""
    used = offer(entry=EventEntry(when=(on("card.activated"),)))
    bank = Bank(used)
    bank.control(wording(amount_minor="int", currency="string"))

    assert ["0 sms suppressed VARIABLE_MISSING currency"] == went(bank.say(activated(), HOUR))


def test_absence_shows_nothing_of_its_own() -> None:
    """3.6: but what its treatment names."""
    bank = Bank(nudge(treatment=by("sms", tongue="language")))
    bank.say(CHINESE, 0)
    bank.say(issued(), 0)

    assert [{"tongue": "zh"}] == [one.variables for one in triggers(bank.tick(3 * DAY))]


def test_silence_shows_its_days() -> None:
    """3.6: floor of the time since the last purchase, 76 days on the 90th day; a number."""
    bank = Bank(win_back())
    bank.control(wording(silent_days="int"))
    for day in (0, 7, 14):
        bank.say(spend(), day * DAY)

    assert [{"silent_days": 76}] == [one.variables for one in triggers(bank.tick(90 * DAY + HOUR))]


def test_bill_shows_what_is_open_and_its_day() -> None:
    """3.6: 9.00 yuan due on the first of December."""
    bank = Bank(reminder())
    bank.control(wording(due_date="string", amount_minor="int"))
    bank.say(billed(900), 0)

    assert [[("due_date", "2023-12-01"), ("amount_minor", 900)]] == [
        [*one.variables.items()] for one in triggers(bank.tick(FIRST))
    ]


@pytest.mark.parametrize("feature", ["unheard", "segments", "staff", "scene_share_ppm"])
def test_policy_that_shows_what_no_text_can_is_refused(feature: str) -> None:
    """3.11: no such feature, a list, a truth value, a map."""
    bank = Bank(offer(treatment=by("sms", x=feature)))

    assert 1 == bank.count("control|{}|BAD_RULE")
    assert [] == bank.say(spend(), HOUR)


ARM = Arm(id="x", share_bp=0, treatment=by("sms"), fallbacks=(then("push", n="spend_count"),))
SHOWS_BEHAVIOUR: dict[str, dict[str, object]] = {
    "treatment": {"treatment": by("sms", n="spend_count")},
    "fallback": {"fallbacks": (then("push", n="spend_count"),)},
    "an arm of nobody": {"experiment": Experiment(salt="s", arms=(ARM,))},
}


def welcome(**changed: object) -> Campaign:
    """Return a campaign that a card in use begins, which looks at no behaviour."""
    return offer(**{"entry": EventEntry(when=(on("card.activated"),)), **changed})


@pytest.mark.parametrize("shows", SHOWS_BEHAVIOUR)
def test_wording_that_shows_behaviour_makes_a_personal_offer(shows: str) -> None:
    """3.4 gate 6: any treatment of the campaign; the gate stands before what is shown."""
    bank = Bank(welcome(**SHOWS_BEHAVIOUR[shows]))
    bank.say(OFF, 0)

    assert ["0 sms suppressed PERSONALISATION_OFF"] == went(bank.say(activated(), HOUR))


def test_wording_that_shows_no_behaviour_makes_none() -> None:
    """3.4 gate 6: in which language to write is no behaviour."""
    bank = Bank(welcome(treatment=by("sms", tongue="language")))
    bank.say(PreferenceChanged(personalisation_opt_out=True, language="zh"), 0)

    assert ["0 sms sent"] == went(bank.say(activated(), HOUR))


def test_record_tells_what_every_arm_would_show() -> None:
    """3.6: features of clauses and of the treatments of every arm, in their order."""
    bank = Bank(
        welcome(treatment=by("sms", tongue="language"), **SHOWS_BEHAVIOUR["an arm of nobody"])
    )
    bank.say(CHINESE, 0)
    told = decisions(bank.say(activated(), HOUR))[0]

    assert [("amount_minor", 0), ("language", "zh"), ("spend_count", 0)] == [*told.features.items()]


def test_successor_at_any_record_knows_what_is_approved() -> None:
    """B4, 3.7: the rows have the variables, and not the text."""
    bank = Bank(offer(treatment=by("sms", tongue="language")))
    bank.control(wording("another", n="int"))
    bank.say(spend(), HOUR)
    bank.control(wording(tongue="string"), 2 * HOUR)
    bank.say(CHINESE, 2 * HOUR)
    bank.say(spend(), 3 * HOUR)
    rows = restored_at_every_record(bank).rows

    known = rows[b"#template|0|bank|nudge|1"]
    assert b"tongue" in known
    assert b"..." not in known
    assert [{"tongue": "zh"}] == [one.variables for one in triggers(bank.say(spend(), 4 * HOUR))]
