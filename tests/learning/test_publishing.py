"""When a snapshot is published, and what definitions and settings do (docs/learning.md 4)."""

from typing import Any

import msgspec
import pytest

from schemas.learning import Head
from schemas.model import Model, NumberInput, Optimizer
from schemas.rules import Const, Rule
from tests.learning.outcome_log import KEY, T0, OutcomeLog, folded, model


HOUR = 3_600_000
BROUGHT = Head(intercept=-1.0, weights=(0.5, 0.0, 0.25, 0.0), exposure_count=9, conversion_count=3)


def begun(**changed: Any) -> OutcomeLog:  # noqa: ANN401 (any field of the model)
    """Return a log that begins with the definition of the model."""
    log = OutcomeLog()
    log.define(model(**changed))
    return log


def test_publishing_follows_count_of_examples() -> None:
    """`learnt`: after publish_count examples of both heads together, since the last snapshot."""
    log = begun(publish_count=3)
    for at in range(7):
        log.open(at, verdict="sent" if at % 2 else "control")
    found = folded(log)
    assert found.reasons == ["defined", "learnt", "learnt"]
    assert [one.sequence for one in found.snapshots] == [1, 2, 3]
    assert [one.source.offset for one in found.envelopes] == [0, 3, 6]
    assert found.row.example_count == 1


def test_publishing_follows_time_where_something_was_learnt() -> None:
    """`learnt`: an example an hour after the last snapshot; nothing learnt, nothing published."""
    log = begun(publish_count=100, publish_every_ms=HOUR)
    log.open(HOUR - 1)
    log.open(HOUR, verdict="held_out")
    log.open(HOUR + 5)
    log.open(2 * HOUR + 4)
    log.open(2 * HOUR + 5)
    found = folded(log)
    assert [one.source.offset for one in found.envelopes] == [0, 3, 5]
    assert found.envelopes[1].journal_at_ms == T0 + HOUR + 5


def test_publishing_time_never_runs_back() -> None:
    """A model's time is the greatest of its records: a late one moves it not, an unmatched does."""
    log = begun(publish_count=1)
    log.open(500, model_version=9)
    log.open(100)
    found = folded(log)
    assert found.envelopes[-1].journal_at_ms == T0 + 500
    assert found.row.at_ms == T0 + 500


def test_publishing_frozen_holds_what_was_learnt_back() -> None:
    """model.set: learning goes on unseen; the first example after it lets go shows it all."""
    log = begun(publish_count=1)
    log.put(1, frozen=True)
    log.open(2)
    log.open(3)
    log.put(4)
    assert folded(log).reasons == ["defined"]
    log.open(5)
    found = folded(log)
    assert found.reasons == ["defined", "learnt"]
    assert found.snapshots[-1].contact.exposure_count == 3


def test_publishing_ignores_a_version_that_is_not_newer() -> None:
    """`defined`: the same version, or one below, changes nothing and is counted."""
    log = begun(version=2, title="kept")
    log.define(model(version=2), 1)
    log.define(model(version=1), 2)
    found = folded(log)
    assert found.reasons == ["defined"]
    assert found.row.model.title == "kept"
    assert found.fold.counts()["ignored|bank|STALE_VERSION"] == 2


def test_publishing_version_of_same_inputs_keeps_weights() -> None:
    """`defined`: a version with other limits learns on; so do its cohorts."""
    log = begun()
    log.open(1)
    log.define(model(version=2, title="new"), 2)
    log.open(3, model_version=2)
    found = folded(log)
    assert found.reasons == ["defined", "defined"]
    assert found.snapshots[1].contact.exposure_count == 1
    assert found.snapshots[1].model.title == "new"
    assert found.row.contact.exposure_count == 2
    assert [cohort.exposure_count for cohort in found.row.cohorts] == [2]


def test_publishing_version_of_same_inputs_answers_what_the_last_one_scored() -> None:
    """Sections 2, 3: two exposures were open; the one's conversion teaches, both are judged."""
    log = begun(publish_count=99)
    log.open(1)
    log.define(model(version=2, title="new"), 2)
    log.define(model(version=4, title="newer"), 3)
    log.open(4, model_version=2)  # scored by a partition that had not heard of 4 yet
    log.close(1)
    log.close(4, 0, model_version=2)
    found = folded(log)
    (cohort,) = found.row.cohorts
    assert (cohort.exposure_count, cohort.tally.outcome_count) == (2, 2)
    assert (found.row.contact.exposure_count, found.row.contact.conversion_count) == (2, 1)
    assert (found.row.weights_since_version, found.count("unmatched")) == (1, 0)


def test_publishing_new_weights_answer_for_no_version_before() -> None:
    """L3: what versions 1 and 2 scored is unmatched from version 3 on; 4 keeps its weights."""
    log = begun(publish_count=99)
    log.define(model(version=2), 1)
    log.define(model(version=3), 2, contact=BROUGHT)
    log.define(model(version=4), 3)
    for version in (1, 2, 3, 4, 5):
        log.close(0, model_version=version)
    found = folded(log)
    assert (found.row.weights_since_version, found.count("unmatched")) == (3, 3)
    assert found.row.contact.conversion_count == BROUGHT.conversion_count + 2


