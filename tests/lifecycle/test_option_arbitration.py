"""Whether a campaign wins does not depend on what it draws, so its log is unbiased (3.19)."""

from collections.abc import Iterator

import pytest

from lifecycle import options
from lifecycle.effect.off_policy import Logged, judged
from schemas.campaign import Campaign, Experiment
from tests.lifecycle.builders import HOUR, spend
from tests.lifecycle.choosing import chooses, counted, reachable, worth_seen
from tests.lifecycle.contacts import offer
from tests.lifecycle.told import Told, decisions


STEP = 100_000
DRAWS = range(0, 1_000_000, STEP)
"""One draw of each hundred thousand that are alike: all that there can be."""

RATES = {"text": 10_000, "app": 30_000}
"""Of 1,000 minor units text is worth 10, app 30; on average 0.1 x 10 + 0.9 x 30 = 28."""


def every_draw(
    monkeypatch: pytest.MonkeyPatch, *others: Campaign, campaign: Campaign | None = None
) -> Iterator[dict[str, Told]]:
    """Yield what becomes of campaign a, and of others beside it, for each draw."""
    for place in DRAWS:
        monkeypatch.setattr(options, "draw", lambda *_, place=place: place)
        bank = reachable(campaign or chooses(), *others)
        counted(bank, RATES)
        told = decisions(bank.say(spend(), HOUR, event_id="bought"))
        yield {one.campaign_id: one for one in told}


def beside(base_rate_ppm: int) -> Campaign:
    """Return campaign b, worth so many thousandths of a minor unit."""
    return offer("b", value_minor=1_000, base_rate_ppm=base_rate_ppm)


@pytest.mark.parametrize(
    ("base_rate_ppm", "winner"),
    [(9_999, "a"), (27_999, "a"), (28_000, "a"), (28_001, "b"), (29_999, "b"), (30_001, "b")],
)
def test_campaign_wins_alike_whatever_is_drawn(
    base_rate_ppm: int, winner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Worth 28: more than 27.999, before b of its name at 28, less than 28.001; for all draws."""
    for told in every_draw(monkeypatch, beside(base_rate_ppm)):
        won = [name for name, one in told.items() if one.verdict == "sent"]
        assert [winner] == won
        assert 28_000_000 == told["a"].worth_micro


def test_loser_tells_the_draw_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of ten draws is text, nine are app, sent or not."""
    drawn = [told["a"].option for told in every_draw(monkeypatch, beside(99_000))]

    assert ["text", *["app"] * 9] == drawn


def test_expected_worth_is_floored(monkeypatch: pytest.MonkeyPatch) -> None:
    """By chance 9 parts, 4 each: (4 x 10,000 + 999,996 x 30,000) / 10^6 = 29,999.92."""
    campaign = chooses(epsilon_ppm=9, value_minor=1)
    told = next(every_draw(monkeypatch, campaign=campaign))["a"]

    assert {"text": 4, "app": 999_996} == told.options_ppm
    seen = {"worth_micro": 29_999, "text_worth_micro": 10_000, "app_worth_micro": 30_000}
    assert seen == worth_seen(told)


@pytest.mark.parametrize("target", ["text", "app"])
def test_ips_over_every_draw_is_what_the_other_way_brings(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Text brings 5, app 7; b, worth 20, is between them. All ten draws are logged, and weigh right.

    Text: one of ten has weight 10, 10 x 5 / 10. App: nine have weight 1 / 0.9, 9 x 7 / 0.9 / 10.
    With the worth of what was drawn, text would have lost, and IPS of text would be 0.
    """
    rewards = {"text": 5, "app": 7}
    logged = [
        Logged(
            rewards[one.option],
            one.option_ppm,
            1_000_000 if one.option == target else 0,
            matured=True,
        )
        for told in every_draw(monkeypatch, beside(20_000))
        if (one := told["a"]).verdict == "sent"
    ]
    found = judged(logged, weight_max=20)

    assert (10, pytest.approx(1.0)) == (found.example_count, found.weight_mean)
    assert pytest.approx(rewards[target]) == found.ips


def test_control_has_the_chances_of_the_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the arm all is alike: one of ten draws is text, at the same chances."""
    kept_back = chooses(experiment=Experiment(salt="s", control_bp=10_000))
    pairs = zip(
        every_draw(monkeypatch, beside(20_000), campaign=kept_back),
        every_draw(monkeypatch, beside(20_000)),
        strict=True,
    )
    for control, sent in ((one["a"], other["a"]) for one, other in pairs):
        assert ("control", "sent") == (control.verdict, sent.verdict)
        assert (control.option, control.options_ppm) == (sent.option, sent.options_ppm)
        assert control.worth_micro == sent.worth_micro
