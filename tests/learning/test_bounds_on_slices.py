"""The bounds of bench/LEARNING.md are held on slices that every run of the tests can play."""

from pathlib import Path

import pytest

from bench.learning.page import BOUNDS


SLICES = "".join(
    file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*_slice.py")
)


@pytest.mark.parametrize("figure", BOUNDS)
def test_bounds_of_the_page_are_asserted_on_a_slice(figure: str) -> None:
    """A figure that has a bound is asked for by a test beside this one."""
    assert f'["{figure}"]' in SLICES
