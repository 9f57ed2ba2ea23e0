"""Keep whom we contacted and kept back, and ask caps and spacing: core.md §3.4, §3.10."""

from collections.abc import Iterator
from typing import Any

from tests.checker.identity import Facts
from tests.checker.oracle_subject import Said


CONTACTS_MAX = 32
KEPT_BACK_MAX = 32
REASONS = {
    "all": "CAP_GLOBAL",
    "class": "CAP_CLASS",
    "channel": "CAP_CHANNEL",
    "purpose": "CAP_PURPOSE",
    "campaign": "CAP_CAMPAIGN",
}


def add_contact(customer: Facts, contact: Facts) -> None:
    """Append a contact; of thirty-two the oldest is forgotten before."""
    contacts = customer["contacts"]
    if len(contacts) == CONTACTS_MAX:
        oldest = min(contacts, key=lambda one: one["decided_at_ms"])
        contacts.remove(oldest)
        at = oldest["decided_at_ms"]
        customer["forgotten"] = max(customer["forgotten"], at)
        campaign = oldest["campaign_id"]
        later = [one for one in customer["kept_back"] if one[0] == campaign and one[2] >= at]
        if not oldest["released"] and not later:
            keep_back(customer, campaign, oldest["occurrence_key"], at)
    contacts.append(contact)


def keep_back(customer: Facts, campaign: str, occurrence: str, now: int) -> None:
    """Remember whom an experiment kept back, the campaign's newest only."""
    kept = [one for one in customer["kept_back"] if one[0] != campaign]
    kept.append([campaign, occurrence, now])
    if len(kept) > KEPT_BACK_MAX:
        kept.remove(min(kept, key=lambda one: one[2]))
    customer["kept_back"] = kept


def ask_caps(
    customer: Facts, verdict: Facts, caps: list[Facts], times: tuple[int, int], longest_ms: int
) -> tuple[Said, list[Facts]]:
    """
    Return what the first full cap says, and every cap with its count.

    Args:
        customer: whose contacts are counted.
        verdict: the candidate.
        caps: in the order in which they are asked.
        times: as of when caps count, which for a fallback is before now; and now.
        longest_ms: how far back any cap, exclusion or cool-down of the tenant looks.
    """
    readings = []
    as_of, now = times
    said: Said = ("", "", {})
    for cap in caps:
        count = sum(_counts(one, cap, verdict, as_of) for one in customer["contacts"])
        readings.append(
            {
                "scope": cap["scope"],
                "window_ms": cap["window_ms"],
                "count_max": cap["count"],
                "count_before": count,
                "count_after": count,
            }
        )
        if said[0]:
            continue
        if count >= cap["count"]:
            said = (REASONS[cap["scope"]], "", {})
        elif customer["forgotten"] and as_of - cap["window_ms"] < customer["forgotten"]:
            saw = {"forgotten_at_ms": customer["forgotten"]}
            said = (REASONS[cap["scope"]], "memory", saw)
    if caps and not said[0] and _is_full(customer, now - longest_ms):
        saw = {"contact_count": CONTACTS_MAX, "longest_window_ms": longest_ms}
        said = ("CAP_GLOBAL", "memory", saw)
    return said, readings


def caps_of(customer: Facts, policy: Facts, contact_policy: Facts | None) -> list[Facts]:
    """Return the caps that bind a candidate: the campaign's, then those of the contact policy."""
    profile = customer["profile"]
    segments = {"", *(profile[3] if profile else ())}
    return [
        *policy["caps"],
        *(
            cap
            for cap in (contact_policy or {}).get("caps", ())
            if cap.get("message_class", "marketing") == policy["message_class"]
            and cap.get("segment", "") in segments
        ),
    ]


def longest_window_ms(policies: dict[str, Facts], contact_policy: Facts | None) -> int:
    """Return how far back a tenant looks."""
    tenants = contact_policy or {}
    caps = [cap for policy in policies.values() for cap in policy["caps"]]
    caps += tenants.get("caps", ())
    windows = [cap["window_ms"] for cap in caps]
    windows += [one["within_ms"] for one in tenants.get("exclusions", ())]
    windows += [policy.get("cool_down_ms", 0) for policy in policies.values()]
    return max(windows, default=0)


def ask_spacing(customer: Facts, verdict: Facts, contact_policy: Facts | None, now: int) -> Said:
    """Return whether the customer was met too recently."""
    policy, occurrence = verdict["policy"], verdict["journey"]["occurrence_key"]
    cool_down_ms = policy.get("cool_down_ms", 0)
    own = [
        at
        for campaign, about, at in _meetings(customer)
        if campaign == policy["id"] and about != occurrence and at > now - cool_down_ms
    ]
    if own:
        return "COOL_DOWN", "", {"cool_down_ms": cool_down_ms, "since_ms": now - max(own)}
    for exclusion in (contact_policy or {}).get("exclusions", ()):
        others = _others(exclusion, policy["id"])
        within_ms = exclusion["within_ms"]
        met = [
            (-at, campaign)
            for campaign, _, at in _meetings(customer)
            if campaign in others and (at > now - within_ms or at == now)
        ]
        if met:
            at, campaign = min(met)
            return "EXCLUSION", campaign, {"within_ms": within_ms, "since_ms": now + at}
    return "", "", {}


def _others(exclusion: Facts, campaign: str) -> set[str]:
    """Return after whose meetings this campaign must wait."""
    others = {exclusion["other"]} if exclusion["campaign"] == campaign else set()
    if exclusion.get("mutual") and exclusion["other"] == campaign:
        others.add(exclusion["campaign"])
    return others


def _meetings(customer: Facts) -> Iterator[Any]:
    """Yield campaign, occurrence key and time of who was contacted or kept back."""
    for one in customer["contacts"]:
        if not one["released"]:
            yield one["campaign_id"], one["occurrence_key"], one["decided_at_ms"]
    yield from customer["kept_back"]


def _counts(contact: Facts, cap: Facts, verdict: Facts, now: int) -> bool:
    """Return whether a contact counts for a cap."""
    if contact["released"] or contact["decided_at_ms"] <= now - cap["window_ms"]:
        return False
    policy = verdict["policy"]
    field, mine = {
        "all": ("", ""),
        "class": ("message_class", policy["message_class"]),
        "channel": ("channel", verdict["treatment"]["channel"]),
        "purpose": ("purpose", policy["purpose"]),
        "campaign": ("campaign_id", policy["id"]),
    }[cap["scope"]]
    return not field or contact[field] == mine


def _is_full(customer: Facts, since: int) -> bool:
    contacts = customer["contacts"]
    if len(contacts) < CONTACTS_MAX:
        return False
    return bool(min(one["decided_at_ms"] for one in contacts) > since)
