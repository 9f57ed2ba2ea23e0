"""Take what a tenant's control plane says: core.md §3.7."""

from tests.checker.identity import Facts, event_hash
from tests.checker.oracle_clauses import can_be_run
from tests.checker.oracle_walk import begin_walk
from tests.checker.signed import why_unsigned


CONTROL = {
    *("policy.published", "kill_switch.set", "tenant.configured"),
    *("calendar.published", "contact_policy.published"),
}
CONTROLS_MAX = 32


def new_tenant(name: str, zone: str, *, unsigned_allowed: bool) -> Facts:
    """Return a tenant of whom nothing else is known."""
    return {
        "name": name,
        "now": 0,
        "watermark": 0,
        "backfill": False,
        "live_from": None,
        "holdout": (0, ""),
        "time_zone": zone,
        "policies": {},
        "hashes": {},
        "calendar": None,
        "contact_policy": None,
        "stopped": set(),
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
    if kind in ("calendar.published", "contact_policy.published"):
        name = kind.removesuffix(".published")
        return _replace(tenant, name, record[name]) or kind
    if kind == "kill_switch.set":
        change = tenant["stopped"].add if record["engaged"] else tenant["stopped"].discard
        change(record["campaign_id"])
    else:
        tenant["live_from"] = record.get("live_from_ms")
        tenant["holdout"] = record.get("holdout_bp", 0), record.get("holdout_salt", "")
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
    if not can_be_run(policy):
        return "BAD_RULE"
    tenant["policies"][policy["id"]] = policy
    tenant["hashes"][policy["id"]] = record["policy_hash"]
    begin_walk(tenant["walks"], record)
    return ""


def _replace(tenant: Facts, name: str, said: Facts) -> str:
    """Let a calendar or a contact policy take effect; return why it does not."""
    active = tenant[name]
    if active and active["id"] == said["id"] and active["version"] >= said["version"]:
        return "STALE_VERSION"
    tenant[name] = said
    return ""
