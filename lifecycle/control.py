"""Take what concerns a whole tenant: policies, kill switches, when it goes live."""

from lifecycle import guardrails, signatures, walk
from lifecycle.ids import event_hash
from lifecycle.partition import EVENT_TYPES, TenantState
from lifecycle.policies import active
from lifecycle.rules import RuleError
from lifecycle.signatures import Approved
from schemas.calendar import Calendar
from schemas.contact_policy import ContactPolicy
from schemas.content import content_hash
from schemas.events import (
    CalendarPublished,
    ContactPolicyPublished,
    EventData,
    KillSwitchSet,
    ModelDefined,
    OfferDefined,
    PolicyPublished,
    TemplateApproved,
    TenantConfigured,
)
from schemas.journal import JournalEnvelope
from schemas.rejects import IgnoreReason
from schemas.state_tenant import CONTROLS_MAX, PolicyRow, TemplateRow
from schemas.template import TEMPLATES_MAX, Template


def take_control(tenant: TenantState, envelope: JournalEnvelope, event: EventData) -> str:
    """
    Let a control record take effect, in journal order, unless it is a repeat (SEMANTICS B2).

    Return what became of it: its type, or why it changed nothing.
    """
    known = tenant.row.control_hashes
    identity = event_hash(envelope.event_source, envelope.event_id)
    outcome: str = EVENT_TYPES[type(event)]
    if identity in known:
        outcome = "DUPLICATE"
    elif (why_not := _take(tenant, event)) is not None:
        outcome = why_not
    known.append(identity)
    del known[:-CONTROLS_MAX]
    tenant.row_changed = True
    tenant.counts.add(f"control|{tenant.name}|{outcome}")
    return outcome


def _take(tenant: TenantState, event: EventData) -> IgnoreReason | None:
    """Return why the record changes nothing, None where it takes effect."""
    if isinstance(event, KillSwitchSet):
        _switch(tenant, event)
    elif isinstance(event, TenantConfigured):
        return _configure(tenant, event)
    elif isinstance(event, Approved):
        return unapproved(tenant, event) or _take_approved(tenant, event)
    return None


def _take_approved(tenant: TenantState, event: Approved) -> IgnoreReason | None:
    """Let what two people have signed take effect, or say why it does not."""
    match event:
        case PolicyPublished():
            return _publish(tenant, event)
        case CalendarPublished(calendar=calendar):
            return _replace(tenant, "calendar", tenant.calendar, calendar)
        case ContactPolicyPublished(contact_policy=contact_policy):
            return _replace(tenant, "contact_policy", tenant.contact_policy, contact_policy)
        case TemplateApproved(template=template):
            return _approve(tenant, template)
        case OfferDefined(offer=offer):
            return tenant.stock.define(offer)
        case ModelDefined():
            return tenant.snapshots.refusal(event)


def _switch(tenant: TenantState, event: KillSwitchSet) -> None:
    """Stop contacts, or let them resume: the tenant's, or one campaign's."""
    if not event.campaign_id:
        tenant.row.paused = event.engaged
        return
    if not event.engaged:
        guardrails.lift(tenant, event.campaign_id)
    paused = {*tenant.row.campaigns_paused} - {event.campaign_id}
    tenant.row.campaigns_paused = sorted({*paused, event.campaign_id} if event.engaged else paused)


def unapproved(tenant: TenantState, event: Approved) -> IgnoreReason | None:
    """Return why nobody can know that two people approve it, None where they do (P3)."""
    keys = tenant.row.signing_keys
    if not keys:
        return None if tenant.unsigned_allowed else "NOT_SIGNED"
    if isinstance(event, PolicyPublished) and event.policy_hash != content_hash(event.campaign):
        return "POLICY_HASH"
    return signatures.refusal(keys, event.signatures, signatures.signed_content(tenant.name, event))


def unauthorised(tenant: TenantState, event: TenantConfigured) -> IgnoreReason | None:
    """
    Return why a configuration does not count once keys are pinned, None where it does (P3).

    Whoever may change the keys may approve everything, so that takes two people (ADR 13).
    """
    keys = tenant.row.signing_keys
    if not keys:
        return None
    why_not = signatures.refusal(
        keys,
        event.signatures,
        signatures.signed_content(tenant.name, event),
        two_people=bool(event.signing_keys) and event.signing_keys != keys,
    )
    if why_not is None and event.version <= tenant.row.configured_version:
        return "STALE_VERSION"
    return why_not


def _configure(tenant: TenantState, event: TenantConfigured) -> IgnoreReason | None:
    """Keep the newest configuration, unless it is not the bank's word."""
    why_not = unauthorised(tenant, event)
    if why_not is None:
        row = tenant.row
        row.live_from_ms = event.live_from_ms
        row.time_zone = event.time_zone
        row.holdout_bp = event.holdout_bp
        row.holdout_salt = event.holdout_salt
        row.configured_version = event.version
        row.signing_keys = event.signing_keys or row.signing_keys
        row.currency = event.currency
        row.value_cap_minor = event.value_cap_minor
        row.pools_effects = event.pools_effects
    return why_not


def _publish(tenant: TenantState, event: PolicyPublished) -> IgnoreReason | None:
    """Let a policy decide from now on, unless the active version must stay."""
    campaign = event.campaign
    before = tenant.policies.get(campaign.id)
    if before is not None:
        if campaign.version <= before.campaign.version:
            return "STALE_VERSION"
        if type(campaign.entry) is not type(before.campaign.entry):
            return "OTHER_KIND"
    try:
        tenant.activate(active(campaign, event.policy_hash))
    except RuleError:
        return "BAD_RULE"
    tenant.policies_changed[campaign.id] = PolicyRow(campaign, event.policy_hash)
    guardrails.begin(tenant, campaign.id, campaign.version)
    walk.begin(tenant.row, event)
    return None


def _approve(tenant: TenantState, template: Template) -> IgnoreReason | None:
    """Let a wording be sent from now on, once for each of its versions."""
    key = template.id, template.version
    if key in tenant.templates:
        return "STALE_VERSION"
    if len(tenant.templates) >= TEMPLATES_MAX:
        return "STATE_FULL"
    known = TemplateRow(*key, template.channel, template.variables)
    tenant.templates[key] = known
    tenant.templates_changed.append(known)
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
