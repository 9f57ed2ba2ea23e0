"""The second opinion on models, by hand: core.md §3.16."""

import json
import struct
from typing import Any

import pytest

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import (
    DAY,
    NUDGED,
    decisions,
    fold,
    happened,
    published,
    purchase,
)
from tests.checker.model_shapes import fits, is_sound
from tests.checker.models_by_hand import (
    CONTACT,
    CONTROL,
    MODEL,
    NUMBER,
    STAGE,
    defined,
    head,
    rule,
    snapshot,
)
from tests.checker.oracle import PartitionOracle
from tests.checker.oracle_models import adopt, forget_a_vector, why_refused
from tests.checker.tiny_world import BASE, CAMPAIGN, DECIDED, by_hand_uuid


RANKED = CAMPAIGN | {
    "model": "ranker",
    "base_rate_ppm": 20_000,
    "value_minor": 10,
    "conversion": {"on": "txn.posted", "window_ms": DAY, "value": ""},
}
BEGUN = (published(RANKED), *NUDGED[1:-1])
TICK = NUDGED[-1]
VECTOR = struct.pack("<fff", 0.5, 2.0, 0.6666666865348816)
"""As float32 two thirds are a little more, so the score is a little less than a half."""


def ranked(*before: Facts) -> Facts:
    """Return the one candidate of the nudge, with these records before it."""
    (one,) = decisions(fold(*BEGUN, *before, TICK))
    names = ("propensity_from", "propensity_ppm", "model", "score_ppm", "control_score_ppm")
    return {name: one[name] for name in (*names, "worth_micro", "contributions")}


def outcomes(oracle: PartitionOracle) -> list[tuple[bytes, dict[str, Any]]]:
    """Return what is in the outcomes topic, with its keys."""
    outputs = (one for one in oracle.expected if one.output.topic == "outcomes")
    found = (one for one in outputs if one.output.ce_type != "card.moved.v1")
    return [(one.record_key, json.loads(one.output.value)) for one in found]


def test_oracle_scores_what_the_snapshot_says() -> None:
    """By hand: -1 + 2 x 0.5 + 0.25 - 0.375 x float32(2/3), which is -7.45e-9."""
    assert ranked(snapshot()) == {
        "propensity_from": "model",
        "propensity_ppm": 499_999,
        "model": "ranker|1|1",
        "score_ppm": 499_999,
        "control_score_ppm": 1,
        "worth_micro": 4_999_990,
        "contributions": {"days": 1_000_000, "log_days": -250_001, "stage": 250_000},
    }


def test_oracle_takes_the_difference_once_the_control_has_evidence() -> None:
    """O2: p(contact) - p(control), of which the least is one in a million."""
    found = ranked(snapshot(control=CONTROL))

    assert (found["propensity_from"], found["propensity_ppm"]) == ("uplift", 499_998)


@pytest.mark.parametrize(
    ("before", "propensity_from", "score_ppm"),
    [
        ([], "base_rate", 0),
        ([snapshot(contact=CONTACT | {"exposure_count": 9})], "evidence", 499_999),
        ([snapshot(contact=CONTACT | {"conversion_count": 1})], "evidence", 499_999),
        ([snapshot(withheld=True)], "evidence", 499_999),
        ([snapshot(model=MODEL | {"id": "another"})], "base_rate", 0),
        ([snapshot(2), snapshot(1, head(9.0, 0, 0, 0, 0, 0))], "model", 499_999),
    ],
)
def test_oracle_knows_when_no_score_decides(
    before: list[Facts], propensity_from: str, score_ppm: int
) -> None:
    """Without snapshot, evidence or a newer sequence the base rate, or the older score, decides."""
    found = ranked(*before)

    assert (found["propensity_from"], found["score_ppm"]) == (propensity_from, score_ppm)
    assert found["propensity_ppm"] == (499_999 if propensity_from == "model" else 20_000)


def test_oracle_scores_nobody_who_opted_out() -> None:
    """Personalisation opt-out: the base rate, no score, no vector in the outcomes topic."""
    said = {"personalisation_opt_out": True, "channel_order": [], "quiet_hours": "", "language": ""}
    no = happened(BASE + 40_000, "n", "preference.changed", **said)

    assert ranked(snapshot(), no)["propensity_from"] == "base_rate"
    ((key, opened),) = outcomes(fold(*BEGUN, snapshot(), no, TICK))
    assert (key, opened["vector"]) == (b"acme|activation_nudge", "")


