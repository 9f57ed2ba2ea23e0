"""A campaign chooses among ways of contacting, by what they bring, and logs its chances (3.19)."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.choice_shape import check_choice
from lifecycle.rules import RuleError
from schemas.campaign import Arm, Campaign, EventCondition, EventEntry, Experiment
from schemas.events import AppSession, PolicyPublished, PreferenceChanged
from tests.lifecycle.builders import DAY, HOUR, Bank, spend
from tests.lifecycle.channels import agree, by, grants, heard, stock_of, then, went
from tests.lifecycle.choosing import (
    bought,
    chooses,
    counted,
    drawn,
    option,
    reachable,
    worth_seen,
)
from tests.lifecycle.contacts import night
from tests.lifecycle.measured import opened
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.snapshots import head, publish, published
from tests.lifecycle.told import decisions, triggers


BOLD = Experiment(salt="s", arms=(Arm(id="bold", share_bp=10_000, treatment=by("sms")),))
"""All are in the arm."""

PEOPLE = [f"c{number}" for number in range(60)]


def test_option_worth_most_has_what_epsilon_leaves() -> None:
    """Of 20 % by chance each of two has a tenth; the better one has the other eight as well."""
    bank = reachable()
    counted(bank, {"text": 10_000, "app": 30_000})

    assert {"text": 100_000, "app": 900_000} == bought(bank).options_ppm


def test_first_of_equals_is_taken_for_the_better() -> None:
    """Nobody has counted anything yet: both are worth the base rate."""
    told = bought(reachable())

    assert {"text": 900_000, "app": 100_000} == told.options_ppm
    assert (20_000, "base_rate") == (told.propensity_ppm, told.propensity_from)


def test_rounding_leaves_the_rest_to_the_better() -> None:
    """200,000 / 3 = 66,666 each; 10^6 - 2 x 66,666 = 866,668."""
    three = option("text"), option("app", "push"), option("again", "sms", template_id="other")
    bank = reachable(chooses(*three))
    counted(bank, {"text": 1, "app": 1, "again": 50_000})

    assert {"text": 66_666, "app": 66_666, "again": 866_668} == bought(bank).options_ppm


def test_draw_is_by_the_contact_and_no_clock() -> None:
    """U of each customer by hashlib; text has [0, 900,000), app what is above."""
    bank = reachable()
    chosen = {}
    for who in PEOPLE:
        agree(bank, "sms", "push", who=who)
        told = bought(bank, who)
        chosen[who] = told.option
        assert told.option_ppm == told.options_ppm[told.option]

    by_hand = {who: "text" if drawn(who, "bought") < 900_000 else "app" for who in PEOPLE}
    assert by_hand == chosen
    assert {"text", "app"} == {*chosen.values()}


def test_channel_and_wording_are_those_of_the_option() -> None:
    """Who drew app is pushed to; the trigger has the option's template."""
    bank = reachable(chooses(option("text"), option("app", "push", template_id="tap")))
    who = next(who for who in PEOPLE if drawn(who, "bought") >= 900_000)
    agree(bank, "sms", "push", who=who)
    effects = bank.say(spend(), HOUR, who=who, event_id="bought")
    [sent] = triggers(effects)

    assert ("push", "tap") == (sent.channel, sent.template_id)
    assert ["0 push sent"] == went(effects)


def test_worth_counts_value_and_cost_of_the_option() -> None:
    """2 % x 1,000 - 0 = 20; 1 % x 5,000 - 20 = 30: the rarer one is worth more."""
    rare = option("app", "push", value_minor=5_000, contact_cost_minor=20)
    bank = reachable(chooses(option("text"), rare))
    counted(bank, {"text": 20_000, "app": 10_000})
    told = bought(bank)

    assert {"text": 100_000, "app": 900_000} == told.options_ppm
    assert "app" == told.option
    assert (10_000, "counts", 5_000, 20) == (
        told.propensity_ppm,
        told.propensity_from,
        told.value_minor,
        told.contact_cost_minor,
    )
    assert 30_000_000 == worth_seen(told)["app_worth_micro"]


