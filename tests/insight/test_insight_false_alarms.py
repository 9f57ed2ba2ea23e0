"""A campaign that keeps its bounds is seldom held, whoever looks, however often (insight.md 4)."""

from random import Random

import pytest
from msgspec.structs import replace

from lifecycle.effect.evidence import PPM, Evidence
from lifecycle.insight.effects import Effect
from lifecycle.insight.guardrails import level_ppm
from lifecycle.insight.taking import take
from schemas.campaign import Guardrails
from schemas.examples import EXPOSURE
from schemas.examples_outcomes import OBJECTED, SETTLED
from schemas.insight import GuardrailTripped
from schemas.insight_rows import EffectRow, VersionState
from schemas.outcomes import Objection


CAMPAIGN_COUNT = 300
CUSTOMER_COUNT = 300
ALPHA_PPM = 200_000
ARMS = ("control", "red", "default", "default")
"""Each as likely: a quarter is kept back."""

DECLARED = Guardrails(
    opt_out_ppm=100_000,
    complaint_ppm=50_000,
    failure_ppm=200_000,
    harm=True,
    alpha_ppm=ALPHA_PPM,
)
RATES: dict[Objection, float] = {"opt_out": 0.1, "complaint": 0.05, "failure": 0.2}
"""As many as the bounds allow; and contact changes nothing."""

CONVERSION_RATE = 0.3
OPENED = replace(
    EXPOSURE,
    is_first=True,
    holdout_ppm=0,
    shares_ppm={"control": 250_000, "red": 250_000, "default": 500_000},
    guardrails=DECLARED,
)


def lived(seed: int) -> tuple[bool, VersionState]:
    """Return whether a campaign was ever held, looked at after every record; and what it knows."""
    chance, effect = Random(seed), Effect(0, "bank", "nudge", EffectRow())  # noqa: S311 (outcomes)
    effect.begin(OPENED)
    trips: list[GuardrailTripped | None] = []
    for _ in range(CUSTOMER_COUNT):
        arm = chance.choice(ARMS)
        verdict = "control" if arm == "control" else "sent"
        trips.append(take(effect, replace(OPENED, arm=arm, verdict=verdict)))
        for kind, rate in RATES.items():
            if verdict == "sent" and chance.random() < rate:
                trips.append(take(effect, replace(OBJECTED, arm=arm, objection=kind)))
        label = int(chance.random() < CONVERSION_RATE)
        settled = replace(SETTLED, arm=arm, is_first=True, holdout_ppm=0, label=label)
        trips.append(take(effect, settled))
    return any(trips), effect.row.versions[OPENED.policy_version]


@pytest.fixture(scope="module")
def lives() -> list[tuple[bool, VersionState]]:
    """Return many campaigns that keep all four of their bounds, just so."""
    return [lived(seed) for seed in range(CAMPAIGN_COUNT)]


def test_a_campaign_at_all_its_bounds_is_held_in_alpha_of_the_cases(
    lives: list[tuple[bool, VersionState]],
) -> None:
    """Four kinds, two arms, every rate at its bound: one in five at most, as was declared."""
    held_count = sum(held for held, _ in lives)

    assert 0 < held_count <= CAMPAIGN_COUNT * ALPHA_PPM / PPM


def test_alpha_for_every_test_would_hold_more(lives: list[tuple[bool, VersionState]]) -> None:
    """Why it is divided: by the whole alpha each, more of the same campaigns would be held."""
    undivided = sum(
        held or any(Evidence(*one).p_ppm <= ALPHA_PPM for one in state.evidence.values())
        for held, state in lives
    )

    assert undivided > CAMPAIGN_COUNT * ALPHA_PPM / PPM
    assert level_ppm(lives[0][1], "opt_out") == ALPHA_PPM // 4
    assert level_ppm(lives[0][1], "harm") == ALPHA_PPM // 8
