"""House and checker find the same local hours, by even runs and by dates (docs/core.md 3.10)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.wall_clock import next_local_ms
from tests.checker.oracle_hours import next_local, zone_of


ZONES = (
    *("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"),
    *("America/St_Johns", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "UTC"),
)
"""Whole and half hours, northern and southern summers, a day that was skipped, Ramadan."""

CHANGES_MS = (
    *(1_710_054_000_000, 1_730_613_600_000),  # New York, March and November 2024
    *(1_711_846_800_000, 1_729_990_800_000),  # Berlin, March and October 2024
    *(1_712_415_600_000, 1_728_142_200_000),  # Lord Howe, April and October 2024: half an hour
    *(1_325_239_200_000, 1_540_695_600_000),  # Apia skips 30 December 2011; Casablanca 2018
)
near = st.builds(
    lambda change_ms, away_ms: change_ms + away_ms,
    st.sampled_from(CHANGES_MS),
    st.integers(-3 * 86_400_000, 3 * 86_400_000),
)


@given(
    zone=st.sampled_from(ZONES),
    at_ms=near | st.integers(0, 4_000_000_000_000),
    minute=st.integers(0, 1_439) | st.sampled_from((0, 120, 150, 179, 180, 1_439)),
)
@settings(max_examples=500, deadline=None)
def test_house_and_checker_find_the_same_local_hour(zone: str, at_ms: int, minute: int) -> None:
    """Ordinary days, and moments about a change of the clock, to the millisecond."""
    rules = zone_of({"profile": None}, zone)

    assert rules is not None
    assert next_local(rules, at_ms, minute) == next_local_ms(zone, at_ms, minute)
