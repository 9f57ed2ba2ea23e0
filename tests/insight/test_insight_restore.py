"""The same log gives the same bytes, through any crash, beside any neighbour (B4, N2)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.insight.fold import InsightFold
from schemas.campaign import Guardrails
from schemas.records import Row
from streams.replay import replay
from tests.insight.insight_log import (
    DAY,
    HOUR,
    SOURCES,
    T0,
    Folded,
    InsightLog,
    replayed,
)


STRICT = (
    Guardrails(failure_ppm=50_000, alpha_ppm=500_000),
    Guardrails(harm=True, alpha_ppm=500_000),
)
"""By partition: each trips by little evidence, so that a short log can show it."""


def eventful(tenant: str = "bank") -> InsightLog:
    """Return a log in which everything happens: series, ratios, trips, reports, forgetting."""
    log = InsightLog(tenant)
    log.decide()
    for at in range(42):
        arm = "control" if at % 4 in {0, 1} else "default"
        holdout_ppm = 50_000 * (at % 2)
        pools = at % 9 == 0
        of = {"holdout_ppm": holdout_ppm, "pools": pools}
        log.partition = at % 2
        begun = {"guardrails": STRICT[at % 2], "value_cap_minor": 99, "currency": "CNY"}
        log.open(at * HOUR, arm, **begun, **of)
        label = int(arm == "control")
        log.settle(at * HOUR + DAY, arm, label, value_minor=label * at * 3, **of)
        log.follow(at * HOUR + 2 * DAY, arm, 30, active=bool(at % 2), **of)
        if at % 4 == 0:
            log.objects("failure", at * HOUR)
        log.move("", "issued", at * HOUR, reached="issued", waited_ms=at * HOUR)
    for version in range(2, 67):
        log.open(70 * HOUR, policy_version=version, option="push")
    log.settle(policy_version=1)
    log.add(b"model.told.v1", {})
    return log


def test_insight_of_the_eventful_log_shows_everything() -> None:
    """The log that is cut at every record has each kind of output and of count in it."""
    folded = Folded(eventful())

    kinds = {key.partition("|")[0] for key in folded.fold.counts()}
    counted = {"decision", "cap", "effect", "moved", "unmatched", "forgotten", "tripped", "passed"}
    assert counted <= kinds
    assert {one.kind for one in folded.tripped} == {"failure", "harm"}
    assert len(folded.effects) > 40
    assert len(folded.funnels) > 40
    assert len(folded.effect(1).versions[3].options) == 1


def test_insight_crash_at_any_record_changes_nothing() -> None:
    """B4: a successor that reads the rows after any record goes on to the same bytes."""
    records = eventful().records
    whole = replayed(records)
    for cut in range(len(records)):
        before = replayed(records[:cut])
        after = replayed(records[cut:], rows=[Row(*row) for row in before.rows.items()])
        assert list(whole.outputs) == [*before.outputs, *after.outputs]
        assert after.rows == whole.rows


@given(slice_record_count=st.integers(1, 200))
@settings(deadline=None, max_examples=10)
def test_insight_same_log_gives_same_bytes_in_any_slices(slice_record_count: int) -> None:
    """Outputs and rows are the same, however the log was read."""
    records = eventful().records
    sliced = replay(
        InsightFold(0, 1), records, sources=SOURCES, slice_record_count=slice_record_count
    )
    assert sliced == replayed(records)


def test_insight_gauges_survive_a_move() -> None:
    """What a successor shows of rows is what was shown: no figure waits for the next report."""
    log = eventful()
    for number in (0, 1):
        log.partition = number
        log.open(999 * DAY, policy_version=66)
        log.move("issued", "issued+activated", 999 * DAY)
    whole = Folded(log)
    successor = InsightFold(0, 1)
    for row in whole.rows.items():
        successor.restore(Row(*row))
    successor.open(SOURCES)

    assert successor.counts() == whole.fold.counts()
    assert successor.counts()["waiting|bank|activate"] == 40


def test_insight_neighbours_change_no_row() -> None:
    """N2: another bank's campaign of the same name beside it: same rows, same outputs."""
    alone = replayed(eventful().records)
    log = InsightLog()
    for mine, theirs in zip(eventful().records, eventful("other").records, strict=True):
        for record in (theirs, mine):
            log.records.append(record._replace(offset=len(log.records)))
    beside = replayed(log.records)

    own = {key: value for key, value in beside.rows.items() if b"|bank" in key}
    assert own == {key: value for key, value in alone.rows.items() if b"|bank" in key}
    assert len(own) == 4
    told = [one for one in beside.outputs if (one.key or b"").startswith(b"bank|bind|0|effect")]
    assert told == [one for one in alone.outputs if (one.key or b"").startswith(b"bank|bind|0|eff")]


def test_insight_partitions_count_apart() -> None:
    """Two partitions of one campaign have a row each; their counts add up to the whole."""
    log = InsightLog()
    for at in range(9):
        log.partition = at % 2
        log.open(at)
        log.settle(at, label=int(at < 3))
    folded = Folded(log)
    even, odd = (folded.effect(number).versions[1].arms["default"] for number in (0, 1))

    assert (even.exposed_count, odd.exposed_count) == (5, 4)
    assert (even.converted_count, odd.converted_count) == (2, 1)
    assert folded.count("effect|bank|bind") == 18
    assert {(one.partition, one.at_ms - T0) for one in folded.effects} == {(0, 0), (1, 1)}


def test_insight_refuses_a_row_that_is_not_its_own() -> None:
    """A changelog of another fold stops the process before it writes."""
    fold = InsightFold(0, 1)
    fold.restore(Row(b"bank|bind", b"x"))
    with pytest.raises(ValueError, match="wanted a row of the insight fold, found one of bank"):
        fold.open(SOURCES)


def test_insight_refuses_a_tombstone() -> None:
    """A record without a value is no decision and no outcome of ours."""
    log = InsightLog()
    log.add(b"exposure.opened.v1", None)
    with pytest.raises(ValueError, match="wanted a record to count at 0, found a tombstone"):
        replayed(log.records)


def test_insight_takes_back_a_row_that_was_deleted() -> None:
    """A tombstone in the changelog means that there is no such row."""
    rows = replayed(eventful().records).rows
    fold = InsightFold(0, 1)
    for key, value in rows.items():
        fold.restore(Row(key, value))
        fold.restore(Row(key, None))
    fold.restore(Row(b"#offsets", b"x"))
    fold.open(SOURCES)

    assert fold.counts() == {}
