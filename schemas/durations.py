"""Read and print durations as people write them: `72h`, `7d`, `1w`; everywhere else they are ms."""

import re
from typing import Final


UNITS_MS: Final = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
"""A day is 24 hours: a duration knows no calendar."""

_WRITTEN: Final = re.compile(r"([0-9]{1,12})(ms|s|m|h|d|w)")


def read_duration(text: str) -> int:
    """
    Return a duration in milliseconds.

    Raises:
        ValueError: not a whole number and a unit.

    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError(f"wanted a duration such as 72h, 7d or 1w, found {text!r}")
    return int(written[1]) * UNITS_MS[written[2]]


def shown_duration(duration_ms: int) -> str:
    """
    Return a duration in the largest unit that gives a whole number; no weeks, which few say.

    >>> shown_duration(2_592_000_000), shown_duration(5_400_000), shown_duration(0)
    ('30d', '90m', '0ms')
    """
    for unit in ("d", "h", "m", "s"):
        if duration_ms and duration_ms % UNITS_MS[unit] == 0:
            return f"{duration_ms // UNITS_MS[unit]}{unit}"
    return f"{duration_ms}ms"
