"""Which contacts are judged together, and when (docs/learning.md 3)."""

from math import log as ln
from typing import Any

import pytest

from tests.learning.outcome_log import DAY, KEY, T0, OutcomeLog, folded, model


def begun(**changed: Any) -> OutcomeLog:  # noqa: ANN401 (any field of the model)
    """Return a log of a model that publishes nothing of what it learns."""
    log = OutcomeLog()
    log.define(model(publish_count=10**9, **changed))
    return log


def test_cohorts_begin_with_first_contact_after_a_full_one() -> None:
    """A 21st contact begins another, but not one decided in the same moment as the 20th."""
    log = begun()
    for at in (*range(20), 19, 19, 30, 7):
        log.open(at)
    cohorts = folded(log).row.cohorts
    assert [one.from_ms for one in cohorts] == [T0, T0 + 30]
    assert [one.exposure_count for one in cohorts] == [23, 1]  # the one of 7 came late, to its own
    assert cohorts[0].decided_max_ms == T0 + 19
    assert cohorts[0].closes_max_ms == T0 + 19 + DAY


def test_cohorts_take_only_who_was_contacted() -> None:
    """Control and holdout are no contacts, and what comes of them is nobody's."""
    log = begun()
    log.open(0, verdict="control", arm="control")
    log.open(1, verdict="held_out", arm="holdout")
    log.open(2)
    log.close(2, 1, arm="control")
    log.close(2, 1, arm="holdout")
    (cohort,) = folded(log).row.cohorts
    assert (cohort.from_ms, cohort.exposure_count, cohort.tally.outcome_count) == (T0 + 2, 1, 0)


def test_cohorts_are_judged_when_all_is_known() -> None:
    """Judged: with the last outcome, once another cohort has begun; figures are those on paper."""
    log = begun()
    log.cohort(0, 5, score_ppm=200_000)
    assert folded(log).row.reports == []
    log.open(100)
    found = folded(log)
    (report,) = found.row.reports
    assert (report.from_ms, report.judged_at_ms, report.exposure_count) == (T0, T0 + 60_019, 20)
    figures = report.figures
    assert (figures.outcome_count, figures.conversion_count) == (20, 5)
    assert figures.loss == pytest.approx(-(0.25 * ln(0.2) + 0.75 * ln(0.8)))
    assert figures.average_loss == pytest.approx(ln(2))
    assert figures.previous_loss == pytest.approx(ln(2))  # the champion says one half
    assert (figures.auc, figures.top_ppm) == (0.5, 500_000)
    assert figures.calibration_error == pytest.approx(0.05)
    assert (figures.delay_ms, report.shift) == (60_000, 0)
    assert [one.from_ms for one in found.row.cohorts] == [T0 + 100]


def test_cohorts_wait_for_outcomes_until_windows_are_over() -> None:
    """Judged: without all outcomes only a day after the last window; then they are late."""
    log = begun()
    for at in range(20):
        log.open(at)
    for at in range(19):
        log.close(at, 0)
    log.open(19 + 2 * DAY)
    assert folded(log).row.reports == []
    log.open(20 + 2 * DAY)
    found = folded(log)
    assert found.row.reports[0].figures.outcome_count == 19
    log.close(19, 1)
    found = folded(log)
    assert found.count("late") == 1
    assert found.count("converted") == 1  # it teaches all the same
    assert found.row.cohorts[0].tally.outcome_count == 0


def test_cohorts_lose_who_may_not_be_judged() -> None:
    """A label of null takes its contact out: the cohort is not full any more, and whole without."""
    log = begun()
    for at in range(20):
        log.open(at)
    log.close(3, None)
    log.open(50)
    (cohort,) = folded(log).row.cohorts
    assert cohort.exposure_count == 20
    for at in (*range(3), *range(4, 20), 50):
        log.close(at, 0)
    log.open(60)
    assert folded(log).row.reports[0].exposure_count == 20


def test_cohorts_without_outcome_are_dropped() -> None:
    """Dropped: nothing came of a cohort that may be judged by: no report, no average."""
    log = begun()
    for at in range(20):
        log.open(at)
    log.open(3 * DAY)
    row = folded(log).row
    assert row.reports == []
    assert row.label_average == 0.5
    assert [one.from_ms for one in row.cohorts] == [T0 + 3 * DAY]


