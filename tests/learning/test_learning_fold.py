"""What a record teaches, and what it does not (docs/learning.md 2, 5)."""

from struct import pack
from typing import Any

import msgspec
import pytest

from lifecycle.learning.fold import LearningFold
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.learning import Head, ModelPublished
from schemas.model import NumberInput
from schemas.records import BROADCAST, Row
from schemas.rules import Const, Rule
from tests.learning.outcome_log import (
    GOLD,
    KEY,
    MODEL,
    PLAIN,
    T0,
    TENANT,
    OutcomeLog,
    folded,
    model,
    replayed,
)


UNTAUGHT = Head(intercept=0.0, weights=(0.0,) * 4)


def taught(**changed: Any) -> OutcomeLog:  # noqa: ANN401 (any field of the model)
    """Return a log that begins with the definition of the model."""
    log = OutcomeLog()
    log.define(model(**changed))
    return log


def test_learning_snapshot_is_this_record_in_every_partition() -> None:
    """Publishing: the envelope of a definition by hand; the cause is the record's place."""
    log = taught()
    (output,) = replayed(log.records).outputs
    assert (output.topic, output.key) == ("lifecycle.journal.v1", b"bank|")
    assert output.partition == BROADCAST
    (envelope,) = folded(log).envelopes
    assert envelope == JournalEnvelope(
        tenant=TENANT,
        customer_token="",
        journal_at_ms=T0,
        occurred_at_ms=T0,
        event_id="bind-1",
        event_source="cardcue/learning",
        source=SourceCoordinates("lifecycle.outcomes.v1", 0, 0),
        record=ModelPublished(
            model=model(), sequence=1, reason="defined", contact=UNTAUGHT, control=UNTAUGHT
        ),
    )


def test_learning_exposure_and_conversion_are_the_steps_on_paper() -> None:
    """FNW: not converted with 0.75, then converted with 1 + 0.44398611 (tests/models)."""
    log = taught()
    log.open()
    log.close()
    found = folded(log)
    assert found.reasons == ["defined", "learnt"]
    contact = found.snapshots[-1].contact
    expected = (0.04278763, 0.08557527, 0.04278763, 0, 0)
    assert (contact.intercept, *contact.weights) == pytest.approx(expected, abs=1e-8)
    assert (contact.exposure_count, contact.conversion_count) == (1, 1)
    assert found.snapshots[-1].control == UNTAUGHT
    assert (found.count("learnt"), found.count("converted")) == (1, 1)


def test_learning_category_moves_its_own_weight() -> None:
    """Learning: `gold` without a number: by rate * 0.375 the intercept and the third weight."""
    log = taught(publish_count=1)
    log.open(vector=GOLD)
    contact = folded(log).snapshots[-1].contact
    assert contact.intercept == pytest.approx(-0.0375)
    assert contact.weights == pytest.approx((0, 0, -0.0375, 0))


def test_learning_control_teaches_its_own_head() -> None:
    """L2: who was not contacted says nothing about contacts."""
    log = taught()
    log.open(verdict="control", arm="control")
    log.close(arm="control")
    snapshot = folded(log).snapshots[-1]
    assert snapshot.contact == UNTAUGHT
    assert (snapshot.control.exposure_count, snapshot.control.conversion_count) == (1, 1)
    assert snapshot.control.intercept == pytest.approx(0.04278763, abs=1e-8)


def test_learning_holdout_teaches_nobody() -> None:
    """FNW: what was never learnt as not converted is not learnt as converted either."""
    log = taught()
    log.open(verdict="held_out", arm="holdout")
    log.close(arm="holdout")
    found = folded(log)
    assert (found.row.contact, found.row.control) == (UNTAUGHT, UNTAUGHT)
    assert not found.row.cohorts
    assert (found.count("learnt"), found.count("converted"), found.count("unmatched")) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changed", "converted", "corrected"),
    [
        ({"sequence": 1, "label": 0}, 0, 0),
        ({"sequence": 1, "label": None}, 0, 0),
        ({"sequence": 2, "label": 1}, 1, 1),
        ({"sequence": 2, "label": 0}, 0, 1),
        ({"sequence": 3, "label": 1}, 0, 1),
    ],
)
def test_learning_takes_one_conversion_of_an_exposure(
    changed: dict[str, Any], converted: int, corrected: int
) -> None:
    """FNW: the first or a late conversion; the window's end, a reversal, another one: nothing."""
    log = taught()
    log.open()
    log.close(**changed)
    found = folded(log)
    assert (found.count("converted"), found.count("corrected")) == (converted, corrected)
    assert found.row.contact.conversion_count == converted


