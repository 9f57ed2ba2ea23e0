"""Take what concerns a whole tenant: policies, kill switches, when it goes live."""

from lifecycle.ids import event_hash
from lifecycle.partition import EVENT_TYPES, TenantState
from lifecycle.policies import active
from lifecycle.rules import RuleError
from schemas.calendar import Calendar
from schemas.contact_policy import ContactPolicy
from schemas.events import (
    CalendarPublished,
    ContactPolicyPublished,
    EventData,
    KillSwitchSet,
    PolicyPublished,
    TenantConfigured,
)
from schemas.journal import JournalEnvelope
from schemas.rejects import IgnoreReason
from schemas.state_tenant import CONTROLS_MAX, PolicyRow


def take_control(tenant: TenantState, envelope: JournalEnvelope, event: EventData) -> None:
    """Let a control record take effect, in journal order, unless it is a repeat (SEMANTICS B2)."""
    known = tenant.row.control_hashes
    identity = event_hash(envelope.event_source, envelope.event_id)
    outcome = EVENT_TYPES[type(event)]
    if identity in known:
        outcome = "DUPLICATE"
    elif (why_not := _take(tenant, event)) is not None:
        outcome = why_not
    known.append(identity)
    del known[:-CONTROLS_MAX]
    tenant.row_changed = True
    tenant.counts.add(f"control|{tenant.name}|{outcome}")


def _take(tenant: TenantState, event: EventData) -> IgnoreReason | None:
    """Return why the record changes nothing, None where it takes effect."""
    match event:
        case PolicyPublished(campaign=campaign):
            return _publish(tenant, PolicyRow(campaign, event.policy_hash))
        case CalendarPublished(calendar=calendar):
            return _replace(tenant, "calendar", tenant.calendar, calendar)
        case ContactPolicyPublished(contact_policy=contact_policy):
            return _replace(tenant, "contact_policy", tenant.contact_policy, contact_policy)
        case KillSwitchSet(campaign_id=""):
            tenant.row.paused = event.engaged
        case KillSwitchSet(campaign_id=campaign_id):
            paused = {*tenant.row.campaigns_paused} - {campaign_id}
            tenant.row.campaigns_paused = sorted(
                {*paused, campaign_id} if event.engaged else paused
            )
        case TenantConfigured():
            tenant.row.live_from_ms = event.live_from_ms
            tenant.row.time_zone = event.time_zone
            tenant.row.holdout_bp = event.holdout_bp
            tenant.row.holdout_salt = event.holdout_salt
        case _:  # nothing else concerns a tenant
            pass
    return None


def _publish(tenant: TenantState, policy: PolicyRow) -> IgnoreReason | None:
    """Let a policy decide from now on, unless the active version must stay."""
    campaign = policy.campaign
    before = tenant.policies.get(campaign.id)
    if before is not None:
        if campaign.version <= before.campaign.version:
            return "STALE_VERSION"
        if type(campaign.entry) is not type(before.campaign.entry):
            return "OTHER_KIND"
    try:
        tenant.activate(active(campaign, policy.policy_hash))
    except RuleError:
        return "BAD_RULE"
    tenant.policies_changed[campaign.id] = policy
    return None


def _replace(
    tenant: TenantState,
    kind: str,
    before: Calendar | ContactPolicy | None,
    rules: Calendar | ContactPolicy,
) -> IgnoreReason | None:
    """Let a calendar or a contact policy hold, unless it is an older version of the same."""
    if before is not None and before.id == rules.id and rules.version <= before.version:
        return "STALE_VERSION"
    tenant.adopt(rules)
    tenant.rules_changed[kind] = rules
    return None
