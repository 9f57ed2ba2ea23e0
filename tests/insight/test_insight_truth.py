"""Insight is right: no effect is seldom called one, and a clear one is found (effect.md)."""

from random import Random

from tests.insight.insight_log import HOUR, WATCHED, Folded, InsightLog


LOG_COUNT = 60
CUSTOMER_COUNT = 400


def campaign(seed: int, control_rate: float, contact_rate: float, count: int) -> InsightLog:
    """Return a campaign whose customers convert at these rates, a fifth of them kept back."""
    chance = Random(seed)  # noqa: S311 (outcomes)
    log = InsightLog()
    log.open(guardrails=WATCHED)
    for at in range(count):
        arm = "control" if chance.random() < 0.2 else "default"
        rate = control_rate if arm == "control" else contact_rate
        log.settle(at * 1_000, arm, int(chance.random() < rate))
    log.open(100 * HOUR, is_first=False)
    return log


def test_an_a_a_test_seldom_finds_anything() -> None:
    """Alike arms: harm trips, and uplift is called at 5 %, in no more than alpha of the logs."""
    folded = [Folded(campaign(seed, 0.2, 0.2, CUSTOMER_COUNT)) for seed in range(LOG_COUNT)]
    series = [one.effects[-1].versions[0].series[0] for one in folded]

    assert sum(bool(one.tripped) for one in folded) <= LOG_COUNT * 0.01
    assert sum(one.uplift_p_ppm <= 50_000 for one in series) <= LOG_COUNT * 0.05
    assert sum(not one.low_ppm <= 0 <= one.high_ppm for one in series) <= LOG_COUNT * 0.05
    assert {one.customer_count for one in series} == {CUSTOMER_COUNT}


def test_a_clear_effect_is_found() -> None:
    """Thirty points of uplift among 2,000 customers: p, interval and estimate all say so."""
    folded = Folded(campaign(1, 0.2, 0.5, 2_000))
    found = folded.effects[-1].versions[0].series[0]

    assert folded.tripped == []
    assert found.uplift_p_ppm <= 1_000
    assert 0 < found.low_ppm <= 300_000 <= found.high_ppm
    assert abs(found.difference_ppm - 300_000) < 80_000
    assert found.harm_p_ppm > 10_000


def test_a_clear_harm_trips() -> None:
    """Twenty points fewer convert: the campaign is held before 2,000 customers are known."""
    [tripped] = Folded(campaign(2, 0.4, 0.2, 2_000)).tripped

    assert tripped.kind == "harm"
    assert tripped.count < 2_000
