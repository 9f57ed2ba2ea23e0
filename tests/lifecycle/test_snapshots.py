"""Which snapshot of a model decides, and what is told of a model (SEMANTICS L1, L3; 3.16)."""

import struct
from typing import Any

import pytest
from msgspec.structs import replace

from lifecycle.partition import PartitionState
from lifecycle.printing import printed
from schemas.codec import decode_snapshot_row, decode_told
from schemas.events import ModelDefined, ModelSet
from schemas.learning import Head
from schemas.model import MODELS_MAX, Model, Optimizer
from schemas.outcomes import ModelTold
from schemas.records import Row
from schemas.rules import Const, Rule
from tests.lifecycle.builders import HOUR, T0, TENANT, Bank
from tests.lifecycle.by_hand import uuid8
from tests.lifecycle.signers import became
from tests.lifecycle.snapshots import (
    category,
    head,
    in_force,
    model,
    number,
    publish,
    published,
    truth,
)


HALF = head(0.0, 0.0)
NAMELESS = Rule(text="nothing", tree=Const(value="nothing"))


def test_definition_is_told_to_learning_and_changes_nothing_else() -> None:
    """3.16: one record under the model's key, with the control record as it stands."""
    bank = Bank()
    event = ModelDefined(model=model(), contact=head(-1.5, 0.25, squares=(0.5, 0.25)))
    (effect,) = bank.control(event, HOUR, event_id="def-1")
    assert isinstance(effect, ModelTold)
    topic, key, value, headers, _ = printed(effect)

    assert (uuid8("told", "core", "def-1"), T0 + HOUR) == (effect.told_id, effect.told_at_ms)
    assert ("bank", "m", event) == (effect.tenant, effect.model_id, effect.record)
    assert ("lifecycle.outcomes.v1", b"bank|m") == (topic, key)
    assert effect == decode_told(value or b"")
    assert {"ce_id": effect.told_id.encode(), "ce_type": b"model.told.v1", "ce_subject": b""} == {
        name: said for name, said in headers if name in {"ce_id", "ce_type", "ce_subject"}
    }
    assert ("model.defined", {}) == (effect.cause.event_type, in_force(bank))
    assert 1 == bank.count("control|{}|model.defined")


def test_word_about_a_model_is_told_as_well() -> None:
    """3.16: unsigned, like a kill switch."""
    event = ModelSet(model_id="m", frozen=True, rollback_sequence=3)
    (effect,) = Bank().control(event, HOUR)

    assert isinstance(effect, ModelTold)
    assert ("m", event) == (effect.model_id, effect.record)


def test_first_partition_alone_tells() -> None:
    """3.16: the others take it too, and say nothing."""
    bank = Bank(partition=1, partition_count=2)

    assert [] == bank.control(ModelDefined(model=model()))
    assert 1 == bank.count("control|{}|model.defined")


def test_repeat_is_told_once() -> None:
    """B2: a control record that came twice."""
    bank = Bank()
    told = [bank.control(ModelDefined(model=model()), event_id="same") for _ in range(2)]

    assert [1, 0] == [*map(len, told)]
    assert 1 == bank.count("control|{}|DUPLICATE")


UNFIT: dict[str, dict[str, Any]] = {
    "two inputs of one id": {
        "model": model(number("card_count"), number("spend_count", "card_count"))
    },
    "two alike values": {"model": model(category("language", "en", "en"))},
    "1,025 weights": {
        "model": model(
            *(category("language", *map(str, range(63)), name=f"i{n}") for n in range(16)),
            truth("staff", "x"),
        )
    },
    "a text for a number": {"model": model(replace(number("card_count"), rule=NAMELESS))},
    "a number for a category": {
        "model": model(replace(category("language", "en"), rule=number("card_count").rule))
    },
    "too few weights": {"contact": head(0.0)},
    "too many weights": {"control": head(0.0, 1.0, 2.0)},
    "squares without AdaGrad": {
        "model": model(optimizer=Optimizer(kind="sgd")),
        "contact": head(0.0, 1.0, squares=(0.0, 0.0)),
    },
    "squares of the weights alone": {"contact": head(0.0, 1.0, squares=(0.0,))},
    "no number": {"contact": head(float("nan"), 1.0)},
    "an endless weight": {"contact": head(0.0, float("inf"))},
    "a square below 0": {"contact": head(0.0, 1.0, squares=(0.0, -1.0))},
    "a count below 0": {"contact": head(0.0, 1.0, exposure_count=-1)},
}


@pytest.mark.parametrize("why", UNFIT)
def test_definition_that_cannot_learn_is_refused(why: str) -> None:
    """3.16, learning.md 1; the record is given as it could not come out of the log (L3)."""
    tenant = Bank().state.tenant(TENANT)

    assert "BAD_RULE" == tenant.snapshots.refusal(ModelDefined(**{"model": model(), **UNFIT[why]}))


