"""
Open an exposure for every decision whose effect is measured, contacted or kept back (SEMANTICS E2).

At most `EXPOSURES_MAX` a customer: what is closed makes room, and only then what is open.
"""

from collections.abc import Sequence
from typing import Any, Final

from lifecycle import outcomes
from lifecycle.candidate import Candidate
from lifecycle.records import Effect, Occasion
from lifecycle.scoring import Scored
from schemas.campaign import Conversion
from schemas.decisions import Considered, Decision, Verdict
from schemas.exposed import EXPOSURES_MAX, VECTORS_MAX, ExposureState
from schemas.outcomes import ExposureOpened


OPENING: Final[frozenset[Verdict]] = frozenset({"sent", "control", "held_out"})
"""Verdicts of who was assigned: a loser of the arbitration never was, nor who fell to a gate."""

_COMMON: Final = ("trigger_id", "campaign_id", "policy_version", "arm", "arm_ppm")
EXPOSURE_FIELDS: Final = (*_COMMON, "card_token", "occurrence_key", "entered_at_ms")
"""What a row keeps of the decision's record as it stands there."""

RECORD_FIELDS: Final = (
    *_COMMON,
    *("policy_hash", "step", "message_class", "verdict", "channel"),
    *("propensity_ppm", "propensity_from", "features"),
)
"""What the exposure's record says as the decision's does."""


def opened(occasion: Occasion, candidates: Sequence[Candidate], record: Decision) -> list[Effect]:
    """
    Open the exposures of an occasion; return a record of each, and of what had to make room.

    Args:
        occasion: nothing opens where it is a shadow.
        candidates: of the occasion, in the order of the record.
        record: the decision's, from which everything is frozen.

    """
    found: list[Effect] = []
    if occasion.shadow:
        return found
    for candidate, said in zip(candidates, record.candidates, strict=True):
        conversion = candidate.policy.campaign.conversion
        if conversion is not None and said.verdict in OPENING:
            found += _make_room(occasion)
            found.append(_open(occasion, candidate, said, conversion, record.decision_id))
    return found


def _make_room(occasion: Occasion) -> list[Effect]:
    """Forget one exposure of too many: the first that is closed, else close the first."""
    row = occasion.row
    if len(row.exposures) < EXPOSURES_MAX:
        return []
    closed = (place for place, exposure in enumerate(row.exposures) if exposure.sequence)
    gone = row.exposures.pop(next(closed, 0))
    if gone.sequence:
        return []
    return [outcomes.recorded(occasion, gone, outcomes.Ending("evicted", None))]


def _open(
    occasion: Occasion,
    candidate: Candidate,
    said: Considered,
    conversion: Conversion,
    decision_id: str,
) -> ExposureOpened:
    """Remember an exposure, and when its window ends; return its record."""
    seen = _seen(candidate.score)
    if seen:
        _make_room_for_vector(occasion)
    exposure = ExposureState(
        decided_at_ms=occasion.now_ms,
        closes_at_ms=occasion.now_ms + conversion.window_ms,
        conversion_on=conversion.on,
        value_field=conversion.value,
        **_same(said, EXPOSURE_FIELDS),
        **seen,
    )
    occasion.row.exposures.append(exposure)
    occasion.tenant.timers.on_watermark.note(occasion.customer_token, exposure.closes_at_ms)
    return ExposureOpened(
        exposure_id=outcomes.exposure_id_of(said.trigger_id),
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        decision_id=decision_id,
        stage=candidate.policy.campaign.stage,
        decided_at_ms=exposure.decided_at_ms,
        closes_at_ms=exposure.closes_at_ms,
        conversion_on=exposure.conversion_on,
        **_same(said, RECORD_FIELDS),
        **seen,
    )


def _make_room_for_vector(occasion: Occasion) -> None:
    """Forget one vector of too many: of the first that is closed, else of the first."""
    held = [exposure for exposure in occasion.row.exposures if exposure.vector]
    if len(held) >= VECTORS_MAX:
        next((exposure for exposure in held if exposure.sequence), held[0]).vector = b""


def _seen(score: Scored | None) -> dict[str, Any]:
    """Return what is learnt from: the model, its score, and all that it looked at."""
    if score is None:
        return {}
    snapshot = score.model.snapshot
    return {
        "model_id": snapshot.model.id,
        "model_version": snapshot.model.version,
        "model_sequence": snapshot.sequence,
        "score_ppm": score.score_ppm,
        "vector": score.vector,
    }


def _same(said: Considered, fields: Sequence[str]) -> dict[str, Any]:
    """Return fields of the decision's record under their own names."""
    return {field: getattr(said, field) for field in fields}