@pytest.mark.parametrize(
    "changed",
    [
        {"model_version": 2},
        {"model_id": "other"},
        {"vector": b""},
        {"vector": PLAIN + PLAIN},
        {"vector": PLAIN[:7]},
        {"vector": pack("<2f", float("nan"), 0.0)},
        {"vector": pack("<2f", float("inf"), 0.0)},
        {"vector": pack("<2f", 0.0, float("nan"))},
        {"vector": pack("<2f", 1.0, float("-inf"))},
        {"vector": pack("<2f", 1_000_000.0, 0.0)},
        {"vector": pack("<2f", -4.000001, 0.0)},
        {"vector": pack("<2f", 1.0, 3.0)},
        {"vector": pack("<2f", 1.0, -1.0)},
        {"vector": pack("<2f", 1.0, 0.5)},
        {"score_ppm": 0},
        {"score_ppm": 1_000_000},
    ],
)
def test_learning_ignores_what_another_model_looked_at(changed: dict[str, Any]) -> None:
    """L3: another model, version or shape, no number, one out of bounds: unmatched, nothing."""
    log = taught()
    log.open(**changed)
    log.close(**changed)
    found = folded(log)
    counts = found.fold.counts()
    assert counts[f"unmatched|{TENANT}|{changed.get('model_id', MODEL)}"] == 2
    assert (found.row.contact, found.row.cohorts) == (UNTAUGHT, [])
    assert found.reasons == ["defined"]


@pytest.mark.parametrize("number", [4.0, -4.0, 0.0])
def test_learning_takes_numbers_up_to_4(number: float) -> None:
    """The bounds of a vector belong to it."""
    log = taught()
    log.open(vector=pack("<2f", number, 2.0))
    assert folded(log).count("learnt") == 1


def test_learning_goes_on_from_the_greatest_weights_there_are() -> None:
    """L3: where two terms of the greatest size meet, z is 0: a number, and so are the weights."""
    rule = Rule(text="1", tree=Const(1))
    inputs = (NumberInput(id="a", rule=rule), NumberInput(id="b", rule=rule))
    log = OutcomeLog()
    log.define(model(inputs=inputs), contact=Head(intercept=0.0, weights=(1e300, 1e300)))
    log.open(vector=pack("<2f", 4.0, -4.0))
    found = folded(log)
    assert (found.count("refused"), found.count("learnt")) == (0, 1)
    assert found.row.contact.weights == (1e300, 1e300)
    assert found.row.contact.exposure_count == 1


def test_learning_passes_what_is_no_models() -> None:
    """Rows: exposures without a model, and types that teach nothing, are counted by tenant."""
    log = taught()
    log.open(model_id="", vector=b"")
    log.close(model_id="", vector=b"")
    log.add(b"effect.measured.v1", {"any": "thing"})
    log.add(b"", None, key="")
    assert folded(log).fold.counts() == {
        "passed|bank": 3,
        "passed|": 1,
        f"published|{KEY}|defined": 1,
    }


def test_learning_stops_at_a_record_of_ours_that_is_none() -> None:
    """A record that we wrote and cannot read is a defect: nothing is learnt past it."""
    tombstone = OutcomeLog()
    tombstone.add(b"outcome.recorded.v1", None)
    with pytest.raises(ValueError, match="found a tombstone"):
        replayed(tombstone.records)
    garbage = OutcomeLog()
    garbage.add(b"exposure.opened.v1", {"v": 1})
    with pytest.raises(msgspec.ValidationError):
        replayed(garbage.records)


def test_learning_stops_at_rows_that_are_not_its_own() -> None:
    """Rows: a key of no known form means another fold's changelog."""
    rows = replayed(taught().records).rows
    assert rows.keys() == {b"bank|bind", b"bank|bind|1", b"#counts|0"}
    with pytest.raises(ValueError, match="wanted a row of the learning fold"):
        replayed([], LearningFold(0, 1), rows=[Row(b"#tick", b"x")])