def test_refused_definition_is_not_told() -> None:
    """3.16: each that is taken is forwarded."""
    bank = Bank()

    assert [] == bank.control(ModelDefined(model=model(), contact=head(0.0)))
    assert 1 == bank.count("control|{}|BAD_RULE")


def test_thousand_weights_are_not_too_many() -> None:
    """16 inputs of 64 weights are 1,024."""
    inputs = [category("language", *map(str, range(63)), name=f"i{n}") for n in range(16)]

    assert 1 == len(Bank().control(ModelDefined(model=model(*inputs))))


def test_thirty_third_model_has_no_room() -> None:
    """3.16: 32 others are known; one of them may be defined anew."""
    bank = Bank()
    for n in range(MODELS_MAX):
        publish(bank, published(HALF, id=f"m{n}"))

    assert "STATE_FULL" == became(bank, ModelDefined(model=model(id="more")))
    assert "model.defined" == became(bank, ModelDefined(model=model(id="m7", version=2)))


def test_snapshot_decides_from_where_it_stands() -> None:
    """L1: the greater sequence, whatever the version; an equal or lesser one is passed over."""
    bank = Bank()
    known = []
    for sequence in (3, 3, 2, 4):
        publish(bank, published(HALF, sequence=sequence))
        known.append(in_force(bank)["m"])

    assert [3, 3, 3, 4] == known
    assert 2 == bank.count("control|{}|model.published")
    assert 2 == bank.count("control|{}|STALE_VERSION")


@pytest.mark.parametrize("why", UNFIT)
def test_snapshot_that_cannot_score_is_not_adopted(why: str) -> None:
    """L3: nothing that is not finite, nothing that does not fit; what decided goes on."""
    said = {"model": model(), **UNFIT[why]}
    bank = Bank()
    publish(bank, published(HALF))
    snapshot = replace(published(HALF, sequence=2), **said)
    adopted = bank.state.tenant(TENANT).snapshots.adopt(snapshot)

    assert ("BAD_RULE", {"m": 1}) == (adopted, in_force(bank))


def test_snapshot_is_no_control_record() -> None:
    """3.16: the last 32 hashes are neither asked nor added to."""
    bank = Bank()
    before = list(bank.state.tenant(TENANT).row.control_hashes)
    publish(bank, published(HALF))

    assert before == bank.state.tenant(TENANT).row.control_hashes


def test_row_is_the_snapshot_without_squares() -> None:
    """3.16: what only learning needs is not kept."""
    bank = Bank()
    taught = head(-1.0, 0.5, squares=(4.0, 9.0))
    snapshot = published(taught, control=replace(taught, intercept=2.0))
    publish(bank, snapshot)
    rows: list[Row] = []
    bank.state.drain(rows)
    kept = [row for row in rows if row.key.startswith(b"#model")]
    bank.state.drain(rows := [])

    assert [b"#model|0|bank|m"] == [row.key for row in kept]
    contact, control = replace(taught, squares=()), replace(taught, intercept=2.0, squares=())
    wanted = replace(snapshot, contact=contact, control=control)
    assert wanted == decode_snapshot_row(kept[0].value or b"")
    assert not [row for row in rows if row.key.startswith(b"#model")]


def test_models_are_their_tenants_own() -> None:
    """N2: a neighbour's snapshot of the same name is another."""
    bank = Bank()
    publish(bank, published(HALF, sequence=9), tenant="other")
    publish(bank, published(HALF, sequence=2))

    assert {"m": 2} == in_force(bank)


def test_known_model_is_compiled_once() -> None:
    """A snapshot a minute with 64 inputs must not cost what compiling them costs (T8)."""
    known = PartitionState(0).tenant(TENANT).snapshots
    readers = []
    for sequence, version in ((1, 1), (2, 1), (3, 2)):
        other: Model = model(version=version, base_rate_ppm=version)
        known.adopt(replace(published(HALF, sequence=sequence), model=other))
        readers.append(known.in_force["m"].readers)

    assert readers[0] is readers[1]
    assert readers[1] is not readers[2]


def test_weights_are_read_back_to_the_last_bit() -> None:
    """L1: doubles of any bits come out of the row as they went in."""
    bits = struct.unpack("<3d", bytes.fromhex("0100000000000080 555555555555d53f ffffffffffff0f00"))
    bank = Bank()
    publish(bank, published(Head(intercept=bits[0], weights=bits[1:]), *PAIR))
    rows: list[Row] = []
    bank.state.drain(rows)
    (row,) = [row for row in rows if row.key.startswith(b"#model")]
    read = decode_snapshot_row(row.value or b"").contact

    assert struct.pack("<3d", *bits) == struct.pack("<3d", read.intercept, *read.weights)


PAIR = number("card_count"), number("spend_count")
