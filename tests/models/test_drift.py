"""A Page-Hinkley test that is written down and read back goes on as River's own does."""

from hypothesis import given, settings
from hypothesis import strategies as st
from river.drift import PageHinkley

from lifecycle.models.drift import Drift
from schemas.codec import decode_row, encode_row
from schemas.learning_rows import DriftState


@given(
    numbers=st.lists(st.floats(-40, 40), max_size=120),
    cut=st.integers(0, 120),
)
@settings(deadline=None)
def test_drift_restored_finds_what_river_finds(numbers: list[float], cut: int) -> None:
    """L1: at any place the row is read back, and the same changes are found at the same numbers."""
    rivers = PageHinkley()
    expected = []
    for number in numbers:
        rivers.update(number)
        expected.append(rivers.drift_detected)
    ours = Drift(DriftState())
    found = [ours.found(number) for number in numbers[:cut]]
    successor = Drift(decode_row(encode_row(ours.state()), DriftState))
    assert successor.state() == ours.state()
    found += [successor.found(number) for number in numbers[cut:]]
    assert found == expected
