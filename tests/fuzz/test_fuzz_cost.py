"""What one bad record costs is bounded, whatever it is made of (bench/bad_input.py has figures)."""

import pytest

from bench.bad_input import CLASSES, COST_MS_MAX, cost


DEADLINE_MS = 10 * COST_MS_MAX
"""Ten times the bound: on a machine with other work a figure says nothing."""

PEAK_MIB_MAX = 16


@pytest.mark.parametrize("name", CLASSES)
def test_fuzz_dear_record_is_done_within_bounds(name: str) -> None:
    """No input of a message's size takes long or much memory: no backtracking, no recursion."""
    found = cost(CLASSES[name](), 3)
    assert min(found.ms_median, found.ms_max) < DEADLINE_MS
    assert found.peak_mib < PEAK_MIB_MAX
    assert found.outcome in {"forwarded", *EXPECTED}


EXPECTED = ("TOO_DEEP", "TOO_LARGE", "BAD_AMOUNT", "BAD_NUMBER", "SCHEMA", "PII_FORBIDDEN")
