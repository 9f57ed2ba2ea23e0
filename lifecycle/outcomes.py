"""
Close exposures and correct them: what an event shows, and what nothing but time shows.

Labels follow from sets of events, never from their order: any arrival ends in the same label
(docs/core.md 3.12).
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from lifecycle import cards, follow_ups, late_truth
from lifecycle.entries import Sighting, card_token_of
from lifecycle.experiment import KEPT_BACK
from lifecycle.ids import derived_id, event_hash
from lifecycle.partition import TenantState
from lifecycle.policies import PURCHASE, ActivePolicy
from lifecycle.records import Effect, Occasion, cause_of
from schemas.events import EventData, TxnPosted, TxnReversed
from schemas.exposed import ExposureState
from schemas.outcomes import OutcomeReason, OutcomeRecorded
from schemas.state import CustomerRow


MARK_BYTES: Final = 8
MARKS_MAX: Final = 8
"""Conversions of one exposure that are remembered, and reversals: the first to come."""

VALUE_MINOR_MAX: Final = 2**53


class Ending(NamedTuple):
    """A label, why, and when that happened; money in minor units of `currency`."""

    reason: OutcomeReason
    label: Literal[0, 1] | None
    occurred_at_ms: int = 0
    value_minor: int = 0
    currency: str = ""


def shown(
    tenant: TenantState,
    row: CustomerRow,
    seen: Sighting,
    truths: Mapping[str, ActivePolicy],
    *,
    counted: bool,
) -> list[Effect]:
    """
    Return the outcomes that an event shows; what late truth invalidates is forgotten.

    `counted`: its money counts as well. That it shows the customer active counts in any case.
    """
    token, envelope = seen.envelope.customer_token, seen.envelope
    occasion = Occasion(tenant, token, row, shadow=False, cause=envelope)
    found: list[Effect] = []
    kept: list[ExposureState] = []
    for exposure in row.exposures:
        ending = _ending(row, exposure, seen, truths.get(exposure.campaign_id), counted=counted)
        if ending is not None and exposure.campaign_id:  # nothing is learnt of the tenant's own
            found.append(recorded(occasion, exposure, ending))
        if ending is None or ending.label is not None:
            kept.append(exposure)
    row.exposures = kept
    if isinstance(seen.event, TxnPosted):
        follow_ups.note_activity(kept, envelope.occurred_at_ms)
    return found


def recorded(occasion: Occasion, exposure: ExposureState, ending: Ending) -> OutcomeRecorded:
    """Count one more outcome of an exposure, and return its record."""
    exposure.sequence += 1
    return OutcomeRecorded(
        outcome_id=derived_id("outcome", exposure.trigger_id, str(exposure.sequence)),
        exposure_id=exposure_id_of(exposure.trigger_id),
        sequence=exposure.sequence,
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        trigger_id=exposure.trigger_id,
        campaign_id=exposure.campaign_id,
        policy_version=exposure.policy_version,
        arm=exposure.arm,
        arm_ppm=exposure.arm_ppm,
        label=ending.label,
        reason=ending.reason,
        delivery=delivery(occasion.row, exposure),
        value_minor=ending.value_minor,
        currency=ending.currency,
        decided_at_ms=exposure.decided_at_ms,
        closes_at_ms=exposure.closes_at_ms,
        occurred_at_ms=ending.occurred_at_ms,
        closed_at_ms=occasion.now_ms,
        cause=cause_of(occasion.cause),
        model_id=exposure.model_id,
        model_version=exposure.model_version,
        model_sequence=exposure.model_sequence,
        score_ppm=exposure.score_ppm,
        vector=exposure.vector,
        option=exposure.option,
        option_ppm=exposure.option_ppm,
    )


def delivery(
    row: CustomerRow, exposure: ExposureState
) -> Literal["delivered", "not_sent", "unknown"]:
    """Return what the gateway has said so far; who was kept back was never written to."""
    kept_back = exposure.arm in KEPT_BACK
    return "not_sent" if kept_back else late_truth.delivery(row, exposure.trigger_id)


def exposure_id_of(trigger_id: str) -> str:
    """Return the id of the exposure that a trigger is, or would have been (SEMANTICS B1)."""
    return derived_id("exposure", trigger_id)


def stands(exposure: ExposureState) -> bool:
    """Return whether something converted the exposure that was not taken back."""
    return not _marks(exposure.converted) <= _marks(exposure.reversed)


def _ending(
    row: CustomerRow,
    exposure: ExposureState,
    seen: Sighting,
    policy: ActivePolicy | None,
    *,
    counted: bool,
) -> Ending | None:
    """Return what the event changes about an exposure's label, None for nothing."""
    occurred_at_ms = seen.envelope.occurred_at_ms
    if (
        policy is not None
        and occurred_at_ms < exposure.decided_at_ms
        and late_truth.disproved(row, exposure, policy, seen)
    ):
        return Ending("invalidated", None, occurred_at_ms)
    if not (_converts(exposure, seen) or _reverses(exposure, seen.event)):
        return None  # nearly every event: nothing to look up
    if not _same_card(row, exposure, seen.event):
        return None
    if counted and exposure.currency and not exposure.is_settled:
        _earn(exposure, seen)
    stood = stands(exposure)
    _take(exposure, seen)
    if stands(exposure) == stood:
        return None
    if stood:
        return Ending("reversed", 0, occurred_at_ms)
    return Ending(
        "late_conversion" if exposure.sequence else "converted",
        1,
        occurred_at_ms,
        _value_minor(exposure, seen.event),
        getattr(seen.event, "currency", ""),
    )


