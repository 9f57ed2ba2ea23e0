"""A campaign whose contact makes fewer convert is held, with evidence (insight.md 4)."""

from typing import Any

from schemas.campaign import Guardrails
from tests.insight.insight_log import CONTROL_PPM, HOUR, T0, WATCHED, Folded, InsightLog


LEVEL_PPM = 2_500
"""A quarter of what is declared: three kinds of objections, and harm of one arm."""


def harmful(pairs: int, **opened: Any) -> InsightLog:  # noqa: ANN401 (any field)
    """Return a log in which only control converts."""
    log = InsightLog()
    log.open(**({"guardrails": WATCHED} | opened))
    return more_harm(log, pairs)


def more_harm(log: InsightLog, pairs: int, **settled: Any) -> InsightLog:  # noqa: ANN401 (any field)
    """Let so many more of control convert, and as many contacted not."""
    for at in range(pairs):
        log.settle(at, "control", 1, **settled)
        log.settle(at, "default", 0, **settled)
    return log


def test_harm_divides_its_part_over_the_arms() -> None:
    """Of alpha .01 two kinds have half each, and each of two arms a quarter."""
    guardrails = Guardrails(opt_out_ppm=10_000, harm=True, alpha_ppm=10_000)
    shares = {"control": 200_000, "red": 400_000, "default": 400_000}
    [one] = Folded(harmful(200, guardrails=guardrails, shares_ppm=shares)).tripped

    assert (one.arm, one.alpha_ppm) == ("default", 2_500)
    assert one.p_ppm <= 2_500


def test_harm_trips_once_with_the_series_that_shows_it() -> None:
    """Customers and conversions are those of the series; what was decided before trips no more."""
    folded = Folded(harmful(200))

    [one] = folded.tripped
    assert (one.kind, one.arm, one.bound_ppm) == ("harm", "default", 0)
    assert one.p_ppm <= LEVEL_PPM
    assert one.count in {2 * one.event_count, 2 * one.event_count - 1}
    assert folded.version().series.keys() == {f"default|{CONTROL_PPM}|0"}


def test_harm_trips_again_by_those_decided_after_the_trip() -> None:
    """Evidence begins anew; the series has learnt, so it takes fewer than at first."""
    log = more_harm(harmful(200), 200, decided_at_ms=T0 + HOUR)
    first, second = Folded(log).tripped[:2]

    assert (second.kind, second.arm, second.sequence) == ("harm", "default", 2)
    assert second.count < first.count
    assert second.count in {2 * second.event_count, 2 * second.event_count - 1}
    assert second.p_ppm <= LEVEL_PPM


def test_harm_joins_the_series_of_an_arm() -> None:
    """Half before and half after the bank joins others: neither series alone shows enough."""
    whole = Folded(harmful(200)).tripped[0].count // 2
    log = more_harm(harmful(whole - 4), 20, pools=True)
    [one] = Folded(log).tripped

    assert one.count > 2 * (whole - 4)
    assert Folded(harmful(whole - 4)).tripped == []
    assert Folded(more_harm(harmful(0), 20, pools=True)).tripped == []


def test_harm_is_not_asked_where_it_is_not_declared() -> None:
    """Only a campaign that declares `harm` is held for it."""
    log = InsightLog()
    log.open(guardrails=Guardrails(opt_out_ppm=10_000))
    log.records += harmful(200).records[1:]

    assert Folded(log).tripped == []


def test_harm_of_equal_arms_is_the_first_fed() -> None:
    """Two arms do the same harm: who is kept back tells of both at once, in order of shares."""
    shares = {"control": 200_000, "red": 400_000, "default": 400_000}
    log = InsightLog()
    log.open(guardrails=WATCHED, shares_ppm=shares)
    for at in range(200):
        log.settle(at, "red", 0)
        log.settle(at, "default", 0)
        log.settle(at, "control", 1)
    [one] = Folded(log).tripped

    assert one.arm == "red"
