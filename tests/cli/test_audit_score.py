"""An audit derives a propensity from the recorded scores; none can be flipped unseen (O2; 3.16)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.audit.verdicts import faults
from schemas.decisions import Decision
from tests.cli.flips import flipped_somewhere
from tests.cli.forged import resealed, said, without
from tests.lifecycle.builders import HOUR, Bank, spend
from tests.lifecycle.contacts import offer
from tests.lifecycle.snapshots import head, number, publish, published


FEW = {"exposure_count": 0}
INPUTS = number("spend_count"), number("card_count")


def scored(*contact: float, **changed: Any) -> Decision:  # noqa: ANN401 (a snapshot's fields)
    """Return the record of a purchase that is scored by one head, and by what else is said."""
    bank = Bank(offer(model="m", value_minor=1_000, base_rate_ppm=20_000), offer("b"))
    counts = changed.pop("counts", {})
    publish(bank, published(head(*contact, **counts), *INPUTS, **changed))
    return said(bank, HOUR, spend())[0]


MODEL = scored(-1.0, 0.5, -0.25)
UPLIFT = scored(0.0, 0.5, 0.0, control=head(-1.0, 0.0, 0.0))
EVIDENCE = scored(-1.0, 0.5, 0.25, counts=FEW)
PLAIN = said(Bank(offer()), HOUR, spend())[0]
RECORDS = [MODEL, UPLIFT, EVIDENCE, PLAIN]


def test_records_of_scores_follow_from_what_they_say() -> None:
    """Each origin of a propensity, and not one fault."""
    origins = [record.candidates[0].propensity_from for record in RECORDS]

    assert ["model", "uplift", "evidence", "base_rate"] == origins
    assert [] == [fault for record in RECORDS for fault in faults(record)]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_recorded_input_of_a_score_can_be_flipped_unseen(data: st.DataObject) -> None:
    """Any leaf of any of these records: the digest tells, if nothing else does."""
    record = flipped_somewhere(data, RECORDS)

    assert record is None or faults(record)


def more(record: Decision, field: str) -> Decision:
    """Return the record with one millionth more of something."""
    return resealed(record, **{field: getattr(record.candidates[0], field) + 1})


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        (more(MODEL, "score_ppm"), "propensity: the score is"),
        (more(UPLIFT, "score_ppm"), "propensity: the scores give"),
        (more(UPLIFT, "control_score_ppm"), "propensity: the scores give"),
        (more(MODEL, "propensity_ppm"), "propensity: the score is"),
        (more(EVIDENCE, "propensity_ppm"), "worth: the factors give"),
        (resealed(MODEL, propensity_from="uplift"), "propensity: the scores give"),
        (resealed(UPLIFT, propensity_from="model"), "propensity: the score is"),
        (resealed(MODEL, propensity_from="base_rate"), "wanted no score beside"),
        (resealed(PLAIN, propensity_from="evidence"), "wanted the snapshot"),
        (resealed(PLAIN, propensity_from=""), "wanted where it comes from"),
        (resealed(PLAIN, contributions={"a": 1}), "wanted no score beside"),
        (resealed(EVIDENCE, model="m|1"), "wanted the snapshot"),
        (resealed(EVIDENCE, score_ppm=0), "wanted two probabilities"),
        (resealed(EVIDENCE, control_score_ppm=1_000_000), "wanted two probabilities"),
        (resealed(EVIDENCE, contributions={"a": 1, "b": 3}), "wanted the greatest first"),
        (resealed(EVIDENCE, contributions=dict.fromkeys("abcdef", 1)), "wanted the greatest first"),
        (without(EVIDENCE, "worth"), "nothing was weighed"),
    ],
)
def test_forgery_of_a_score_with_a_fitting_digest_is_found(forged: Decision, fault: str) -> None:
    """Whoever can write digests cannot write scores that do not lead to the propensity."""
    assert any(fault in one for one in faults(forged)), faults(forged)


def test_contributions_may_be_told_one_millionth_beside_their_order() -> None:
    """Floored, -0.5000001 is -500,001 millionths and may stand behind 0.5000009, which is less."""
    good = resealed(EVIDENCE, contributions={"a": 500_000, "b": -500_001})

    assert [] == faults(good)
