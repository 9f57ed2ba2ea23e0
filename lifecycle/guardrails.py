"""Hold a campaign whose guardrail was broken, until people let it go on (docs/core.md 3.17)."""

from lifecycle.partition import TenantState
from schemas.insight import GuardrailTripped


def trip(tenant: TenantState, tripped: GuardrailTripped) -> bool:
    """
    Hold a campaign from now on; return whether it is held by this.

    Not where people have published another version since: they knew, or will be told again.
    """
    active = tenant.policies.get(tripped.campaign_id)
    if active is None or active.campaign.version > tripped.policy_version:
        return False
    held = {*tenant.row.campaigns_tripped, tripped.campaign_id}
    tenant.row.campaigns_tripped = sorted(held)
    tenant.row_changed = True
    return True


def lift(tenant: TenantState, campaign_id: str) -> None:
    """Let a campaign go on; people have seen why it was held."""
    if campaign_id in tenant.row.campaigns_tripped:
        tenant.row.campaigns_tripped.remove(campaign_id)
        tenant.row_changed = True
