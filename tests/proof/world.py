"""
Make up two banks whose customers do everything within seconds, and producers who get things wrong.

Seeded: the same arguments give the same records. Both banks have customers of the same tokens
(N2). What must come of it nobody says here: the checker works that out from the log.
"""

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from cli.policy_rules import with_rules
from schemas.campaign import Campaign
from tests.proof.forms import Fields, Happening, Upstream, rfc3339, sent
from tests.proof.lives import Teller, life
from tests.proof.promises import promises
from tests.proof.spoilt import spoilt


CAMPAIGNS: Final = Path(__file__).parent / "campaigns"
TENANTS: Final = ("north", "south")
CONTACT_POLICY: Final[Fields] = {
    "id": "proof",
    "version": 1,
    "caps": [
        {"scope": "class", "count": 3, "window_ms": 3_600_000},
        {"scope": "channel", "count": 2, "window_ms": 20_000},
    ],
    "exclusions": [{"campaign": "bind_incentive", "other": "first_spend_offer", "within_ms": 2000}],
}
"""Caps of every kind that bind within seconds; no quiet hours, for the proof runs at any hour."""

GIFT_COUNT: Final = 400
GIFT_COUNT_BRIEF: Final = 3
"""Gifts of each bank: less than nudges in a proof, and than in a simulation."""

EVENTS_PER_CUSTOMER: Final = 10
"""About so many records a customer, spoilt and repeated ones among them."""
SPOILT_RATIO: Final = 0.012


def controls(at_ms: int, folder: Path = CAMPAIGNS) -> Iterator[Upstream]:
    """Yield what makes both banks live: their configuration, and every campaign of the folder."""
    for tenant in TENANTS:
        live: Fields = {"live_from_ms": 0, "time_zone": "UTC"}
        yield control(tenant, "tenant.configured", f"live-{tenant}", at_ms, live)
        rules: Fields = {"contact_policy": CONTACT_POLICY}
        yield control(tenant, "contact_policy.published", f"caps-{tenant}", at_ms, rules)
        policies: list[Any] = []
        for path in sorted(folder.glob("*.yaml")):
            written = with_rules({**yaml.safe_load(path.read_text()), "tenant": tenant}, {})
            policy: Fields = msgspec.to_builtins(msgspec.convert(written, Campaign))
            digest = hashlib.sha256(json.dumps(policy).encode()).hexdigest()
            said = {"campaign": policy, "policy_hash": digest, "author": "proof"}
            event_id = f"policy-{tenant}-{policy['id']}-{policy['version']}"
            yield control(tenant, "policy.published", event_id, at_ms, said)
            policies.append(policy)
        count = GIFT_COUNT if folder == CAMPAIGNS else GIFT_COUNT_BRIEF
        for kind, name, told in promises(policies, count):
            yield control(tenant, kind, f"{kind}-{tenant}-{name}", at_ms, told)


def plain(topic: str, event_type: str, token: str, at_ms: int, *, partition: int) -> Upstream:
    """Return a plain JSON event about the one card of a customer of the first bank."""
    attributes = {"id": f"{event_type}-{token}", "type": event_type, "occurred_at": rfc3339(at_ms)}
    whose = {"customer_token": token, "tenant": TENANTS[0], "card_token": f"{token}-k"}
    value = json.dumps({**attributes, **whose}).encode()
    return Upstream(topic, token.encode(), value, partition=partition)


def control(tenant: str, event_type: str, event_id: str, at_ms: int, said: Fields) -> Upstream:
    """Return a record of the control plane, which names the tenant in a header."""
    attributes = {"id": event_id, "type": event_type, "occurred_at": rfc3339(at_ms)}
    value = json.dumps({**attributes, "tenant": tenant, **said}).encode()
    headers = (("ce_tenantid", tenant.encode()),)
    return Upstream("marketing.control.v1", tenant.encode(), value, headers)


def records(count: int, *, seed: int, at_ms: int, label: str) -> Iterator[Upstream]:
    """
    Yield about `count` records in the order of sending.

    Args:
        count: of records.
        seed: of everything that is random.
        at_ms: when it all happens, within a minute before.
        label: begins every customer's token, so that two worlds share nobody.
    """
    rng = random.Random(seed)  # noqa: S311 (a world, no secret)
    customer_count = max(2, count // EVENTS_PER_CUSTOMER) if count else 0
    happenings: list[tuple[float, int, str, str, Happening]] = []
    for number in range(customer_count):
        tenant = TENANTS[number % len(TENANTS)]
        token = f"{label}{number // len(TENANTS)}"
        began_at_ms = at_ms - 40_000 + int(rng.random() * 10_000)
        teller = Teller(rng, token, order=number, at_ms=began_at_ms)
        for happening in life(teller, tenant):
            happenings.append((happening.due, len(happenings), tenant, token, happening))
    happenings.sort(key=lambda one: one[:2])
    if customer_count > 100:
        yield control("north", "kill_switch.set", f"{label}stop", at_ms, _switch(engaged=True))
    for place, (_, _, tenant, token, happening) in enumerate(happenings):
        if place == len(happenings) // 4 and customer_count > 100:
            yield control("north", "kill_switch.set", f"{label}go", at_ms, _switch(engaged=False))
        yield from sent(rng, tenant, token, happening)
        if rng.random() < SPOILT_RATIO:
            yield spoilt(rng, token)


def _switch(*, engaged: bool) -> Fields:
    return {"engaged": engaged, "campaign_id": "win_back", "reason": "proof"}