def test_oracle_keeps_vector_and_key_until_the_outcome() -> None:
    """What the model looked at goes with exposure and outcome, all under the model's key."""
    oracle = fold(*BEGUN, snapshot(), TICK, purchase(DECIDED + 5, "b", card_token="k0"))
    told = outcomes(oracle)

    assert [key for key, _ in told] == [b"acme|ranker"] * 2
    names = ("model_id", "model_version", "model_sequence", "score_ppm", "vector")
    encoded = "AAAAPwAAAECrqio/"
    for _, record in told:
        assert [record[name] for name in names] == ["ranker", 1, 1, 499_999, encoded]
    assert oracle.customers["acme|c0"]["exposures"][0]["vector"] == VECTOR


def test_oracle_tells_learning_once() -> None:
    """Of a definition, and only in partition 0: record as journaled, no customer in it."""
    for partition, count in ((0, 1), (1, 0)):
        oracle = PartitionOracle(place=(partition, 2))
        for one in (defined(), defined()):
            oracle.see(one)
        told = outcomes(oracle)
        assert len(told) == count
        assert oracle.counts == {"control|acme|model.defined": 1, "control|acme|DUPLICATE": 1}
        for key, record in told:
            assert key == b"acme|ranker"
            assert oracle.expected[0].key == b"acme|"
            assert record["told_id"] == by_hand_uuid("told", "control", "d1")
            assert record["told_at_ms"] == BASE + 100
            assert record["record"] == defined()["record"]


def test_oracle_refuses_what_no_model_can_be() -> None:
    """BAD_RULE, STATE_FULL: ill-typed rules, things twice, heads of another shape, too many."""
    bad = (
        {"inputs": [NUMBER | {"is": rule("stage")}]},
        {"inputs": [STAGE | {"is": rule("tenure_days"), "values": ["a"]}]},
        {"inputs": [NUMBER | {"is": rule("moon")}]},
        {"inputs": [NUMBER, NUMBER]},
        {"inputs": [STAGE | {"values": ["a", "a"]}]},
    )
    for other in bad:
        assert why_refused({}, {"model": MODEL | other}) == "BAD_RULE", other
    short = CONTACT | {"weights": [0.0]}
    assert why_refused({}, {"model": MODEL, "control": short}) == "BAD_RULE"
    others = {f"m{number}": {} for number in range(32)}
    assert why_refused(others, {"model": MODEL}) == "STATE_FULL"
    assert why_refused(others, {"model": MODEL | {"id": "m7"}}) == ""


def test_model_of_too_many_weights_is_not_sound() -> None:
    """A category of 63 values has 64 weights: sixteen of them are 1,024, one number more is not."""
    wide = [STAGE | {"id": f"i{n}", "values": [str(v) for v in range(63)]} for n in range(16)]

    assert is_sound(MODEL | {"inputs": wide})
    assert not is_sound(MODEL | {"inputs": [*wide, NUMBER]})


def test_head_fits_with_squares_of_adagrad_only() -> None:
    """One square for each weight and one for the intercept, or none."""
    squares = CONTACT | {"squares": [0.0] * 6}

    assert fits(squares, MODEL)
    assert not fits(squares, MODEL | {"optimizer": {"kind": "sgd"}})
    assert not fits(CONTACT | {"squares": [0.0] * 5}, MODEL)
    assert not fits(CONTACT | {"exposure_count": -1}, MODEL)


def test_oracle_adopts_what_is_above_and_can_be_asked() -> None:
    """L1: the row has no squares; an equal sequence is stale, an unknown feature a bad rule."""
    oracle = fold(snapshot(3, CONTACT | {"squares": [1.0] * 6}), snapshot(3), snapshot(2))
    row = oracle.published["model", "acme", "ranker"]

    assert (row["sequence"], row["contact"]["squares"]) == (3, [])
    assert oracle.counts == {"control|acme|model.published": 1, "control|acme|STALE_VERSION": 2}
    wrong = snapshot(4)["record"] | {"model": MODEL | {"inputs": [NUMBER | {"is": rule("moon")}]}}
    assert adopt({}, wrong) == "BAD_RULE"
    short = snapshot(4)["record"] | {"control": CONTROL | {"weights": [0.0]}}
    assert adopt({}, short) == "BAD_RULE"


def test_oracle_forgets_the_first_closed_vector_else_the_first() -> None:
    """Of eight that have one; others are not counted."""
    rows: list[Facts] = [{"vector": b"v", "sequence": 0} for _ in range(7)]
    rows.insert(3, {"vector": b"", "sequence": 1})
    forget_a_vector(rows)
    assert sum(one["vector"] == b"v" for one in rows) == 7

    rows.append({"vector": b"v", "sequence": 2})
    forget_a_vector(rows)
    assert [place for place, one in enumerate(rows) if not one["vector"]] == [3, 8]

    rows[8] = {"vector": b"v", "sequence": 0}
    forget_a_vector(rows)
    assert [place for place, one in enumerate(rows) if not one["vector"]] == [0, 3]
