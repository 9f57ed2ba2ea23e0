"""Take what a tenant's control plane says: core.md §3.7."""

from typing import Any

from tests.checker.identity import Facts, event_hash
from tests.checker.oracle_clauses import can_be_run
from tests.checker.oracle_models import kept_snapshot, why_refused
from tests.checker.oracle_offers import define, new_stock
from tests.checker.oracle_options import are_alike
from tests.checker.oracle_walk import begin_walk
from tests.checker.signed import why_unsigned


PUBLISHED = {
    "calendar.published": "calendar",
    "contact_policy.published": "contact_policy",
    "template.approved": "template",
    "offer.defined": "offer",
}
"""What is known by a version, and under which name the record has it."""

CONTROL = {
    *("policy.published", "kill_switch.set", "tenant.configured", "model.defined", "model.set"),
    *PUBLISHED,
}
CONTROLS_MAX = 32
TEMPLATES_MAX = 256


def new_tenant(name: str, zone: str, place: tuple[int, int], *, unsigned_allowed: bool) -> Facts:
    """Return a tenant of whom nothing else is known; `place`: partition, how many there are."""
    return {
        "name": name,
        "now": 0,
        "watermark": 0,
        "backfill": False,
        "live_from": None,
        "holdout": (0, ""),
        "money": (0, ""),
        "pools": False,
        "time_zone": zone,
        "policies": {},
        "hashes": {},
        "calendar": None,
        "contact_policy": None,
        "templates": {},
        "stock": new_stock(*place),
        "models": {},
        "choices": {},
        "segments": None,
        "stopped": set(),
        "held": set(),
        "trips": {},
        "controls": [],
        "unsigned_allowed": unsigned_allowed,
        "keys": [],
        "walks": [],
        "lateness": 0,
        "version": 0,
        "due": {"now": [], "watermark": []},
    }


def take_control(tenant: Facts, envelope: Facts) -> str:
    """Take a control record; return under which name it is counted."""
    record = envelope["record"]
    kind: str = record["event_type"]
    mark = event_hash(envelope["event_source"], envelope["event_id"])
    is_repeat = mark in tenant["controls"][-CONTROLS_MAX:]
    tenant["controls"].append(mark)
    if is_repeat:
        return "DUPLICATE"
    if unsigned := why_unsigned(record, tenant, is_allowed=tenant["unsigned_allowed"]):
        return unsigned
    if kind == "policy.published":
        return _publish(tenant, record) or kind
    if kind in PUBLISHED:
        return _take_published(tenant, kind, record) or kind
    if kind == "model.defined":
        return why_refused(tenant["models"], record) or kind
    if kind == "kill_switch.set":
        _switch(tenant, record["campaign_id"], engaged=record["engaged"])
    elif kind == "tenant.configured":
        tenant["live_from"] = record.get("live_from_ms")
        tenant["holdout"] = record.get("holdout_bp", 0), record.get("holdout_salt", "")
        tenant["money"] = record.get("value_cap_minor", 0), record.get("currency", "")
        tenant["pools"] = record.get("pools_effects", False)
        tenant["time_zone"] = record.get("time_zone", "")
        tenant["version"] = record.get("version", 0)
        tenant["keys"] = record.get("signing_keys") or tenant["keys"]
    return kind


def _publish(tenant: Facts, record: Facts) -> str:
    """Let a campaign take effect; return why it does not."""
    policy = record["campaign"]
    active = tenant["policies"].get(policy["id"])
    if active is not None and policy["version"] <= active["version"]:
        return "STALE_VERSION"
    if active is not None and policy["entry"]["kind"] != active["entry"]["kind"]:
        return "OTHER_KIND"
    if not can_be_run(policy) or not are_alike(policy):
        return "BAD_RULE"
    tenant["policies"][policy["id"]] = policy
    tenant["hashes"][policy["id"]] = record["policy_hash"]
    tenant["held"].discard(policy["id"])
    forget_trips(tenant["trips"], policy)
    begin_walk(tenant["walks"], record)
    return ""


def _take_published(tenant: Facts, kind: str, record: Facts) -> str:
    """Let what is versioned take effect; return why it does not."""
    name = PUBLISHED[kind]
    if name == "template":
        return _approve(tenant["templates"], record[name])
    if name == "offer":
        return define(tenant["stock"], record[name])
    return _replace(tenant, name, record[name])


def _approve(known: dict[tuple[str, int], Facts], template: Facts) -> str:
    """Let a wording be known; return why it is not."""
    name = template["id"], template["version"]
    if name in known:
        return "STALE_VERSION"
    if len(known) >= TEMPLATES_MAX:
        return "STATE_FULL"
    known[name] = template
    return ""


def _replace(tenant: Facts, name: str, said: Facts) -> str:
    """Let a calendar or a contact policy take effect; return why it does not."""
    active = tenant[name]
    if active and active["id"] == said["id"] and active["version"] >= said["version"]:
        return "STALE_VERSION"
    tenant[name] = said
    return ""


def _switch(tenant: Facts, campaign: str, *, engaged: bool) -> None:
    """Stop a campaign, or let it go on, held or not."""
    if engaged:
        tenant["stopped"].add(campaign)
        return
    for names in (tenant["stopped"], tenant["held"]):
        names.discard(campaign)


def hold(tenant: Facts, record: Facts) -> str:
    """Hold a campaign whose guardrail has tripped, once; return under which name it is counted."""
    campaign, version = record["campaign_id"], record["policy_version"]
    active = tenant["policies"].get(campaign)
    about = f"{campaign}|{version}|{record['kind']}|{record.get('partition', 0)}"
    nth = record.get("sequence", 1)
    if active is None or active["version"] > version or nth <= tenant["trips"].get(about, 0):
        return "STALE_VERSION"
    tenant["trips"][about] = nth
    tenant["held"].add(campaign)
    return "guardrail.tripped"


def forget_trips(trips: dict[str, int], policy: Facts) -> None:
    """Forget what versions below one that takes effect have broken."""
    for about in list(trips):
        campaign, version = about.split("|")[:2]
        if campaign == policy["id"] and int(version) < policy["version"]:
            del trips[about]


def published_by(tenant: Facts) -> dict[tuple[str, ...], Any]:
    """Return what rows of what a tenant published must say, by name, tenant and id."""
    name, stock = tenant["name"], tenant["stock"]
    rules = ("calendar", "contact_policy", "segments")
    found: dict[tuple[str, ...], Any] = {
        (kind, name): tenant[kind] for kind in rules if tenant[kind] is not None
    }
    for (template_id, version), one in tenant["templates"].items():
        row = [template_id, version, one["channel"], one.get("variables", [])]
        found["template", name, template_id, str(version)] = row
    for offer_id, offer in stock["offers"].items():
        found["offer", name, offer_id] = [offer, stock["taken"].get(offer_id, 0)]
    for model_id, snapshot in tenant["models"].items():
        found["model", name, model_id] = kept_snapshot(snapshot)
    found |= {("choice", name, campaign): said for campaign, said in tenant["choices"].items()}
    return found
