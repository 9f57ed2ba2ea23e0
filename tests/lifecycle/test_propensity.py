"""How likely a contact is to bring what it is for, and what that decides (SEMANTICS O2; 3.16)."""

from typing import Any

import pytest

from schemas.campaign import Campaign
from schemas.events import PreferenceChanged
from schemas.learning import Head, ModelPublished
from tests.lifecycle.builders import DAY, HOUR, Bank, issued, nudge, spend
from tests.lifecycle.channels import fail, pushed, reach, went
from tests.lifecycle.contacts import offer
from tests.lifecycle.restores import restored_at_every_record
from tests.lifecycle.snapshots import (
    head,
    number,
    publish,
    published,
)
from tests.lifecycle.told import Told, decisions, story


QUARTER = head(-1.0986122886681098, 0.0)
"""ln(1/3): 250,000 ppm, one rounding down at most."""

HALF = head(0.0, 0.0)
FEW = {"exposure_count": 999}
UNCONVERTED = {"conversion_count": 19}
WORTH = {"base_rate_ppm": 20_000, "value_minor": 1_000}
OFF = PreferenceChanged(personalisation_opt_out=True)


def scored(**changed: Any) -> Campaign:  # noqa: ANN401 (any field)
    """Return an offer that a purchase begins, with a model."""
    return offer(**{"model": "m", **WORTH, **changed})


def decided(*snapshots: ModelPublished, campaign: Campaign | None = None) -> Told:
    """Return what is decided at a purchase once these snapshots were published."""
    bank = Bank(campaign or scored())
    for snapshot in snapshots:
        publish(bank, snapshot)
    (told,) = decisions(bank.say(spend(), HOUR))
    return told


@pytest.mark.parametrize(
    ("contact", "control", "withheld", "wanted"),
    [
        (head(0.0, 0.0), None, False, ("model", 500_000)),
        (head(0.0, 0.0, **FEW), None, False, ("evidence", 20_000)),
        (head(0.0, 0.0, **UNCONVERTED), None, False, ("evidence", 20_000)),
        (head(0.0, 0.0), None, True, ("evidence", 20_000)),
        (head(0.0, 0.0), head(-35.0, 0.0), False, ("uplift", 499_999)),
        (head(0.0, 0.0), head(-35.0, 0.0, **FEW), False, ("model", 500_000)),
        (head(0.0, 0.0), head(-35.0, 0.0, **UNCONVERTED), False, ("model", 500_000)),
        (head(0.0, 0.0, **FEW), head(-35.0, 0.0), False, ("evidence", 20_000)),
    ],
)
def test_propensity_is_of_what_there_is_evidence_for(
    contact: Head, control: Head | None, *, withheld: bool, wanted: tuple[str, int]
) -> None:
    """O2: p - p(control), else p, else the base rate; 1,000 contacts and 20 conversions."""
    told = decided(published(contact, control=control, withheld=withheld))

    assert wanted == (told.propensity_from, told.propensity_ppm)
    assert "m|1|1" == told.model


def test_record_tells_both_scores_and_what_they_rest_on() -> None:
    """No wallet: only what is not 0 contributes; two purchases, 0.5 each."""
    bank = Bank(scored())
    inputs = number("wallet_count"), number("spend_count")
    contact, control = head(-1.0, 3.0, 0.5), head(0.0, 0.0, 0.0)
    publish(bank, published(contact, *inputs, control=control, sequence=7, version=2))
    bank.say(spend(), HOUR)
    (told,) = decisions(bank.say(spend(), 2 * HOUR))

    assert "m|2|7" == told.model
    assert (500_000, 500_000, 0) == (told.score_ppm, told.control_score_ppm, told.propensity_ppm)
    assert {"spend_count": 1_000_000} == told.contributions


def test_worth_is_reckoned_with_the_score() -> None:
    """0.5 x 1,000 minor units."""
    told = decided(published(HALF))

    assert 500_000_000 == told.worth_micro


