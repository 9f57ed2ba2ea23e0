"""
Measure what all contacts together bring: whoever may be advertised to is exposed once to that.

Held out or not, each is followed from the first occasion with advertising on, whatever its gates
say: up to there nobody was treated otherwise than another. Receipts and responses, which only those
contacted have, open nothing. Once for as long as the holdout has one salt (docs/core.md 3.17).
"""

from collections.abc import Sequence
from typing import Final

from lifecycle import experiment, exposures, first, outcomes, settling
from lifecycle.bindings import binding
from lifecycle.candidate import Candidate
from lifecycle.ids import derived_id
from lifecycle.policies import PURCHASE
from lifecycle.records import Effect, Occasion
from schemas.exposed import ExposureState
from schemas.outcomes import ExposureOpened
from schemas.state_tenant import TenantRow


WINDOW_MS: Final = 90 * 86_400_000
VALUE_FIELD: Final = "amount_minor"
EVERYBODY_PPM: Final = experiment.BUCKET_COUNT * experiment.PPM_PER_BP


def opened(occasion: Occasion, candidates: Sequence[Candidate]) -> list[Effect]:
    """
    Open the customer's exposure to the tenant's holdout, unless it has been; make room.

    Args:
        occasion: nothing opens where it is a shadow.
        candidates: of the occasion, before any gate: one of them is advertising, or nothing opens.

    """
    tenant = occasion.tenant
    if occasion.shadow or not tenant.row.holdout_bp:
        return []
    if not any(binding(one).arbitration for one in candidates):
        return []
    if not first.begin(tenant, occasion.row, first.of_holdout(tenant.row)):
        return []
    exposure = _exposure(occasion)
    room = settling.make_room(occasion)
    exposures.note(occasion, exposure)
    return [*room, _record(occasion, exposure)]


def _exposure(occasion: Occasion) -> ExposureState:
    """Return the exposure of a customer who is held out, or of one who is not."""
    tenant, token = occasion.tenant.row, occasion.customer_token
    holdout_ppm = tenant.holdout_bp * experiment.PPM_PER_BP
    place = experiment.bucket(occasion.tenant.name, tenant.holdout_salt, token)
    held_out = place < tenant.holdout_bp
    whose = occasion.tenant.name, token, tenant.holdout_salt
    return ExposureState(
        trigger_id=derived_id("holdout", *whose, str(occasion.now_ms)),
        campaign_id="",
        policy_version=tenant.configured_version,
        card_token="",
        occurrence_key="",
        entered_at_ms=0,
        arm=experiment.HOLDOUT if held_out else experiment.DEFAULT,
        arm_ppm=holdout_ppm if held_out else EVERYBODY_PPM - holdout_ppm,
        decided_at_ms=occasion.now_ms,
        closes_at_ms=occasion.now_ms + WINDOW_MS,
        conversion_on=PURCHASE,
        value_field=VALUE_FIELD,
        is_first=True,
        pools=tenant.pools_effects,
        holdout_ppm=holdout_ppm,
        currency=_currency(tenant),
    )


def _currency(tenant: TenantRow) -> str:
    """Return in what money is counted, "" where none is."""
    return tenant.currency if tenant.value_cap_minor else ""


def _record(occasion: Occasion, exposure: ExposureState) -> ExposureOpened:
    """Return the record of an exposure that no decision led to."""
    return ExposureOpened(
        exposure_id=outcomes.exposure_id_of(exposure.trigger_id),
        tenant=occasion.tenant.name,
        customer_token=occasion.customer_token,
        trigger_id=exposure.trigger_id,
        decision_id="",
        campaign_id="",
        policy_version=exposure.policy_version,
        policy_hash="",
        stage="",
        step="",
        message_class="",
        verdict="assigned",
        arm=exposure.arm,
        arm_ppm=exposure.arm_ppm,
        channel="",
        decided_at_ms=exposure.decided_at_ms,
        closes_at_ms=exposure.closes_at_ms,
        conversion_on=exposure.conversion_on,
        propensity_ppm=0,
        propensity_from="",
        features={},
        is_first=True,
        shares_ppm={experiment.DEFAULT: EVERYBODY_PPM},
        holdout_ppm=exposure.holdout_ppm,
        value_cap_minor=occasion.tenant.row.value_cap_minor,
        currency=occasion.tenant.row.currency,
        pools=exposure.pools,
    )
