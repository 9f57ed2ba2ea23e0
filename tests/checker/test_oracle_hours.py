"""The second opinion on when a clock next shows a minute: core.md §3.10, far away."""

from zoneinfo import ZoneInfo

from tests.checker.oracle_hours import CYCLE_MS, next_local


AT = 13_569_465_600_000  # 2400-01-01T00:00:00Z
YORK = ZoneInfo("America/New_York")


def test_clock_shows_the_same_ten_thousand_years_later() -> None:
    """25 times 400 years later, in the year 12400, no date of Python's is left to say it."""
    summer = AT + 190 * 86_400_000  # July 9th, so the clock is four hours behind
    assert next_local(YORK, summer, 600) == summer + 14 * 3_600_000
    far = 25 * CYCLE_MS
    assert next_local(YORK, summer + far, 600) == summer + far + 14 * 3_600_000
    assert next_local(YORK, AT + far, 600) == AT + far + 15 * 3_600_000
