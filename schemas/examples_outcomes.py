"""What the exposure of `schemas.examples` comes to: settled, followed, objected to, and tripped."""

from typing import Final

from schemas.examples import CUSTOMER, EXPOSURE, TENANT
from schemas.insight import GuardrailTripped
from schemas.outcomes import ExposureFollowed, ExposureObjected, ExposureSettled


SETTLED: Final = ExposureSettled(
    settled_id="da8179bc-5618-80cb-a295-8aeae7c94158",
    exposure_id=EXPOSURE.exposure_id,
    tenant=TENANT,
    customer_token=CUSTOMER,
    trigger_id=EXPOSURE.trigger_id,
    campaign_id=EXPOSURE.campaign_id,
    policy_version=EXPOSURE.policy_version,
    arm=EXPOSURE.arm,
    arm_ppm=EXPOSURE.arm_ppm,
    is_first=True,
    pools=False,
    holdout_ppm=50_000,
    label=1,
    delivery="delivered",
    value_minor=0,
    currency="",
    decided_at_ms=EXPOSURE.decided_at_ms,
    closes_at_ms=EXPOSURE.closes_at_ms,
    settled_at_ms=1_773_278_101_500,
)

FOLLOWED: Final = ExposureFollowed(
    followed_id="9a2f30dc-d020-858e-a3a7-19b149e2e9c9",
    exposure_id=EXPOSURE.exposure_id,
    tenant=TENANT,
    customer_token=CUSTOMER,
    campaign_id=EXPOSURE.campaign_id,
    policy_version=EXPOSURE.policy_version,
    arm=EXPOSURE.arm,
    pools=False,
    holdout_ppm=50_000,
    day=30,
    active=True,
    decided_at_ms=EXPOSURE.decided_at_ms,
    followed_at_ms=1_775_265_301_500,
)

OBJECTED: Final = ExposureObjected(
    objected_id="cbbe4039-44e2-8922-9cd6-c6459312ed6c",
    exposure_id=EXPOSURE.exposure_id,
    tenant=TENANT,
    customer_token=CUSTOMER,
    campaign_id=EXPOSURE.campaign_id,
    policy_version=EXPOSURE.policy_version,
    arm=EXPOSURE.arm,
    objection="opt_out",
    decided_at_ms=EXPOSURE.decided_at_ms,
    occurred_at_ms=1_772_935_200_000,
    objected_at_ms=1_772_935_200_400,
)

TRIPPED: Final = GuardrailTripped(
    campaign_id=EXPOSURE.campaign_id,
    policy_version=EXPOSURE.policy_version,
    kind="opt_out",
    bound_ppm=10_000,
    count=1_000,
    event_count=42,
    p_ppm=3_100,
    alpha_ppm=5_000,
    partition=3,
)
