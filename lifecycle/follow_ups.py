"""
Say when an exposure is next looked at: at the end of its window, then 30, 60 and 90 days on.

Whether a customer is still active is asked of their first exposure in an experiment alone
(docs/core.md 3.17).
"""

from collections.abc import Iterable
from typing import Final

from schemas.exposed import ExposureState
from schemas.insight_rows import FOLLOW_UPS


FOLLOW_UP_COUNT: Final = len(FOLLOW_UPS)
FOLLOW_UP_MS: Final = 30 * 86_400_000


def over(exposure: ExposureState) -> bool:
    """Return whether time has nothing more to show of an exposure."""
    if not exposure.is_settled:
        return False
    return not exposure.is_first or exposure.followed_count >= FOLLOW_UP_COUNT


def due_at_ms(exposure: ExposureState) -> int:
    """Return when, on the watermark, an exposure that is not over is due (SEMANTICS T4)."""
    if not exposure.is_settled:
        return exposure.closes_at_ms
    return max(exposure.closes_at_ms, _ends_at_ms(exposure))


def waiting(exposure: ExposureState, watermark_at_ms: int) -> bool:
    """Return whether a settled exposure has a follow-up that every source was read past."""
    return not over(exposure) and _ends_at_ms(exposure) <= watermark_at_ms


def note_activity(exposures: Iterable[ExposureState], occurred_at_ms: int) -> None:
    """Remember a purchase, of whatever card, in the 30 days of each exposure that it lies in."""
    for exposure in exposures:
        if exposure.is_first:
            place = (occurred_at_ms - exposure.decided_at_ms - 1) // FOLLOW_UP_MS
            if 0 <= place < FOLLOW_UP_COUNT:
                exposure.active_days |= 1 << place


def _ends_at_ms(exposure: ExposureState) -> int:
    """Return the end of the 30 days that are told of next."""
    return exposure.decided_at_ms + FOLLOW_UP_MS * (exposure.followed_count + 1)
