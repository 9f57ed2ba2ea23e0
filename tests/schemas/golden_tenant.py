"""The tenant's row that `tests/golden/rows/tenant.hex` spells out."""

from schemas.events import SigningKey
from schemas.state_tenant import TenantRow


TENANT = TenantRow(
    now_at_ms=1_772_673_300_123,
    watermark_at_ms=1_772_673_299_000,
    live_from_ms=1_772_323_200_000,
    campaigns_paused=["activation_nudge"],
    control_hashes=[785_288_893_157_518_026],
    time_zone="Asia/Shanghai",
    holdout_bp=500,
    holdout_salt="2026",
    configured_version=1,
    signing_keys=(
        SigningKey(
            key_id="34750f98bd59fcfc",
            person="li.wei",
            public_key="iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=",
        ),
    ),
    currency="CNY",
    value_cap_minor=500_000,
    pools_effects=True,
    campaigns_tripped=["win_back"],
    trip_sequences={"win_back|1|opt_out|3": 2},
)
