"""
Say what exposures have come to, by the same clock for every arm (docs/core.md 3.17).

Each settles once, at the end of its window or when it has to make room; a customer's first in an
experiment is followed for 90 days.
"""

from typing import Literal

from lifecycle import follow_ups, outcomes
from lifecycle.ids import derived_id
from lifecycle.records import Effect, Occasion
from schemas.exposed import EXPOSURES_MAX, ExposureState
from schemas.insight_rows import FOLLOW_UPS
from schemas.outcomes import ExposureFollowed, ExposureSettled


def settle(occasion: Occasion) -> list[Effect]:
    """Close, settle and follow what every source has been read past the end of (SEMANTICS T4)."""
    watermark_at_ms = occasion.tenant.row.watermark_at_ms
    found: list[Effect] = []
    for exposure in occasion.row.exposures:
        if exposure.closes_at_ms > watermark_at_ms:
            continue
        if not exposure.is_settled:
            found += _settled(occasion, exposure)
        while follow_ups.waiting(exposure, watermark_at_ms):
            found.append(_followed(occasion, exposure))
    return found


def make_room(occasion: Occasion) -> list[Effect]:
    """Forget one exposure of too many: one that is over, else settled, else the first."""
    exposures = occasion.row.exposures
    if len(exposures) < EXPOSURES_MAX:
        return []
    settled = [place for place, exposure in enumerate(exposures) if exposure.is_settled]
    over = (place for place in settled if follow_ups.over(exposures[place]))
    gone = exposures.pop(next(over, settled[0] if settled else 0))
    if gone.is_settled:
        return []
    return [*_closed(occasion, gone, "evicted", None), _settlement(occasion, gone, None)]


def _settled(occasion: Occasion, exposure: ExposureState) -> list[Effect]:
    """Close an exposure that is open, and settle it with the label that it has now."""
    label: Literal[0, 1] = 1 if outcomes.stands(exposure) else 0
    closed = _closed(occasion, exposure, "not_converted", 0)
    return [*closed, _settlement(occasion, exposure, label)]


def _closed(
    occasion: Occasion,
    exposure: ExposureState,
    reason: Literal["evicted", "not_converted"],
    label: Literal[0] | None,
) -> list[Effect]:
    """Return the outcome of an exposure that is open; the tenant's own has none."""
    if exposure.sequence or not exposure.campaign_id:
        return []
    return [outcomes.recorded(occasion, exposure, outcomes.Ending(reason, label))]


def _settlement(
    occasion: Occasion, exposure: ExposureState, label: Literal[0, 1] | None
) -> ExposureSettled:
    """Return the record of what an exposure has come to; there is no second one."""
    exposure.is_settled = True
    return ExposureSettled(
        settled_id=derived_id("settled", exposure.trigger_id),
        exposure_id=outcomes.exposure_id_of(exposure.trigger_id),
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        trigger_id=exposure.trigger_id,
        campaign_id=exposure.campaign_id,
        policy_version=exposure.policy_version,
        arm=exposure.arm,
        arm_ppm=exposure.arm_ppm,
        is_first=exposure.is_first,
        pools=exposure.pools,
        holdout_ppm=exposure.holdout_ppm,
        label=label,
        delivery=outcomes.delivery(occasion.row, exposure),
        value_minor=max(0, exposure.value_minor),
        currency=exposure.currency,
        decided_at_ms=exposure.decided_at_ms,
        closes_at_ms=exposure.closes_at_ms,
        settled_at_ms=occasion.now_ms,
        model_id=exposure.model_id,
        score_ppm=exposure.score_ppm,
        option=exposure.option,
        option_ppm=exposure.option_ppm,
    )


def _followed(occasion: Occasion, exposure: ExposureState) -> ExposureFollowed:
    """Return whether the customer bought anything in the 30 days that are over now."""
    active = bool(exposure.active_days >> exposure.followed_count & 1)
    exposure.followed_count += 1
    day = FOLLOW_UPS[exposure.followed_count - 1]
    return ExposureFollowed(
        followed_id=derived_id("followed", exposure.trigger_id, str(day)),
        exposure_id=outcomes.exposure_id_of(exposure.trigger_id),
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        campaign_id=exposure.campaign_id,
        policy_version=exposure.policy_version,
        arm=exposure.arm,
        pools=exposure.pools,
        holdout_ppm=exposure.holdout_ppm,
        day=day,
        active=active,
        decided_at_ms=exposure.decided_at_ms,
        followed_at_ms=occasion.now_ms,
        model_id=exposure.model_id,
    )
