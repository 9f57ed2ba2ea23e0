"""Read times as RFC 3339 writes them: whole milliseconds, floored, without a float on the way."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from schemas.rejects import RejectedError


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TIME_MS_END: Final = 7_289_654_400_000
"""2201-01-01T00:00:00Z: the first time that is too late."""

_EXACT_LENGTH_MAX: Final = len("2026-03-02T09:15:00.123456Z")
"""Only a longer text may have a finer fraction, which the decoder would round."""


def epoch_ms(text: str) -> int:
    """
    Return an RFC 3339 time with offset as epoch milliseconds UTC, floored, in whole numbers.

    >>> epoch_ms("2026-03-02T09:15:00.0019999+08:00")
    1772414100001

    Raises:
        RejectedError: BAD_TIME for any other text and outside the years 1970 to 2200.

    """
    if len(text) > _EXACT_LENGTH_MAX:
        text = _microseconds(text)
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise RejectedError("BAD_TIME", "wanted RFC 3339 time, found other text") from None
    # the decoder also takes no offset, and one without its colon
    if moment.tzinfo is None or (text[-3] != ":" and text[-1] not in "Zz"):
        raise RejectedError("BAD_TIME", "wanted time with offset, found none")
    since = moment - EPOCH
    moment_ms = (since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000
    if not 0 <= moment_ms < TIME_MS_END:
        raise RejectedError("BAD_TIME", "wanted a year from 1970 to 2200, found another")
    return moment_ms


def _microseconds(text: str) -> str:
    """Return the text with a fraction of at most six digits: the decoder would round the rest."""
    whole, point, rest = text.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{whole}{point}{rest[: min(digits, 6)]}{rest[digits:]}"
