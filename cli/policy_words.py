"""
Say how a campaign file writes what the struct has in numbers: durations, times of day, moments.

`delay: 72h` is `delay_ms` in the struct, `at: "10:00"` is `at_minute`, and `start`, a moment in
RFC 3339, is `start_at_ms`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from schemas.durations import read_duration, shown_duration
from schemas.rejects import RejectedError
from schemas.rfc3339 import EPOCH, epoch_ms


class Written(NamedTuple):
    """The field of the struct, how the file's text is read and written, and an example of it."""

    field: str
    read: Callable[[str], int]
    write: Callable[[int], str]
    example: str


def read_minute(text: str) -> int:
    """
    Return a time of day as its minute, 0 to 1,439.

    >>> read_minute("10:30")
    630

    Raises:
        ValueError: not `HH:MM`.

    """
    if re.fullmatch(CLOCK_PATTERN, text, re.ASCII) is None:
        raise ValueError(f"wanted a time of day such as 10:00, found {text!r}")
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def shown_minute(minute: int) -> str:
    """
    Return a minute of the day as a time of day.

    >>> shown_minute(630)
    '10:30'
    """
    return f"{minute // 60:02}:{minute % 60:02}"


def read_moment(text: str) -> int:
    """
    Return a moment as epoch milliseconds UTC.

    Raises:
        ValueError: not RFC 3339 with an offset, or outside the years 1970 to 2200.

    """
    try:
        return epoch_ms(text)
    except RejectedError as error:
        wanted = "wanted a moment such as 2026-01-01T00:00:00+08:00"
        raise ValueError(f"{wanted}, found {text!r}") from error


def shown_moment(at_ms: int) -> str:
    """
    Return epoch milliseconds as a moment in RFC 3339, UTC.

    >>> shown_moment(1_767_225_600_000)
    '2026-01-01T00:00:00+00:00'
    """
    return (EPOCH + timedelta(milliseconds=at_ms)).isoformat()


CLOCK_PATTERN: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"

WRITTEN: Final[Mapping[str, Written]] = {
    **{
        name: Written(f"{name}_ms", read_duration, shown_duration, "72h")
        for name in (
            "delay",
            "lead",
            "window",
            "within",
            "expires_after",
            "unit",
            "cool_down",
            "valid",
            "publish_every",
        )
    },
    "at": Written("at_minute", read_minute, shown_minute, "10:00"),
    "start": Written("start_at_ms", read_moment, shown_moment, "2026-01-01T00:00:00Z"),
    "end": Written("end_at_ms", read_moment, shown_moment, "2026-01-01T00:00:00Z"),
}
"""Fields of the struct that a file writes under another name, as text."""


def shown(field: str | int) -> str | int:
    """Return the name that a field of the struct has in the file."""
    return next((name for name, written in WRITTEN.items() if written.field == field), field)
