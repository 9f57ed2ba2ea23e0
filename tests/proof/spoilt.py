"""Write records that ingest must reject, each next of kin to a good one."""

import json
import random
from collections.abc import Callable
from typing import Any, Final

from tests.proof.forms import Fields, Upstream


CARD_NUMBER: Final = "4111 1111 1111 1111"
"""What every test of a payment page begins with; it belongs to nobody."""
RESIDENT_NUMBER: Final = "11010519491231002X"
"""The example of GB 11643 itself."""

ISSUE: Final = "card.issue.v1"
SPEND: Final = "card.spend.v1"
COMMON: Final[Fields] = {"occurred_at": "2026-03-02T09:15:00Z", "tenant": "north"}
ISSUED: Final[Fields] = {**COMMON, "type": "card.issued", "card_token": "k"}
POSTED: Final[Fields] = {
    **COMMON,
    "type": "txn.posted",
    "card_token": "k",
    "txn_id": "t",
    "amount_minor": 100,
    "currency": "CNY",
}
REPLY: Final[Fields] = {**COMMON, "type": "response.recorded", "response_id": "r", "kind": "open"}

CHANGES: Final[tuple[tuple[str, Fields], ...]] = (
    (ISSUE, {**ISSUED, "type": "card.vanished"}),
    (ISSUE, {**ISSUED, "type": "card.issued.v2"}),
    (ISSUE, {**ISSUED, "occurred_at": "yesterday"}),
    (ISSUE, {**ISSUED, "occurred_at": "2199-01-01T00:00:00Z"}),
    (ISSUE, {**ISSUED, "tenant": "west"}),
    (ISSUE, {**ISSUED, "customer_token": "a|b"}),
    (ISSUE, {**ISSUED, "card_token": 7}),
    (ISSUE, {**ISSUED, "filler": "x" * 70_000}),
    (ISSUE, {**ISSUED, "product_code": "gold\u202e"}),
    (ISSUE, {**ISSUED, "id": "a\tb"}),
    (ISSUE, {**ISSUED, "issue_type": "stolen"}),
    (SPEND, ISSUED),
    (SPEND, {**POSTED, "amount_minor": -1}),
    (SPEND, {**POSTED, "amount_minor": 10**15 + 1}),
    (SPEND, {**POSTED, "amount_minor": 10.5}),
    (SPEND, {**POSTED, "amount_minor": 10**20}),
    (SPEND, {**POSTED, "currency": "DEM"}),
    (SPEND, {**POSTED, "currency": 156}),
    (SPEND, {**POSTED, "merchant_token": CARD_NUMBER}),
    (SPEND, {**POSTED, "note": RESIDENT_NUMBER}),
    ("gateway.response.v1", {**REPLY, "trigger_id": "x", "channel": "sms", "customer_token": ""}),
    (
        "card.instalment.v1",
        {
            **COMMON,
            "type": "instalment.created",
            "plan_id": "i",
            "card_token": "k",
            "principal_minor": 1,
            "currency": "CNY",
            "term_count": 3,
            "annual_rate_bp": 1_450,
            "confirmed_by_customer": False,
        },
    ),
)


def spoilt(rng: random.Random, token: str) -> Upstream:
    """Return a record of a customer that ingest must reject."""
    if rng.random() < 0.3:
        return rng.choice(BYTES)(token)
    topic, change = rng.choice(CHANGES)
    body = {"id": f"spoilt-{rng.random()}", "customer_token": token, **change}
    return Upstream(topic, token.encode(), json.dumps(body).encode())


def _bytes(value: bytes | None) -> Callable[[str], Upstream]:
    return lambda token: Upstream(ISSUE, token.encode(), value)


def _as_it_stands(**headers: Any) -> Callable[[str], Upstream]:  # noqa: ANN401 (text or nothing)
    """Return what makes a card's issue with these headers beside it."""
    told = tuple((name, value.encode()) for name, value in headers.items())

    def made(token: str) -> Upstream:
        body = {"id": "spoilt-header", "customer_token": token, **ISSUED}
        return Upstream(ISSUE, token.encode(), json.dumps(body).encode(), told)

    return made


def _key_is_a_card(token: str) -> Upstream:
    return _as_it_stands()(token)._replace(key=CARD_NUMBER.replace(" ", "").encode())


BYTES: Final[tuple[Callable[[str], Upstream], ...]] = (
    _bytes(None),
    _bytes(b"{half"),
    _bytes(b"\xff\xfe"),
    _bytes(b'"text"'),
    _bytes(b'{"a":' + b"[" * 70 + b"]" * 70 + b"}"),
    _bytes(b"[" * 65 + b'"[[[' + b'"' + b"]" * 65),
    _as_it_stands(trace=f"paid with {CARD_NUMBER}"),
    _as_it_stands(ce_tenantid="south"),
    _as_it_stands(ce_type="card.issued", ce_specversion="0.3"),
    _key_is_a_card,
)
"""What is wrong before a word is read."""
