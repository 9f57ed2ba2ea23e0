"""Show one worked example of what insight says, about the campaign of `schemas.story`."""

from typing import Final

from schemas.insight import (
    ArmReport,
    EffectReported,
    FunnelReported,
    GuardrailReported,
    GuardrailTripped,
    SeriesReport,
    VersionReport,
)
from schemas.insight_rows import WAITED_BIN_COUNT
from schemas.story import CAMPAIGN, TENANT


PARTITION: Final = 3
"""Of the topics that insight reads; what each partition has counted adds up."""

GUARDRAIL_REPORT: Final = GuardrailReported(
    report_id="b29eae1e-68c6-8bde-a364-f310a3fb28c7",
    tenant=TENANT,
    at_ms=1_773_278_100_123,
    tripped=GuardrailTripped(
        campaign_id=CAMPAIGN.id,
        policy_version=1,
        kind="opt_out",
        bound_ppm=10_000,
        count=420,
        event_count=16,
        p_ppm=269,
        alpha_ppm=5_000,
        partition=PARTITION,
    ),
)
"""Sixteen of 420 contacted opted out, where its owner allows one in a hundred."""

EFFECT_REPORT: Final = EffectReported(
    report_id="7c228423-0971-8d26-93d5-c53c75aea0a9",
    tenant=TENANT,
    campaign_id=CAMPAIGN.id,
    stage="activate",
    partition=PARTITION,
    at_ms=1_773_278_100_123,
    versions=(
        VersionReport(
            policy_version=1,
            currency="",
            arms={
                "control": ArmReport(
                    exposed_count=104,
                    first_count=104,
                    evicted_count=0,
                    settled_count=100,
                    converted_count=50,
                    delivered_count=0,
                    first_settled_count=100,
                    first_converted_count=50,
                    value_sum_minor=0,
                    capped_count=0,
                    followed_counts=[0, 0, 0],
                    active_counts=[0, 0, 0],
                    objection_counts={},
                ),
                "default": ArmReport(
                    exposed_count=420,
                    first_count=420,
                    evicted_count=1,
                    settled_count=400,
                    converted_count=133,
                    delivered_count=391,
                    first_settled_count=400,
                    first_converted_count=133,
                    value_sum_minor=0,
                    capped_count=0,
                    followed_counts=[0, 0, 0],
                    active_counts=[0, 0, 0],
                    objection_counts={"opt_out": 16},
                ),
            },
            options={},
            series=(
                SeriesReport(
                    arm="default",
                    control_ppm=200_000,
                    pools=False,
                    customer_count=500,
                    difference_ppm=-170_012,
                    low_ppm=-410_441,
                    high_ppm=70_418,
                    active_difference_ppm=(0, 0, 0),
                    change_p_ppm=245_020,
                    uplift_p_ppm=999_123,
                    harm_p_ppm=234_182,
                ),
            ),
            ratio_p_ppm={"0": 1_000_000},
            tripped=("opt_out",),
        ),
    ),
)

FUNNEL_REPORT: Final = FunnelReported(
    report_id="8349edb9-dad7-8169-aa80-bf572671bd98",
    tenant=TENANT,
    partition=PARTITION,
    at_ms=1_772_712_000_400,
    cards={"issued": 310, "issued+activated": 620, "issued|gone": 12},
    reached={"issued": 942, "activated": 620},
    waited={"activated": [40, 25, 30, 60, 85, 110, 190, 60, 20, *[0] * (WAITED_BIN_COUNT - 9)]},
)