def test_models_of_options_choose() -> None:
    """Model n says a half, model m 27 %: app is worth more, and the record has n's score."""
    campaign = chooses(option("text", model="m"), option("app", "push", model="n"))
    bank = reachable(campaign)
    publish(bank, published(head(-1.0, 0.0)))
    publish(bank, published(head(0.0, 0.0), id="n"))
    effects = bank.say(spend(), HOUR, event_id="bought")
    [told] = decisions(effects)

    assert {"text": 100_000, "app": 900_000} == told.options_ppm
    assert ("app", "n|1|1", 500_000) == (told.option, told.model, told.score_ppm)
    [exposure] = opened(effects)
    assert ("n", 500_000, "app", 900_000) == (
        exposure.model_id,
        exposure.score_ppm,
        exposure.option,
        exposure.option_ppm,
    )
    assert told.options_ppm == exposure.options_ppm
    assert exposure.key_count == 3  # m, n, and none: who wants no personal offers has no score


def test_who_wants_no_personal_offers_is_drawn_by_lot() -> None:
    """Whatever was counted: half and half, by the base rate, and so is the mean of 20 and 40."""
    at_a_look = EventEntry(when=(EventCondition(on="app.session"),))
    bank = reachable(
        chooses(option("text"), option("app", "push", value_minor=2_000), entry=at_a_look)
    )
    counted(bank, {"text": 10_000, "app": 30_000})
    bank.say(PreferenceChanged(personalisation_opt_out=True), 0, event_id="off")
    [told] = decisions(bank.say(AppSession(surface="home"), HOUR))

    assert ("sent", {"text": 500_000, "app": 500_000}) == (told.verdict, told.options_ppm)
    assert (20_000, "base_rate") == (told.propensity_ppm, told.propensity_from)
    assert 30_000_000 == told.worth_micro


def test_arm_with_a_wording_of_its_own_has_no_choice() -> None:
    """All are in the arm: its wording, no option."""
    arm = Arm(id="bold", share_bp=10_000, treatment=by("sms"))
    told = bought(reachable(chooses(experiment=Experiment(salt="s", arms=(arm,)))))

    assert ("bold", "", 0, {}) == (told.arm, told.option, told.option_ppm, told.options_ppm)


def test_control_is_drawn_as_well() -> None:
    """Who is kept back would have got an option, and the exposure says which."""
    bank = reachable(chooses(experiment=Experiment(salt="s", control_bp=10_000)))
    [exposure] = opened(bank.say(spend(), HOUR, event_id="bought"))

    assert ("control", "text", 900_000) == (exposure.verdict, exposure.option, exposure.option_ppm)


def test_deferred_step_draws_the_same() -> None:
    """
    Quiet at 22:13, open at 08:00: the draw is of the contact, the chances are of then.

        0 h bought, deferred, nothing drawn    9.8 h counted, app is better by now
    """
    bank = reachable()
    bank.control(night(), event_id="nights")
    first = bought(bank, at=0)
    counted(bank, {"text": 1, "app": 90_000})
    [then_told] = decisions(bank.tick(10 * HOUR))

    assert ("deferred", "sent") == (first.verdict, then_told.verdict)
    assert ({}, {"text": 100_000, "app": 900_000}) == (first.options_ppm, then_told.options_ppm)
    by_hand = "text" if drawn("ann", "bought") < 100_000 else "app"
    assert ("text", by_hand) == (first.option, then_told.option)


def test_fallback_goes_on_with_the_option_of_its_contact() -> None:
    """Push failed, so the option's sms; nothing is drawn again."""
    both = option("app", "push", fallbacks=(then("sms", template="late"),)), option("text")
    bank = reachable(chooses(*both))
    [sent] = triggers(bank.say(spend(), HOUR, event_id="bought"))
    effects = bank.say(heard(sent.trigger_id, "failed"), 2 * HOUR)
    [told] = decisions(effects)

    assert ("app", 0, {}) == (told.option, told.option_ppm, told.options_ppm)
    assert ["late"] == [one.template_id for one in triggers(effects)]


