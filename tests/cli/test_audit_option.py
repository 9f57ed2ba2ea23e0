"""An audit derives whether an option can have been drawn as its record says (core.md 3.19)."""

from typing import Any

import pytest
from msgspec.structs import replace

from cli.audit.verdicts import faults
from schemas.decisions import Decision
from tests.cli.forged import resealed
from tests.lifecycle.builders import HOUR, spend
from tests.lifecycle.channels import heard, then
from tests.lifecycle.choosing import chooses, counted, option, reachable
from tests.lifecycle.told import decisions, triggers


def drawn(*, by_counts: bool = True) -> Decision:
    """Return the record of a purchase for which an option was drawn."""
    bank = reachable()
    if by_counts:
        counted(bank, {"text": 30_000, "app": 10_000})
    return decisions(bank.say(spend(), HOUR, event_id="bought"))[0].record


def followed() -> Decision:
    """Return the record of a fallback, which keeps the option of its contact."""
    both = option("app", "push", fallbacks=(then("sms"),)), option("text")
    bank = reachable(chooses(*both))
    [sent] = triggers(bank.say(spend(), HOUR, event_id="bought"))
    return decisions(bank.say(heard(sent.trigger_id, "failed"), 2 * HOUR))[0].record


def refused(**changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return the record of a campaign that has no option left, for want of an offer."""
    bank = reachable(chooses(**{"offer": "none", **changed}))
    return decisions(bank.say(spend(), HOUR, event_id="bought"))[0].record


def test_records_of_options_follow_from_what_they_say() -> None:
    """Drawn by counts, by the base rate, kept by a fallback, refused twice: not one fault."""
    not_worth = refused(offer="", contact_cost_minor=99)
    records = [drawn(), drawn(by_counts=False), followed(), refused(), not_worth]

    assert ["counts", *["base_rate"] * 4] == [
        record.candidates[0].propensity_from for record in records
    ]
    assert [] == [fault for record in records for fault in faults(record)]


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        (resealed(drawn(), option="app"), "its probability is not the one"),
        (resealed(drawn(), option_ppm=900_001), "its probability is not the one"),
        (resealed(drawn(), options_ppm={"text": 900_000}), "10^6 together"),
        (resealed(drawn(), options_ppm={"text": 900_000, "app": 99_999, "b": 0}), "10^6 together"),
        (resealed(drawn(), options_ppm={}), "drawn from none"),
        (resealed(drawn(), option="", options_ppm={}, option_ppm=0), "told by counts"),
        (resealed(followed(), option_ppm=1), "drawn from none"),
        (
            resealed(followed(), option="app", option_ppm=10**6, options_ppm={"app": 10**6}),
            "drawn anew for a fallback",
        ),
    ],
)
def test_forgery_of_an_option_with_a_fitting_digest_is_found(forged: Decision, fault: str) -> None:
    """Whoever can write digests cannot write chances that do not add up."""
    assert any(fault in one for one in faults(forged)), faults(forged)


def saw(record: Decision, **changed: int) -> Decision:
    """Return the record whose gate `worth` saw something else, with a digest that fits."""
    gates = tuple(
        replace(one, saw=one.saw | changed) if one.gate == "worth" else one
        for one in record.candidates[0].gates
    )
    return resealed(record, gates=gates)


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        (saw(drawn(), text_worth_micro=30_000_001), "the factors give 30000000"),
        (saw(drawn(), app_worth_micro=11_000_000), "the options give 28100000"),
        (saw(drawn(), app_worth_micro=-1), "none below 0"),
        (saw(drawn(), more_worth_micro=1), "the options give 28000000"),
        (saw(drawn(), worth_micro=30_000_000), "the options give 28000000"),
        (resealed(drawn(), worth_micro=30_000_000), "the options give 28000000"),
        (resealed(drawn(), gates=drawn().candidates[0].gates[:11]), "not let through"),
        (resealed(refused(), option_ppm=1), "drawn from none"),
    ],
)
def test_forgery_of_what_options_are_worth_is_found(forged: Decision, fault: str) -> None:
    """Text 30 with 0.9, app 10 with 0.1: 28. Nobody competes with another number."""
    assert any(fault in one for one in faults(forged)), faults(forged)