def _value_minor(exposure: ExposureState, event: EventData) -> int:
    """Return what the event brought; a policy that names no whole number of it gets 0."""
    value = getattr(event, exposure.value_field, 0) if exposure.value_field else 0
    return value if type(value) is int else 0


def _earn(exposure: ExposureState, seen: Sighting) -> None:
    """Add what an event within the window brought in the exposure's currency, net."""
    event = seen.event
    if getattr(event, "currency", "") != exposure.currency:
        return
    value_minor = exposure.value_minor
    if _converts(exposure, seen):
        value_minor += _value_minor(exposure, event)
    elif isinstance(event, TxnReversed) and _within(exposure, seen):
        value_minor -= event.amount_minor
    exposure.value_minor = max(-VALUE_MINOR_MAX, min(value_minor, VALUE_MINOR_MAX))


def _take(exposure: ExposureState, seen: Sighting) -> None:
    """Remember an event that converts the exposure, or takes back a purchase that may have."""
    event, identity = seen.event, seen.identity
    if isinstance(event, TxnPosted | TxnReversed) and exposure.conversion_on == PURCHASE:
        identity = event_hash("txn", event.txn_id)
    if _converts(exposure, seen):
        exposure.converted = _with(exposure.converted, identity)
    else:
        exposure.reversed = _with(exposure.reversed, identity)


def _converts(exposure: ExposureState, seen: Sighting) -> bool:
    """Return whether the event is of the type that converts, and inside the window."""
    return seen.event.__struct_config__.tag == exposure.conversion_on and _within(exposure, seen)


def _within(exposure: ExposureState, seen: Sighting) -> bool:
    """Return whether the event happened inside the window."""
    return exposure.decided_at_ms < seen.envelope.occurred_at_ms <= exposure.closes_at_ms


def _reverses(exposure: ExposureState, event: EventData) -> bool:
    """Return whether the event takes back a purchase that may have converted."""
    return isinstance(event, TxnReversed) and exposure.conversion_on == PURCHASE


def _same_card(row: CustomerRow, exposure: ExposureState, event: EventData) -> bool:
    """Return whether event and exposure are about one card as it is now, or one about none."""
    card_token = card_token_of(event)
    if not (card_token and exposure.card_token) or card_token == exposure.card_token:
        return True
    return cards.current(row, card_token) == cards.current(row, exposure.card_token)


def _with(marks: bytes, identity: int) -> bytes:
    """Return the marks with one more, unless it is there or there are too many."""
    mark = identity.to_bytes(MARK_BYTES, "big")
    if mark in _marks(marks) or len(marks) >= MARKS_MAX * MARK_BYTES:
        return marks
    return marks + mark


def _marks(marks: bytes) -> frozenset[bytes]:
    """Return the marks one by one."""
    return frozenset(marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES))
