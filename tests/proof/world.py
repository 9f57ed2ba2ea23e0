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

from schemas.campaign import Campaign
from tests.checker.identity import occurrence_key, trigger_id
from tests.proof.forms import Fields, Happening, Upstream, rfc3339, sent, source_of


CAMPAIGNS: Final = Path(__file__).parent / "campaigns"
TENANTS: Final = ("north", "south")
HUNDRED_DAYS_MS: Final = 8_640_000_000
EVENTS_PER_CUSTOMER: Final = 8
"""About so many records a customer, spoilt and repeated ones among them."""


def controls(at_ms: int, folder: Path = CAMPAIGNS) -> Iterator[Upstream]:
    """Yield what makes both banks live: their configuration, and every campaign of the folder."""
    for tenant in TENANTS:
        yield control(tenant, "tenant.configured", f"live-{tenant}", at_ms, {"live_from_ms": 0})
        for path in sorted(folder.glob("*.yaml")):
            written = {**yaml.safe_load(path.read_text()), "tenant": tenant}
            policy: Fields = msgspec.to_builtins(msgspec.convert(written, Campaign))
            digest = hashlib.sha256(json.dumps(policy).encode()).hexdigest()
            said = {"campaign": policy, "policy_hash": digest, "author": "proof"}
            event_id = f"policy-{tenant}-{policy['id']}-{policy['version']}"
            yield control(tenant, "policy.published", event_id, at_ms, said)


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
        for happening in _life(teller, tenant):
            happenings.append((happening.due, len(happenings), tenant, token, happening))
    happenings.sort(key=lambda one: one[:2])
    if customer_count > 100:
        yield control("north", "kill_switch.set", f"{label}stop", at_ms, _switch(engaged=True))
    for place, (_, _, tenant, token, happening) in enumerate(happenings):
        if place == len(happenings) // 4 and customer_count > 100:
            yield control("north", "kill_switch.set", f"{label}go", at_ms, _switch(engaged=False))
        yield from sent(rng, tenant, token, happening)


def _switch(*, engaged: bool) -> Fields:
    return {"engaged": engaged, "campaign_id": "win_back", "reason": "proof"}


class Teller:
    """Tells what one customer does, event by event; sent not quite in the order of happening."""

    def __init__(self, rng: random.Random, token: str, *, order: float, at_ms: int) -> None:
        """Begin at a moment; `order` is the place in the order of sending."""
        self.rng, self.token = rng, token
        self._order, self._at_ms = order, at_ms

    def tell(self, topic: str, event_type: str, name: str, **fields: Any) -> Happening:  # noqa: ANN401 (any JSON)
        """Return the next event; some are sent after younger ones, some occurred long ago."""
        rng = self.rng
        self._at_ms += int(rng.expovariate(1 / 1_500))
        self._order += rng.expovariate(1 / 400)
        late = rng.random() * 4_000 if rng.random() < 0.05 else 0
        occurred_at_ms = self._at_ms - (HUNDRED_DAYS_MS if rng.random() < 0.004 else 0)
        event_id = f"{self.token}-{name}"
        return Happening(self._order + late, topic, event_type, event_id, occurred_at_ms, fields)


def _life(teller: Teller, tenant: str) -> Iterator[Happening]:
    """Yield what one customer does, from consent to receipt."""
    rng, token = teller.rng, teller.token
    if rng.random() < 0.9:
        yield from _words(teller, rng.choices(("granted", "denied"), (19, 1))[0])
    cards = [f"{token}-k{number}" for number in range(1 + (rng.random() < 0.1))]
    for card in cards:
        yield teller.tell("card.issue.v1", "card.issued", f"iss-{card}", card_token=card)
        if rng.random() < 0.5:
            yield teller.tell(
                "card.activation.v1", "card.activated", f"act-{card}", card_token=card
            )
        if rng.random() < 0.3:
            yield teller.tell("card.bind.v1", "wallet.bound", f"bind-{card}", card_token=card)
    yield from _purchases(teller, cards)
    if rng.random() < 0.3:
        yield from _bill(teller, cards[0])
    if rng.random() < 0.1:
        yield _receipt(teller, tenant, cards[0])
    if rng.random() < 0.05:
        yield from _words(teller, "revoked")


def _words(teller: Teller, status: str) -> Iterator[Happening]:
    """Yield what the customer says about being contacted."""
    for channel in ("sms", "push"):
        said = {"purpose": "card_marketing", "channel": channel, "status": status}
        name = f"{status}-{channel}"
        yield teller.tell("customer.profile.v1", "consent.changed", name, **said)


def _receipt(teller: Teller, tenant: str, card: str) -> Happening:
    """Return what a gateway says of a nudge, which may or may not have been sent."""
    rng, token = teller.rng, teller.token
    step = rng.choice(("first", "second", "third"))  # there is no third: UNKNOWN_TRIGGER
    event_id = f"{token}-iss-{card}"
    occurrence = occurrence_key(card, source_of(tenant, "card.issue.v1", event_id), event_id)
    return teller.tell(
        "gateway.receipt.v1",
        "delivery.receipt",
        "receipt",
        receipt_id=f"{token}-r",
        trigger_id=trigger_id(f"{tenant}|{token}", "activation_nudge", occurrence, step),
        channel="sms",
        status=rng.choice(("delivered", "failed", "expired", "submitted")),
    )


def _purchases(teller: Teller, cards: list[str]) -> Iterator[Happening]:
    """Yield purchases, some of them large, some in other money, some taken back."""
    rng, token = teller.rng, teller.token
    for number in range(int(rng.expovariate(1 / 4))):
        said = {"txn_id": f"{token}-t{number}", "card_token": rng.choice(cards), "currency": "CNY"}
        if rng.random() < 0.05:
            said["currency"] = rng.choice(("USD", "EUR", "JPY", "GBP", "CHF"))
        large = 40_000 if rng.random() < 0.08 else 0
        money = {**said, "amount_minor": int(rng.lognormvariate(8, 1)) + large}
        yield teller.tell("card.spend.v1", "txn.posted", f"txn{number}", **money)
        if rng.random() < 0.05:
            yield teller.tell("card.spend.v1", "txn.reversed", f"rev{number}", **money)


def _bill(teller: Teller, card: str) -> Iterator[Happening]:
    """Yield a statement, and at times its repayment."""
    rng, token = teller.rng, teller.token
    bill = {"statement_id": f"{token}-s", "card_token": card, "currency": "CNY"}
    due = int(rng.lognormvariate(10, 1))
    terms = {
        "total_due_minor": due,
        "min_due_minor": due // 10,
        "due_date": "2030-01-31",
        "instalment_eligible": rng.random() < 0.7,
    }
    yield teller.tell("card.repayment.v1", "statement.issued", "bill", **bill, **terms)
    if rng.random() < 0.5:
        paid = {"repayment_id": f"{token}-p", **bill, "amount_minor": due}
        yield teller.tell("card.repayment.v1", "repayment.received", "paid", **paid)
