"""
Read the wall clock: the only place that does, and only to show or to claim, never to decide.

Decisions know journal time alone (SEMANTICS T1).
"""

import time


def wall_clock_ms() -> int:
    """Return the machine's time, epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000
