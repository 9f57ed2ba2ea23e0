"""What a model looked at is kept and told for learning (docs/core.md 3.16 Exposures)."""

import pytest

from lifecycle.printing import printed
from schemas.campaign import Conversion
from schemas.codec import decode_exposure, decode_outcome, encode_row
from schemas.events import PolicyPublished
from schemas.exposed import VECTORS_MAX
from schemas.model import INPUTS_MAX
from tests.lifecycle.builders import DAY, HOUR, Bank, activated, spend
from tests.lifecycle.contacts import offer
from tests.lifecycle.measured import ALL_CONTROL, PURCHASE, opened, outcomes
from tests.lifecycle.snapshots import head, number, publish, published


RARE = Conversion(on="card.activated", window_ms=900 * DAY)
SEEN = bytes.fromhex("0000803f")
"""One purchase, as float32."""


def measured(**changed: object) -> Bank:
    """Return a bank whose offer at each purchase is scored and measured."""
    bank = Bank(offer(**{"model": "m", "conversion": PURCHASE, **changed}))
    publish(bank, published(head(0.0, 0.0), number("spend_count"), sequence=5, version=3))
    return bank


@pytest.mark.parametrize("experiment", [None, ALL_CONTROL])
def test_exposure_tells_what_the_model_looked_at(experiment: object) -> None:
    """Those sent and the control alike, in one partition under the model's key."""
    (one,) = opened(measured(experiment=experiment).say(spend(), HOUR))
    record = printed(one)

    assert ("m", 3, 5, 500_000, SEEN) == (
        one.model_id,
        one.model_version,
        one.model_sequence,
        one.score_ppm,
        one.vector,
    )
    assert (500_000, "model") == (one.propensity_ppm, one.propensity_from)
    assert ("lifecycle.outcomes.v1", b"bank|m") == record[:2]
    assert b'"vector":"AACAPw=="' in (record.value or b"")
    assert one == decode_exposure(record.value or b"")


def test_outcome_tells_what_the_exposure_did() -> None:
    """The snapshot of the decision, whatever was published since."""
    bank = measured()
    bank.say(spend(), HOUR)
    publish(bank, published(head(9.0, 0.0), number("spend_count"), sequence=6))
    (one,) = outcomes(bank.say(spend(), 2 * HOUR))
    record = printed(one)

    assert ("m", 3, 5, 500_000, SEEN, 1) == (
        one.model_id,
        one.model_version,
        one.model_sequence,
        one.score_ppm,
        one.vector,
        one.label,
    )
    assert b"bank|m" == record.key
    assert one == decode_outcome(record.value or b"")


def test_without_a_vector_records_go_by_campaign() -> None:
    """All five fields are empty; the customer is still the subject."""
    bank = Bank(offer(conversion=PURCHASE))
    (one,) = opened(bank.say(spend(), HOUR))
    (came,) = outcomes(bank.say(spend(), 2 * HOUR))

    assert ("", 0, 0, 0, b"") == (
        one.model_id,
        one.model_version,
        one.model_sequence,
        one.score_ppm,
        one.vector,
    )
    assert {b"bank|a"} == {printed(one).key, printed(came).key}
    assert ("ce_subject", b"ann") in printed(one).headers


def bought(bank: Bank, *numbers: int) -> None:
    """Let the customer buy with cards of these numbers, an hour each."""
    for number_of in numbers:
        bank.say(spend(card=f"k{number_of}"), number_of * HOUR)


def without_vector(bank: Bank) -> list[str]:
    """Return the cards of the exposures that have no vector."""
    return [one.card_token for one in bank.row().exposures if not one.vector]


def test_ninth_vector_takes_the_place_of_the_first() -> None:
    """3.16: the exposure stays, its model and score too; only what was looked at is forgotten."""
    bank = measured(conversion=RARE)
    bought(bank, *range(1, VECTORS_MAX + 1))
    full = without_vector(bank)
    bought(bank, 9, 10)

    assert ([], ["k1", "k2"]) == (full, without_vector(bank))
    assert {("m", 500_000)} == {(one.model_id, one.score_ppm) for one in bank.row().exposures}


def test_vector_of_a_closed_exposure_goes_first() -> None:
    """3.16: what is still open has more to tell."""
    bank = measured(conversion=RARE)
    bought(bank, *range(1, VECTORS_MAX + 1))
    (came,) = outcomes(bank.say(activated("k3"), 8 * HOUR + 1))
    bought(bank, 9)

    assert ("k3", 1) == (bank.row().exposures[2].card_token, came.label)
    assert ["k3"] == without_vector(bank)


def test_exposure_without_a_vector_forgets_none() -> None:
    """3.16: only one more vector makes room."""
    bank = measured(conversion=RARE)
    bought(bank, *range(1, VECTORS_MAX + 1))
    ranked = offer(conversion=RARE, version=2)
    bank.control(PolicyPublished(campaign=ranked, policy_hash="h"), 8 * HOUR + 1)
    bought(bank, 9)

    assert ["k9"] == without_vector(bank)


def test_vectors_take_a_bounded_part_of_the_row() -> None:
    """The widest takes 4 bytes an input and 3 to say how long it is."""
    bank = measured()
    bank.say(spend(), HOUR)
    (exposure,) = bank.row().exposures
    narrow = len(encode_row(exposure))
    exposure.vector = bytes(4 * INPUTS_MAX)

    assert 4 * (INPUTS_MAX - 1) + 1 >= len(encode_row(exposure)) - narrow