@pytest.mark.parametrize(
    ("changed", "follows"),
    [
        ({"message_class": "servicing"}, ["late"]),
        ({"experiment": BOLD}, ["late"]),
        ({"choice": None}, []),
    ],
)
def test_fallback_keeps_its_option_whatever_the_campaign_is_by_now(
    changed: dict[str, Any], follows: list[str]
) -> None:
    """Class and arm are not asked again; without the option nothing follows (3.19)."""
    both = option("app", "push", fallbacks=(then("sms", template="late"),)), option("text")
    campaign = chooses(*both, fallbacks=(then("sms"),))
    bank = reachable(campaign)
    [sent] = triggers(bank.say(spend(), HOUR, event_id="bought"))
    now = msgspec.structs.replace(campaign, version=campaign.version + 1, **changed)
    bank.control(PolicyPublished(campaign=now, policy_hash="h"), event_id="again")
    effects = bank.say(heard(sent.trigger_id, "failed"), 2 * HOUR)

    assert follows == [one.template_id for one in triggers(effects)]
    assert ["app"] * len(follows) == [one.option for one in decisions(effects)]


def test_offer_of_the_option_is_promised() -> None:
    """The campaign has none, text has a gift."""
    bank = reachable(chooses(option("text", offer="gift"), option("app", "push")))
    bank.control(stock_of(1), event_id="stock")
    effects = bank.say(spend(), HOUR, event_id="bought")

    assert ["gift"] == [one.offer_id for one in grants(effects)]
    assert ["gift"] == [one.offer_id for one in decisions(effects)]


def test_older_counts_are_not_adopted() -> None:
    """L1: sequence 2 is there, 1 comes late, 2 comes again."""
    bank = reachable()
    counted(bank, {"text": 10_000, "app": 30_000}, sequence=2)
    counted(bank, {"text": 30_000, "app": 10_000}, sequence=1)
    counted(bank, {"text": 30_000, "app": 10_000}, sequence=2)

    assert {"text": 100_000, "app": 900_000} == bought(bank).options_ppm
    counts = bank.state.counts.by_key
    assert (1, 2) == (counts["control|bank|choice.published"], counts["control|bank|STALE_VERSION"])


def test_choice_survives_any_restart() -> None:
    """Rows alone give the same records, wherever the process is cut."""
    both = option("app", "push", fallbacks=(then("sms"),)), option("text", offer="gift")
    bank = reachable(chooses(*both))
    bank.control(stock_of(9), event_id="stock")
    counted(bank, {"text": 30_000, "app": 10_000})
    for number in range(6):
        sent = triggers(bank.say(spend(), (number + 1) * DAY, event_id=f"b{number}"))
        for one in sent:
            bank.say(heard(one.trigger_id, "failed", one.channel), (number + 1) * DAY + HOUR)

    assert b"#choice|0|bank|a" in restored_at_every_record(bank).rows


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        (chooses(option("a"), option("a", "push")), "different ids"),
        (chooses(option("a", model="m"), option("b", "push")), "a model for every option"),
    ],
)
def test_choice_that_cannot_work_is_refused(campaign: Campaign, said: str) -> None:
    """It is `BAD_RULE` where it is published."""
    with pytest.raises(RuleError, match=said):
        check_choice(campaign)
    bank = Bank(campaign)
    assert 1 == bank.state.counts.by_key["control|bank|BAD_RULE"]


@given(
    st.lists(st.integers(1, 999_999), min_size=2, max_size=8), st.integers(8, 1_000_000), st.data()
)
@settings(max_examples=60)
def test_chances_are_whole_and_everybody_has_one(
    rates: list[int], epsilon_ppm: int, data: st.DataObject
) -> None:
    """10^6 together, each at least its part of epsilon, and the chosen one among them."""
    options = [option(f"o{number}") for number in range(len(rates))]
    bank = reachable(chooses(*options, epsilon_ppm=epsilon_ppm))
    counted(bank, {f"o{number}": rate for number, rate in enumerate(rates)})
    told = bought(bank, event_id=data.draw(st.text(min_size=1, max_size=8)))

    assert 1_000_000 == sum(told.options_ppm.values())
    assert min(told.options_ppm.values()) >= epsilon_ppm // len(rates)
    best = f"o{rates.index(max(rates))}"
    assert max(told.options_ppm, key=lambda name: told.options_ppm[name]) == best or (
        epsilon_ppm == 1_000_000
    )
    assert told.options_ppm[told.option] == told.option_ppm
