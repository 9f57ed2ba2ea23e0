"""The rows that `tests/golden/rows/effect.hex` and `funnel.hex` spell out."""

from schemas.campaign import Guardrails
from schemas.insight_rows import (
    ArmState,
    EffectRow,
    FunnelRow,
    RoundState,
    SeriesState,
    VersionState,
)


EFFECT = EffectRow(
    stage="activate",
    at_ms=1_773_278_100_123,
    reported_at_ms=1_773_274_500_000,
    versions={
        1: VersionState(
            shares_ppm={"control": 200_000, "default": 800_000},
            value_cap_minor=500,
            currency="CNY",
            guardrails=Guardrails(opt_out_ppm=10_000, harm=True),
            contacted_count=2,
            arms={"default": ArmState(exposed_count=2, first_count=1)},
            series={
                "default|200000|0": SeriesState(
                    change=(200_000.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
                    conversion=(200_000.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0),
                )
            },
            ratios={0: (0.0, 1.0, -0.5, 0.0)},
            objection_counts={"opt_out": 1},
            evidence={"opt_out": (0.5, 0.5)},
            tripped=["harm"],
            key_count=2,
            rounds={"harm|default": RoundState(1_773_278_100_123, 1, 0)},
        )
    },
)
FUNNEL = FunnelRow(
    at_ms=1_772_712_000_400,
    reported_at_ms=1_772_712_000_400,
    cards={"issued": 2, "issued+activated": 1},
    reached={"activated": 1},
    waited={"activated": [0, 1, *[0] * 22]},
)
