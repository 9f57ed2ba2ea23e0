"""The mathematics of effects and its second opinion come to the same numbers."""

import random

import pytest

from lifecycle.effect.e_process import EProcess
from lifecycle.effect.evidence import Evidence
from lifecycle.effect.guardrail import Guardrail
from lifecycle.effect.interval import Difference
from lifecycle.effect.rates import Arm
from lifecycle.effect.sample_ratio import SampleRatio
from tests.checker.insight_check import difference
from tests.checker.insight_evidence import (
    assign,
    bet,
    compare,
    guarded,
    interval,
    kept_bets,
    kept_difference,
    kept_ratio,
    new_bets,
    new_difference,
    new_ratio,
    p_ppm,
)


COUNT = 4_000
SHARES = {"holdout": 50_000, "control": 190_000, "default": 760_000}


def drawn(seed: int) -> list[tuple[Arm, float]]:
    """Return arms, one of five in control, each with a number from 0 to 1."""
    draw = random.Random(seed)  # noqa: S311 (a test's draw, the same for a seed)
    arms: tuple[Arm, ...] = ("control", *("contact",) * 4)
    return [(draw.choice(arms), draw.random()) for _ in range(COUNT)]


@pytest.mark.parametrize("rates", [(0.1, 0.1), (0.05, 0.15), (0.3, 0.2), (0.0, 0.0), (1.0, 1.0)])
def test_bets_are_the_same(rates: tuple[float, float]) -> None:
    """Every number of the snapshot at every customer, and the p-value to the last digit."""
    house, other = EProcess(200_000), new_bets(200_000)
    for arm, place in drawn(1):
        label = place < rates[arm == "contact"]
        house.update(arm, int(label))  # type: ignore[arg-type] (0 or 1)
        bet(other, arm, int(label))
        assert not difference([*house.snapshot()], kept_bets(other))
        assert house.harm.p_ppm == p_ppm(other["harm"])


@pytest.mark.parametrize("cap", [1, 1_000])
@pytest.mark.parametrize("control_ppm", [20_000, 200_000, 800_000])
def test_differences_and_intervals_are_the_same(cap: int, control_ppm: int) -> None:
    """Conversions and money, small and large controls; bounds by Newton and by halving."""
    house, other = Difference(control_ppm, cap), new_difference(control_ppm, cap)
    for at, (arm, place) in enumerate(drawn(2)):
        value = int(place * 1.5 * cap + 0.1)
        house.update(arm, value)
        compare(other, arm, value)
        assert not difference([*house.snapshot()], kept_difference(other))
        if at % 100 == 0:
            assert interval(other) == pytest.approx(house.interval(50_000), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("shown", [(0.05, 0.24), (0.05, 0.5), (0.0, 0.0)])
def test_sample_ratios_are_the_same(shown: tuple[float, float]) -> None:
    """Gammas of all counts, and one customer after the other."""
    house, other = SampleRatio(SHARES), new_ratio(SHARES)
    for _, place in drawn(3):
        arm = "holdout" if place < shown[0] else "control" if place < shown[1] else "default"
        house.update(arm)
        assign(other, arm)
        assert not difference([*house.snapshot()], kept_ratio(other))


@pytest.mark.parametrize("rate", [0.005, 0.01, 0.02, 0.5])
def test_guardrails_are_the_same(rate: float) -> None:
    """A bound of 1 %, kept and broken."""
    house, other, count = Guardrail(10_000), [0.0, 0.0], 0
    for at, (_, place) in enumerate(drawn(4), 1):
        house.update(int(place < rate))
        count += place < rate
        other = guarded(other, 10_000, at, count)
        assert not difference([house.evidence.log_e, house.evidence.max_log_e], other)
        assert house.evidence.p_ppm == p_ppm(other)


@pytest.mark.parametrize("log_e", [0.0, 1e-9, 3.0, 13.8, 20.0])
def test_p_values_are_the_same(log_e: float) -> None:
    """Rounded up, 1 at least."""
    assert Evidence(0.0, log_e).p_ppm == p_ppm([0.0, log_e])