def many(count: int) -> OutcomeLog:
    """Return a log of so many contacts, one a millisecond, of which the first converts at once."""
    log = begun()
    for number in range(count):
        log.open(number)
    log.close(0, 1)
    return log


def test_cohorts_open_are_at_most_64() -> None:
    """While 64 are open the newest grows: none is judged by an early conversion of twenty."""
    row = folded(many(65 * 20 + 1)).row
    assert row.reports == []
    assert [one.exposure_count for one in row.cohorts] == [20] * 63 + [41]
    assert (row.cohorts[-1].from_ms, row.cohorts[-1].decided_max_ms) == (T0 + 1260, T0 + 1300)


def test_cohorts_begin_again_once_one_of_64_is_judged() -> None:
    """The twenty that found no room are judged with all their labels, in the one that grew."""
    log = many(65 * 20)
    for number in range(1, 20):
        log.close(number, 0)
    log.open(1300)
    for number in range(20, 65 * 20):
        log.close(number, int(number >= 64 * 20))
    row = folded(log).row
    assert [one.from_ms for one in row.cohorts] == [T0 + 1300]
    last = row.reports[-1]
    assert (last.from_ms, last.exposure_count) == (T0 + 1260, 40)
    assert (last.figures.outcome_count, last.figures.conversion_count) == (40, 20)
    assert folded(log).count("late") == 0


def test_cohorts_corrections_change_no_label() -> None:
    """Later sequences teach or are counted; what a cohort is judged by stays."""
    log = begun()
    log.open(0)
    log.close(0, 0)
    log.close(0, 1, sequence=2)
    log.close(0, 0, sequence=3)
    tally = folded(log).row.cohorts[0].tally
    assert (tally.outcome_count, tally.conversion_count) == (1, 0)


def test_cohorts_move_the_label_average() -> None:
    """0.5 * 0.995^20 + (1 - 0.995^20) * 2 / 20 = 0.461844; one that had begun keeps its own."""
    log = begun()
    log.cohort(0, 2)
    log.cohort(100, 2)
    log.open(200)
    row = folded(log).row
    assert row.reports[1].figures.average_loss == pytest.approx(log_loss(0.5))
    kept = 0.995**20
    once = 0.5 * kept + (1 - kept) * 0.1
    assert once == pytest.approx(0.461844, abs=1e-6)
    assert row.label_average == pytest.approx(once * kept + (1 - kept) * 0.1)
    assert row.cohorts[0].label_average == pytest.approx(once)


def log_loss(average: float) -> float:
    """Return the loss of who says `average` where two of twenty convert."""
    return -(0.1 * ln(average) + 0.9 * ln(1 - average))


@pytest.mark.parametrize(("converted", "expected"), [(0, 1e-6), (4_000, 1 - 1e-6)])
def test_cohorts_label_average_never_says_never(converted: int, expected: float) -> None:
    """Held within 10^-6 of 0 and 1: 0.995^4,000 leaves 10^-9 of one half."""
    log = begun(cohort_count=4_000)
    log.cohort(0, converted, count=4_000)
    log.open(5_000)
    assert folded(log).row.label_average == expected


def test_cohorts_champion_that_is_gone_is_not_asked() -> None:
    """previous_loss: null where the champion is kept no more, though it was as one converted."""
    log = OutcomeLog()
    log.define(model(publish_count=1))
    for number in range(18 * 20):
        log.open(number)
        if number == 19:
            log.close(0, 1)
    for number in range(1, 20):
        log.close(number, 0)
    log.open(18 * 20)
    found = folded(log)
    assert found.row.reports[0].figures.previous_loss is None
    assert f"{KEY}|1".encode() not in found.rows


def test_cohorts_reports_are_the_last_eight() -> None:
    """Rows: ten cohorts judged, eight reports kept; pooled figures remember all, fading."""
    log = begun()
    for number in range(11):
        log.cohort(100 * number, 10)
    row = folded(log).row
    assert [one.from_ms - T0 for one in row.reports] == [200, 300, 400, 500, 600, 700, 800, 900]
    faded = sum((31 / 32) ** age for age in range(10))
    assert row.pooled.outcome_count == pytest.approx(20 * faded)
    assert row.auc_weight == pytest.approx(faded)
    assert row.auc_sum == pytest.approx(0.5 * faded)
