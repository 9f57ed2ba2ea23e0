"""Evidence: the greatest of an e-process is what the p-value is made of."""

import math

import pytest

from lifecycle.effect.evidence import Evidence, checked, checked_ppm


def test_p_value_never_rises_again() -> None:
    """An e-process that was at 20 once has p = 1/20 for ever, however far it falls."""
    evidence = Evidence()
    evidence.multiply(math.log(20))
    evidence.multiply(math.log(1 / 40))

    assert math.isclose(0.5, math.exp(evidence.log_e))
    assert math.isclose(1 / 20, evidence.p_value)


def test_p_value_before_anything_is_seen_is_one() -> None:
    """Who has seen nothing, or only what speaks for the null, has p = 1."""
    evidence = Evidence()
    evidence.multiply(-3.0)

    assert (1.0, 1_000_000) == (evidence.p_value, evidence.p_ppm)


@pytest.mark.parametrize(
    ("log_e", "p_ppm"),
    [
        pytest.param(0.0, 1_000_000, id="exactly"),
        pytest.param(math.log(3), 333_334, id="rounded up"),
        pytest.param(10_000.0, 1, id="too small for a float"),
    ],
)
def test_p_value_to_decide_by_is_a_whole_number_rounded_up(log_e: float, p_ppm: int) -> None:
    """B6: parts per million, never less than the truth."""
    evidence = Evidence()
    evidence.reach(log_e)

    assert p_ppm == evidence.p_ppm


@pytest.mark.parametrize("values", [(1.0,), (1.0, 2.0, 3.0), (1.0, math.nan), (math.inf, 1.0)])
def test_snapshot_that_is_none_is_refused(values: tuple[float, ...]) -> None:
    """L3: as many numbers as wanted, and all of them finite."""
    with pytest.raises(ValueError, match="wanted 2 finite numbers"):
        checked(values, 2)


@pytest.mark.parametrize("ppm", [0, -1, 1_000_000])
def test_share_of_nobody_or_of_all_is_refused(ppm: int) -> None:
    """Where one arm is empty there is nothing to compare."""
    with pytest.raises(ValueError, match="wanted share_ppm from 1 to 999,999"):
        checked_ppm("share_ppm", ppm)