OTHER_INPUTS = model(version=2, inputs=(NumberInput(id="a", rule=Rule(text="1", tree=Const(1))),))


@pytest.mark.parametrize(
    ("newer", "heads", "expected"),
    [
        (OTHER_INPUTS, {}, Head(intercept=0.0, weights=(0.0,))),
        (
            model(version=2, optimizer=Optimizer(kind="adagrad")),
            {},
            Head(intercept=0.0, weights=(0.0,) * 4, squares=(0.0,) * 5),
        ),
        (model(version=2), {"contact": BROUGHT}, BROUGHT),
        (model(version=2), {"control": BROUGHT}, Head(intercept=0.0, weights=(0.0,) * 4)),
    ],
)
def test_publishing_version_of_other_weights_begins_anew(
    newer: Model, heads: dict[str, Head], expected: Head
) -> None:
    """`defined`: other inputs or optimizer, or heads brought: cohorts and kept snapshots go."""
    log = begun()
    log.cohort(1, 18, score_ppm=900_000)
    log.open(50)
    log.put(51, frozen=True)
    before = folded(log)
    assert before.row.reports
    log.define(newer, 60, **heads)
    found = folded(log)
    assert found.reasons[-1] == "defined"
    assert found.snapshots[-1].contact == expected
    assert found.snapshots[-1].sequence == before.row.sequence + 1
    row = found.row
    assert (row.cohorts, row.kept, row.reports, row.label_average) == ([], [], [], 0.5)
    assert row.is_frozen
    own = f"{KEY}|".encode()
    assert [key for key in found.rows if key.startswith(own)] == [own + b"%d" % row.sequence]


def test_publishing_rolls_back_and_learns_on_from_there() -> None:
    """`rolled_back`: both heads of a kept snapshot under the next sequence; learning goes on."""
    log = begun(publish_count=1, cohort_count=20)
    log.open(1)
    log.open(2, verdict="control")
    log.put(3, rollback=1)
    log.open(4)
    found = folded(log)
    assert found.reasons == ["defined", "learnt", "learnt", "rolled_back", "learnt"]
    first, *_, back, after = found.snapshots
    assert (back.contact, back.control) == (first.contact, first.control)
    assert after.contact == found.snapshots[1].contact
    assert [one.sequence for one in found.snapshots] == [1, 2, 3, 4, 5]


def test_publishing_rolls_back_to_nothing_that_is_not_kept() -> None:
    """`rolled_back`: only what is kept of a cohort's beginning; else counted, frozen as told."""
    log = begun(publish_count=1)
    log.open(1)
    log.put(2, rollback=2, frozen=True)
    log.put(3, rollback=99, frozen=True)
    found = folded(log)
    assert found.reasons == ["defined", "learnt"]
    assert found.fold.counts()["ignored|bank|NOT_KEPT"] == 2
    assert found.row.is_frozen


def test_publishing_setting_of_a_stranger_is_unmatched() -> None:
    """A model that was never defined can be neither held nor brought back."""
    log = OutcomeLog()
    log.put(0, frozen=True)
    found = folded(log)
    assert found.count("unmatched") == 1
    assert found.rows.keys() == {b"#counts|0"}


def test_publishing_keeps_sixteen_snapshots() -> None:
    """Kept: of twenty beginnings of cohorts the last sixteen, and the last of all; others go."""
    log = begun(publish_count=1)
    for number in range(20):
        log.cohort(100 * number, 10)
    found = folded(log)
    kept = [one.sequence for one in found.row.kept]
    assert len(kept) == 16
    assert kept == sorted(kept)
    own = f"{KEY}|".encode()
    stored = sorted(int(key[len(own) :]) for key in found.rows if key.startswith(own))
    assert stored == [*kept, found.row.sequence]


def test_publishing_brought_squares_slow_the_first_step() -> None:
    """A head taught by history goes on as it would have: squares 3 and g 0.375: 0.1 * g / 1.77."""
    wanted = model(publish_count=1, optimizer=Optimizer(kind="adagrad", learning_rate_ppm=100_000))
    head = Head(intercept=0.0, weights=(0.0,) * 4, squares=(3.0,) * 5)
    log = OutcomeLog()
    log.define(wanted, contact=head)
    log.open(1)
    learnt = folded(log).snapshots[-1].contact
    assert learnt.squares == (3.5625, 3.140625, 3.0, 3.0, 3.140625)
    assert learnt.intercept == pytest.approx(-0.1 * 0.375 / 3.140625**0.5, abs=1e-9)
    assert msgspec.json.decode(msgspec.json.encode(learnt), type=Head) == learnt