def test_contact_that_does_harm_is_not_made() -> None:
    """O2: where those who are left alone convert more often, it is worth less than nothing."""
    told = decided(published(QUARTER, control=HALF))

    assert ("suppressed", "NOT_WORTH", "uplift") == (
        told.verdict,
        told.reason_code,
        told.propensity_from,
    )
    assert told.propensity_ppm < 0
    assert told.worth_micro == told.propensity_ppm * 1_000


@pytest.mark.parametrize(
    "campaign",
    [
        scored(model=""),
        scored(model="another"),
        scored(message_class="servicing"),
        scored(message_class="mandatory"),
    ],
)
def test_without_a_model_the_base_rate_counts(campaign: Campaign) -> None:
    """3.16: none named, none known, or nothing that is ranked."""
    told = decided(published(HALF), campaign=campaign)

    assert ("base_rate", 20_000) == (told.propensity_from, told.propensity_ppm)
    assert ("", 0, 0, {}) == (
        told.model,
        told.score_ppm,
        told.control_score_ppm,
        told.contributions,
    )


def test_who_fell_to_a_gate_is_not_scored() -> None:
    """3.16: only a candidate that has passed the gates is looked at."""
    bank = Bank(scored(), consent="denied")
    publish(bank, published(HALF))
    (told,) = decisions(bank.say(spend(), HOUR))

    assert ("NO_CONSENT", "base_rate", "") == (told.reason_code, told.propensity_from, told.model)


def test_fallback_is_not_scored_again() -> None:
    """3.16: it is the same contact in another channel."""
    bank, trigger_id = pushed(reach(model="m"))
    publish(bank, published(HALF))
    (told,) = decisions(fail(bank, trigger_id))

    assert ("sent", "base_rate", "") == (told.verdict, told.propensity_from, told.model)


@pytest.mark.parametrize(("of_b", "winner"), [(-3.0, "a"), (3.0, "b")])
def test_score_turns_the_winner(of_b: float, winner: str) -> None:
    """O2: by the base rate both are worth the same, and `a` would win by its name."""
    bank = Bank(scored(), offer("b", model="n", **WORTH))
    publish(bank, published(HALF))
    publish(bank, published(head(of_b, 0.0), id="n"))
    verdicts = {one.campaign_id: one.reason_code for one in decisions(bank.say(spend(), HOUR))}

    assert [winner] == [name for name, reason in verdicts.items() if not reason]
    assert "LOST_ARBITRATION" in verdicts.values()


def test_opt_out_is_ranked_without_score() -> None:
    """O3, O4: the campaign is not behavioural by its model; its score is not even computed."""
    bank = Bank(nudge(model="m", **WORTH))
    publish(bank, published(HALF))
    bank.say(OFF, 0)
    bank.say(issued(), 0)
    effects = bank.tick(3 * DAY)

    assert ["-> ann first", "nudge first sent"] == story(effects)
    (told,) = decisions(effects)
    assert ("base_rate", 20_000, "") == (told.propensity_from, told.propensity_ppm, told.model)


def test_restored_partition_decides_the_same() -> None:
    """B4: a successor at any record scores by the row alone, byte for byte."""
    bank = Bank(scored(), offer("b", model="n", **WORTH))
    inputs = number("spend_count", scale="log", divisor=9), number("card_count")
    publish(bank, published(head(-2.0, 0.3, 1 / 3), *inputs, control=HALF_OF_TWO))
    bank.say(spend(), HOUR)
    publish(bank, published(head(-1.0, 1 / 7, 0.1), *inputs, id="n"))
    effects = [bank.say(spend(), hour * HOUR) for hour in (2, 3)]
    publish(bank, published(head(-3.0, 0.1, 0.1), *inputs, sequence=2))
    effects.append(bank.say(spend(), 4 * HOUR))

    assert ["n|1|1", "n|1|1", "n|1|1"] == [
        one.model for each in effects for one in decisions(each) if one.campaign_id == "b"
    ]
    assert b"#model|0|bank|n" in restored_at_every_record(bank).rows


HALF_OF_TWO = head(0.0, 0.0, 0.0)


def test_campaign_may_be_sent_without_a_snapshot() -> None:
    """A model that has been named before it was taught changes nothing."""
    assert ["0 sms sent"] == went(Bank(scored()).say(spend(), HOUR))
