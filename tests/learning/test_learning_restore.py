"""The same outcomes log gives the same snapshot bytes, through any crash (SEMANTICS L1, B4, N2)."""

from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.learning.fold import LearningFold
from schemas.codec import decode_counts_row
from schemas.learning import Head
from schemas.model import Optimizer
from schemas.records import Row, StoredRecord
from streams.replay import Replayed, replay
from tests.learning.outcome_log import (
    GOLD,
    KEY,
    PLAIN,
    SOURCES,
    OutcomeLog,
    folded,
    model,
    replayed,
    row_of,
)


def eventful(kind: str = "adagrad", tenant: str = "bank") -> OutcomeLog:
    """Return a log in which everything happens once: cohorts, falling back, freezing, versions."""
    log = OutcomeLog(tenant)
    optimizer = Optimizer(kind="adagrad" if kind == "adagrad" else "sgd")
    log.define(model(optimizer=optimizer, publish_count=7))
    log.cohort(0, 18, score_ppm=900_000)
    log.open(50, verdict="control", arm="control", vector=GOLD)
    log.close(50, arm="control", vector=GOLD)
    log.cohort(100, 2, score_ppm=900_000)
    log.put(150, frozen=True)
    log.cohort(200, 2, score_ppm=900_000)
    log.open(300, vector=GOLD)
    log.put(301, rollback=1)
    log.close(300, None)
    log.close(200, 1, sequence=2)
    log.open(302, model_version=7)
    log.define(model(optimizer=optimizer, version=2, publish_count=3), 303)
    for at in range(304, 310):
        log.open(at, model_version=2, vector=GOLD)
    log.define(
        model(optimizer=optimizer, version=3), 400, control=Head(intercept=0.5, weights=(0.0,) * 4)
    )
    log.open(401, model_version=3)
    return log


def restored(whole: Replayed, records: list[StoredRecord], cut: int) -> Replayed:
    """Return what a successor makes of the rest, from the rows that stood at the cut."""
    before = replayed(records[:cut])
    after = replayed(records[cut:], rows=[Row(*row) for row in before.rows.items()])
    assert list(whole.outputs) == [*before.outputs, *after.outputs]
    return after


@pytest.mark.parametrize("kind", ["sgd", "adagrad"])
def test_learning_crash_at_any_record_changes_nothing(kind: str) -> None:
    """B4: a successor that reads the rows after any record goes on to the same bytes."""
    records = eventful(kind).records
    whole = replayed(records)
    assert len(whole.outputs) > 10
    for cut in range(len(records)):
        assert restored(whole, records, cut).rows == whole.rows


def test_learning_of_the_eventful_log_shows_everything() -> None:
    """The log that is cut at every record has every reason of a snapshot in it."""
    found = folded(eventful())
    assert set(found.reasons) == {"defined", "learnt", "rolled_back", "fallen_back"}
    counts = found.fold.counts()
    assert counts[f"unmatched|{KEY}"] == 1
    assert counts[f"corrected|{KEY}"] == 1


@pytest.mark.parametrize("cut", [1, 200, 410, 480, 599])
def test_learning_crash_loses_no_alarm(cut: int) -> None:
    """B4: scores and losses that jump after 200 contacts are found by a successor alike."""
    log = OutcomeLog()
    log.define(model(cohort_count=1_000))
    for at in range(300):
        score_ppm = 10_000 if at < 200 else 990_000
        log.open(at, score_ppm=score_ppm)
        log.close(at, 0, score_ppm=score_ppm)
    whole = replayed(log.records)
    counts = folded(log).fold.counts()
    assert counts[f"alarm|{KEY}|SCORES"] == 1
    assert counts[f"alarm|{KEY}|LOSSES"] >= 1
    assert restored(whole, log.records, cut).rows == whole.rows


def test_learning_row_of_before_answers_for_its_own_version() -> None:
    """
    E1: a row that does not say since when its weights are is read, and goes on.

    It knows them of its own version, 2, alone; 3 keeps them. Of outcomes that versions 1, 2 and 3
    scored the first is unmatched.
    """
    log = OutcomeLog()
    log.define(model(version=2, publish_count=99))
    log.open(1, model_version=2)
    cut = len(log.records)
    rows = replayed(log.records).rows
    before = msgspec.msgpack.decode(rows[KEY.encode()])
    assert before.pop() == 2
    log.define(model(version=3, publish_count=99), 2)
    for version in (1, 2, 3):
        log.close(1, model_version=version)
    known = rows | {KEY.encode(): msgspec.msgpack.encode(before)}
    after = replayed(log.records[cut:], rows=[Row(*row) for row in known.items()])
    row = row_of(after.rows)
    assert (row.weights_since_version, row.contact.conversion_count) == (2, 2)
    assert decode_counts_row(after.rows[b"#counts|0"])[f"unmatched|{KEY}"] == 1


@given(slice_record_count=st.integers(1, 200))
@settings(deadline=None, max_examples=20)
def test_learning_same_log_gives_same_bytes_in_any_slices(slice_record_count: int) -> None:
    """L1: outputs and rows are the same, however the log was read."""
    records = eventful().records
    sliced = replay(
        LearningFold(0, 1), records, sources=SOURCES, slice_record_count=slice_record_count
    )
    assert sliced == replayed(records)


def test_learning_neighbours_change_no_snapshot() -> None:
    """N2: another bank's model of the same name beside it: same snapshots, same rows."""
    alone = folded(eventful())
    log = OutcomeLog()
    for mine, theirs in zip(eventful().records, eventful(tenant="other").records, strict=True):
        for record in (theirs, mine):
            log.records.append(record._replace(offset=len(log.records)))
    beside = folded(log)
    own = [one.record for one in beside.envelopes if one.tenant == "bank"]
    assert own == [one.record for one in alone.envelopes]
    mine_only = {key: value for key, value in beside.rows.items() if key.startswith(b"bank|")}
    assert mine_only == {key: alone.rows[key] for key in alone.rows if key != b"#counts|0"}


def shuffled(seed: int) -> OutcomeLog:
    """Return 600 exposures, a tenth converting within the next hundred, in an order by the seed."""
    chance, order = Random(7), Random(seed)  # noqa: S311 (arrivals)
    log = OutcomeLog()
    log.define(model(optimizer=Optimizer(kind="sgd", learning_rate_ppm=5_000), cohort_count=200))
    due: dict[int, list[tuple[int, bytes]]] = {}
    for at in range(700):
        if at < 600:
            vector = chance.choice((PLAIN, GOLD))
            log.open(at, vector=vector)
            if chance.random() < 0.1:
                due.setdefault(at + order.randrange(1, 100), []).append((at, vector))
        coming = due.pop(at, [])
        order.shuffle(coming)
        for decided, one in coming:
            log.close(decided, 1, vector=one)
    return log


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_learning_order_of_arrival_hardly_matters(seed: int) -> None:
    """Conversions in another order within the delay: every weight within 0.02, same counts."""
    one, other = (row_of(replayed(shuffled(each).records).rows).contact for each in (0, seed))
    assert one != other
    assert (one.exposure_count, one.conversion_count) == (
        other.exposure_count,
        other.conversion_count,
    )
    assert (one.intercept, *one.weights) == pytest.approx(
        (other.intercept, *other.weights), abs=0.02
    )
    assert min(abs(weight) for weight in (one.intercept, *one.weights[:3])) > 0.1
