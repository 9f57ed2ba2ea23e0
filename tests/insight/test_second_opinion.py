"""The insight fold and its second opinion, written by two hands, count and conclude the same."""

import json
from collections import Counter

from tests.insight.both_insight import both_insights, printed
from tests.insight.chaos_insight import Insights


def test_house_and_checker_count_the_same(*, full: bool) -> None:
    """N3, E1, E2: same rows, counts, reports and trips of logs that no bank would write."""
    tripped: Counter[str] = Counter()
    again: Counter[str] = Counter()
    told: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for seed in range(100 if full else 8):
        report, house = both_insights(printed(Insights(seed).records(2_500)), slice_count=7)
        assert report.passed, f"seed {seed}\n{report}"
        trips = [json.loads(one.value or b"")["record"] for one in house.journal]
        tripped += Counter(one["kind"] for one in trips)
        again += Counter(one["kind"] for one in trips if one["sequence"] > 1)
        records = (one for partition in house.told for one in partition)
        told += Counter(dict(one.headers)["ce_type"].decode() for one in records)
        counted += Counter(dict.fromkeys(report.seen, 1))

    assert set(tripped) == {"opt_out", "complaint", "failure", "harm"}
    assert {"opt_out", "failure"} <= set(again)
    assert set(told) == {"effect.reported.v1", "funnel.reported.v1", "guardrail.tripped.v1"}
    assert {"insight rows", "insight reports", "trips"} <= set(counted)


def test_successor_goes_on_from_rows_as_if_nothing_had_happened() -> None:
    """B4: a fold put back from its rows after every slice writes the same rows and reports."""
    log = printed(Insights(1).records(1_500))
    report, restarted = both_insights(log, slice_count=50, restarts=True)
    _, whole = both_insights(log, slice_count=50)

    assert report.passed, str(report)
    assert (restarted.rows, restarted.told) == (whole.rows, whole.told)
