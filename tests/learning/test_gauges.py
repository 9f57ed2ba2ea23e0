"""How good scores were is told beside the counts, and reckoned once a judgement (page, 5)."""

from typing import Any

import pytest

from lifecycle.learning import gauges
from lifecycle.learning.fold import LearningFold
from lifecycle.learning.taking import begun as begun_row
from schemas.codec import decode_counts_row
from schemas.events.control import ModelDefined
from schemas.learning_rows import Tally
from schemas.records import Row
from streams.metrics import Metrics
from tests.learning.outcome_log import KEY, OutcomeLog, folded, model, replayed


FIRST = {
    "loss": 569_717,
    "average_loss": 693_147,
    "previous_loss": 693_147,
    "auc": 500_000,
    "within_auc": 500_000,
    "top": 500_000,
    "calibration_error": 50_000,
}
"""Of twenty contacts scored at 20 % five convert: loss ln(5) / 4 + 3 ln(1.25) / 4, average ln 2."""


def judged() -> OutcomeLog:
    """Return a log in which one cohort is judged, of a model that says one half throughout."""
    log = OutcomeLog()
    log.define(model(publish_count=10**9))
    log.cohort(0, 5, score_ppm=200_000)
    log.open(100)
    return log


def told(fold: LearningFold) -> dict[str, int]:
    """Return the figures that a fold tells of the model."""
    start = f"quality|{KEY}|"
    counts = fold.counts()
    return {key.removeprefix(start): counts[key] for key in counts if key.startswith("quality")}


def test_gauges_of_a_cohort_are_those_on_paper() -> None:
    """Section 5: the pooled figures in ppm, rounded down; none before a cohort was judged."""
    log = judged()
    last = log.records.pop()
    assert told(folded(log).fold) == {}
    log.records.append(last)
    assert told(folded(log).fold) == FIRST


def test_gauges_pool_cohorts_and_weigh_auc_within_them() -> None:
    """
    A second cohort of auc 1 (ten at 90 % convert, ten at 10 % do not), the first weighs 31/32.

    within: (31/32 * 0.5 + 1) / (31/32 + 1). Pooled: 14.84375 conversions, of them 10 above all
    24.53125 others, 4.84375 above 10 and level with 14.53125: 328.942871 of 364.135742 pairs.
    """
    log = judged()
    log.records.pop()
    said = [(900_000, 1)] * 10 + [(100_000, 0)] * 10
    for at, (score_ppm, _) in enumerate(said, start=100):
        log.open(at, score_ppm=score_ppm)
    for at, (score_ppm, label) in enumerate(said, start=100):
        log.close(at, label, score_ppm=score_ppm)
    log.open(200)
    found = told(folded(log).fold)
    assert found["within_auc"] == 753_968
    assert found["auc"] == 903_352


def test_gauges_say_nothing_of_what_cannot_be_said() -> None:
    """No conversion: neither auc nor top. No older snapshot: no loss of it."""
    row = begun_row(ModelDefined(model=model()))
    row.pooled = Tally(outcome_count=4, loss_sum=0.5, average_loss_sum=1.0)
    row.pooled.negatives[3] = 4
    assert gauges.QualityGauges().of("a|b", row) == {
        "quality|a|b|loss": 125_000,
        "quality|a|b|average_loss": 250_000,
        "quality|a|b|calibration_error": 0,
    }


def test_gauges_are_in_no_row() -> None:
    """Section 5: rows of counts are added up, and a gauge is not additive."""
    found = folded(judged())
    rows = {key: value for key, value in found.rows.items() if key.startswith(b"#counts")}
    kept = decode_counts_row(rows[b"#counts|0"])
    assert [*rows] == [b"#counts|0"]
    assert {key: count for key, count in found.fold.counts().items() if key in kept} == kept
    assert not [key for key in kept if key.startswith("quality")]


def test_gauges_are_told_by_a_successor_alike() -> None:
    """B4: a fold that has only the rows tells the same."""
    found = folded(judged())
    fold = LearningFold(0, 1)
    replayed([], fold, [Row(*row) for row in found.rows.items()])
    assert told(fold) == FIRST


def test_gauges_begin_anew_with_the_weights() -> None:
    """Section 4: a version of other inputs has not been judged."""
    log = judged()
    log.define(model(version=2, inputs=model().inputs[:1]), 200)
    assert told(folded(log).fold) == {}


def test_gauges_are_reckoned_once_a_judgement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts are asked for at every commit: twice after each record, once for each cohort."""
    asked: list[Any] = []
    reckoned = gauges.figures

    def figures(tally: Tally) -> object:
        asked.append(tally)
        return reckoned(tally)

    monkeypatch.setattr(gauges, "figures", figures)
    log = OutcomeLog()
    log.define(model())
    for at in (0, 100, 200):
        log.cohort(at, 5, score_ppm=200_000)
    log.open(300)
    fold = LearningFold(0, 1)
    for record in log.records:
        fold.apply(record)
        fold.counts()
        fold.counts()
    assert len(asked) == 3


def test_gauges_are_on_the_page_of_metrics() -> None:
    """`/metrics` has what the fold tells, as ratios."""
    metrics = Metrics("0.1.0")
    metrics.rows.committed("learning", 0, folded(judged()).fold.counts())
    start = 'cardcue_model_quality{figure="'
    shown = {line for line in metrics.render().decode().splitlines() if line.startswith(start)}
    assert shown == {
        f'{start}{name}",model="bind",task="0",tenant="bank"}} {ppm / 1_000_000}'
        for name, ppm in FIRST.items()
    }
