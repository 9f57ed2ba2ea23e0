"""Hold a campaign whose guardrail was broken, until people let it go on (docs/core.md 3.17)."""

from lifecycle.partition import TenantState
from schemas.insight import GuardrailTripped


def trip(tenant: TenantState, tripped: GuardrailTripped) -> bool:
    """
    Hold a campaign from now on; return whether it is held by this.

    Not where people have published another version since: they knew, or will be told again. Nor
    where this trip, or a later one of its kind, was heard before: people may have lifted it.
    """
    active, sequences = tenant.policies.get(tripped.campaign_id), tenant.row.trip_sequences
    if active is None or active.campaign.version > tripped.policy_version:
        return False
    about = tripped.campaign_id, tripped.policy_version, tripped.kind, tripped.partition
    place = "|".join(map(str, about))
    if tripped.sequence <= sequences.get(place, 0):
        return False
    sequences[place] = tripped.sequence
    held = {*tenant.row.campaigns_tripped, tripped.campaign_id}
    tenant.row.campaigns_tripped = sorted(held)
    tenant.row_changed = True
    return True


def lift(tenant: TenantState, campaign_id: str) -> None:
    """Let a campaign go on; people have seen why it was held."""
    if campaign_id in tenant.row.campaigns_tripped:
        tenant.row.campaigns_tripped.remove(campaign_id)
        tenant.row_changed = True


def begin(tenant: TenantState, campaign_id: str, version: int) -> None:
    """Let another version of a campaign go on; what those before it have broken is history."""
    lift(tenant, campaign_id)
    for place in [*tenant.row.trip_sequences]:
        campaign, number, *_ = place.split("|")
        if campaign == campaign_id and int(number) < version:
            del tenant.row.trip_sequences[place]
            tenant.row_changed = True
