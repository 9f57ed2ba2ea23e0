"""
Open an exposure for every decision whose effect is measured, contacted or kept back (SEMANTICS E2).

At most `EXPOSURES_MAX` a customer: what is over makes room, and only then what is open.
"""

from collections.abc import Sequence
from typing import Any, Final

from lifecycle import experiment, first, outcomes, settling
from lifecycle.candidate import Candidate
from lifecycle.records import Effect, Occasion
from lifecycle.scoring import Scored
from schemas.campaign import Campaign, Conversion
from schemas.decisions import Considered, Decision, Verdict
from schemas.exposed import VECTORS_MAX, ExposureState
from schemas.outcomes import ExposureOpened
from schemas.state import Contact, CustomerRow


OPENING: Final[frozenset[Verdict]] = frozenset({"sent", "control", "held_out"})
"""Verdicts of who was assigned: a loser of the arbitration never was, nor who fell to a gate."""

_COMMON: Final = (
    *("trigger_id", "campaign_id", "policy_version", "arm", "arm_ppm"),
    *("option", "option_ppm"),
)
EXPOSURE_FIELDS: Final = (*_COMMON, "card_token", "occurrence_key", "entered_at_ms")
"""What a row keeps of the decision's record as it stands there."""

RECORD_FIELDS: Final = (
    *_COMMON,
    *("policy_hash", "step", "message_class", "verdict", "channel"),
    *("propensity_ppm", "propensity_from", "features", "options_ppm"),
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
            found += settling.make_room(occasion)
            found.append(_open(occasion, candidate, said, conversion, record.decision_id))
    return found


def _open(
    occasion: Occasion,
    candidate: Candidate,
    said: Considered,
    conversion: Conversion,
    decision_id: str,
) -> ExposureOpened:
    """Remember an exposure, and when its window ends; return its record."""
    seen, campaign = _seen(candidate.propensity.score), candidate.policy.campaign
    if seen:
        _make_room_for_vector(occasion)
    also = _counted(occasion, campaign, said.arm)
    exposure = ExposureState(
        decided_at_ms=occasion.now_ms,
        closes_at_ms=occasion.now_ms + conversion.window_ms,
        conversion_on=conversion.on,
        value_field=conversion.value,
        currency=conversion.currency if conversion.value_cap_minor else "",
        **_same(said, EXPOSURE_FIELDS),
        **seen,
        **also,
    )
    note(occasion, exposure)
    return ExposureOpened(
        exposure_id=outcomes.exposure_id_of(said.trigger_id),
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        decision_id=decision_id,
        stage=campaign.stage,
        decided_at_ms=exposure.decided_at_ms,
        closes_at_ms=exposure.closes_at_ms,
        conversion_on=exposure.conversion_on,
        shares_ppm=experiment.shares_ppm(campaign),
        value_cap_minor=conversion.value_cap_minor,
        currency=conversion.currency,
        guardrails=campaign.guardrails,
        key_count=_key_count(campaign),
        **_same(said, RECORD_FIELDS),
        **seen,
        **also,
    )


def _counted(occasion: Occasion, campaign: Campaign, arm: str) -> dict[str, Any]:
    """Return what says how an effect counts the exposure: of who is held out, none does."""
    tenant, mark = occasion.tenant.row, first.of_campaign(campaign)
    # No mark of who is held out: they count once they no longer are (docs/core.md 3.17, First).
    is_first = arm != experiment.HOLDOUT and first.begin(occasion.tenant, occasion.row, mark)
    return {
        "is_first": is_first,
        "pools": tenant.pools_effects,
        "holdout_ppm": tenant.holdout_bp * experiment.PPM_PER_BP,
    }


def _key_count(campaign: Campaign) -> int:
    """Return under how many keys exposures of a campaign may be told: of no model, and of each."""
    options = campaign.choice.options if campaign.choice else ()
    return len({"", campaign.model, *(option.model for option in options)})


def note(occasion: Occasion, exposure: ExposureState) -> None:
    """Keep an exposure, and make sure that the customer comes up at the end of its window."""
    occasion.row.exposures.append(exposure)
    occasion.tenant.timers.on_watermark.note(occasion.customer_token, exposure.closes_at_ms)


def made(exposure: ExposureState, trigger_id: str) -> bool:
    """Return whether a trigger is of the exposure's contact, or of a fallback of it."""
    return exposure.trigger_id == trigger_id or trigger_id in exposure.fallbacks


def follow(row: CustomerRow, contact: Contact, trigger_id: str) -> None:
    """Let the exposure of a contact know the fallback that follows it, where it is still kept."""
    for exposure in row.exposures:
        if made(exposure, contact.trigger_id):
            exposure.fallbacks = (*exposure.fallbacks, trigger_id)


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
