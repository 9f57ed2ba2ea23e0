"""Make up what comes back for nudges that may have been sent: failures slot by slot, refusals."""

import random
from collections.abc import Iterator
from typing import Final

import msgspec

from tests.checker.identity import occurrence_key, trigger_id, uuid8
from tests.proof.forms import Upstream, rfc3339


ANSWERED_RATIO: Final = 0.9
STEP_S: Final = 1.2
"""About so long after a customer's first event the first nudge has gone out."""


def answers(
    chance: random.Random, tenant: str, token: str, epoch_ms: int, begin_s: float
) -> Iterator[tuple[float, Upstream]]:
    """Yield what gateways and the offer system say of one customer's nudges, with the seconds."""
    if chance.random() >= ANSWERED_RATIO:
        return
    card = f"{token}-k0"
    occurrence = occurrence_key(card, f"/{tenant}/core", f"{token}-iss-{card}")
    step = chance.choice(("first", "first", "second"))
    key = f"{tenant}|{token}"
    first, last = (trigger_id(key, "activation_nudge", occurrence, step, slot) for slot in (0, 2))
    at_s = begin_s + STEP_S + chance.uniform(0, 1.5)
    status = chance.choice(("failed", "failed", "rejected", "blocked_optout", "delivered"))
    told = [("gateway.receipt.v1", first, {"status": status, "channel": "sms"})]
    if chance.random() < 0.6:
        status = chance.choice(("failed", "delivered", "expired"))
        told.append(("gateway.receipt.v1", last, {"status": status, "channel": "push"}))
    if chance.random() < 0.5:
        reserved = uuid8("reservation", first)
        status = chance.choice(("refused", "expired", "granted"))
        told.append(("gateway.response.v1", first, {"status": status, "reservation_id": reserved}))
    if chance.random() < 0.3:
        late = {"status": "delivered", "channel": "sms"}
        told.append(("gateway.receipt.v1", first, late))
    for number, (topic, about, said) in enumerate(told):
        at_s += chance.uniform(0, 0.4)
        kind = "offer.result" if "reservation_id" in said else "delivery.receipt"
        named = {"receipt_id": f"{token}-a{number}"} if kind == "delivery.receipt" else {}
        plain = {
            "id": f"{token}-answer{number}",
            "type": kind,
            "occurred_at": rfc3339(epoch_ms + int(at_s * 1000)),
            "customer_token": token,
            "tenant": tenant,
            "trigger_id": about,
        }
        value = msgspec.json.encode({**plain, **named, **said})
        yield at_s, Upstream(topic, token.encode(), value)
