"""
What a case of the corpus is, and how good events are written, from which bad ones are made.

Nothing of the code under test is in here: what must become of a case is worked out where the case
is made, from docs/core.md. Every case is about a customer of its own.
"""

import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple


Json = dict[str, Any]
Headers = Sequence[tuple[str, bytes | None]]

TENANT: Final = "bank-a"
OTHER_TENANT: Final = "bank-b"
TENANTS: Final = (TENANT, OTHER_TENANT)
"""What the settings say; every topic is bound to `*`, so that the producer names the tenant."""

APPLIED: Final = "applied"
CASES_A_CLASS: Final = 72


class Case(NamedTuple):
    """
    A source record and what must become of it.

    `outcome` is `applied`, or the reason for which it is ignored or rejected; `tenant` is whose
    record it is, as far as that is known when it is refused.
    """

    outcome: str
    topic: str
    value: bytes | None
    headers: Headers = ()
    key: bytes | None = b"as upstream likes"
    tenant: str = TENANT


SEEDS: Final[dict[str, tuple[str, Json]]] = {
    "txn.posted": (
        "card.spend.v1",
        {"txn_id": "t-1", "card_token": "k-1", "amount_minor": 1_999, "currency": "CNY"},
    ),
    "txn.reversed": (
        "card.spend.v1",
        {"txn_id": "t-1", "card_token": "k-1", "amount_minor": 500, "currency": "EUR"},
    ),
    "card.issued": (
        "card.issue.v1",
        {"card_token": "k-1", "product_code": "gold", "issue_type": "new"},
    ),
    "card.activated": ("card.activation.v1", {"card_token": "k-1", "entry_channel": "app"}),
    "wallet.bound": ("card.bind.v1", {"card_token": "k-1", "wallet": "alipay"}),
    "statement.issued": (
        "card.repayment.v1",
        {
            "statement_id": "s-1",
            "card_token": "k-1",
            "total_due_minor": 400_000,
            "min_due_minor": 40_000,
            "currency": "CNY",
            "due_date": "2026-04-01",
        },
    ),
    "limit.changed": (
        "card.limit.v1",
        {"card_token": "k-1", "new_limit_minor": 5_000_000, "currency": "USD", "kind": "temp"},
    ),
    "instalment.created": (
        "card.instalment.v1",
        {
            "plan_id": "p-1",
            "card_token": "k-1",
            "principal_minor": 400_000,
            "currency": "CNY",
            "term_count": 12,
            "annual_rate_bp": 1_300,
            "confirmed_by_customer": True,
        },
    ),
    "consent.changed": (
        "customer.profile.v1",
        {"purpose": "marketing", "channel": "sms", "status": "granted"},
    ),
    "risk.flagged": ("customer.risk.v1", {"flag_id": "f-1", "flag_class": "fraud"}),
}
"""Event types with their topics and own fields, written by hand: every field here is declared."""

ANSWERS: Final[dict[str, tuple[str, Json]]] = {
    "delivery.receipt": (
        "gateway.receipt.v1",
        {"receipt_id": "r-1", "trigger_id": "g-1", "channel": "sms", "status": "delivered"},
    ),
    "response.recorded": (
        "gateway.response.v1",
        {"response_id": "r-1", "trigger_id": "g-1", "channel": "push", "kind": "click"},
    ),
    "offer.result": (
        "gateway.response.v1",
        {"reservation_id": "r-1", "trigger_id": "g-1", "status": "redeemed"},
    ),
}
"""What gateways say of a trigger."""

MONEY: Final = {
    "txn.posted": "amount_minor",
    "txn.reversed": "amount_minor",
    "statement.issued": "total_due_minor",
    "limit.changed": "new_limit_minor",
    "instalment.created": "principal_minor",
}
"""The field of each event that is money; it has a currency, too."""


class Pen:
    """
    Writes events about customers of their own, in every form; chance is seeded.

    Attributes:
        chance: what the classes draw from.
        now_ms: when all this happens.
    """

    def __init__(self, seed: int, now_ms: int) -> None:
        """Begin at the first customer."""
        self.chance = Random(seed)  # noqa: S311 (the same each time)
        self.now_ms = now_ms
        self._numbers = itertools.count()

    def time(self, ahead_ms: int = -2_000) -> str:
        """Return a time as RFC 3339."""
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=self.now_ms + ahead_ms)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def plain(self, event_type: str, **changed: Any) -> tuple[str, Json]:  # noqa: ANN401 (any field)
        """Return topic and body of a plain event; a value of `...` takes a field out."""
        topic, own = (SEEDS | ANSWERS)[event_type]
        number = next(self._numbers)
        body = {
            "id": f"e-{number}",
            "type": event_type,
            "occurred_at": self.time(),
            "customer_token": f"c-{number}",
            **own,
            **changed,
        }
        return topic, {name: value for name, value in body.items() if value is not ...}

    def cloud(self, event_type: str, **changed: Any) -> tuple[str, Json]:  # noqa: ANN401 (any member)
        """Return topic and body of a CloudEvent as one JSON object; `...` takes a member out."""
        topic, own = (SEEDS | ANSWERS)[event_type]
        number = next(self._numbers)
        event = {
            "specversion": "1.0",
            "id": f"e-{number}",
            "source": "/core",
            "type": f"{event_type}.v1",
            "time": self.time(),
            "subject": f"c-{number}",
            "data": own,
            **changed,
        }
        return topic, {name: value for name, value in event.items() if value is not ...}

    def headers(self, event_type: str, **changed: bytes | None) -> dict[str, bytes]:
        """Return the headers of a CloudEvent in binary form; None takes one out."""
        number = next(self._numbers)
        headers: dict[str, bytes | None] = {
            "ce_specversion": b"1.0",
            "ce_id": b"e-%d" % number,
            "ce_source": b"/core",
            "ce_type": event_type.encode(),
            "ce_time": self.time().encode(),
            "ce_subject": b"c-%d" % number,
            "ce_tenantid": TENANT.encode(),
            **changed,
        }
        return {name: raw for name, raw in headers.items() if raw is not None}

    def any_type(self) -> str:
        """Return one of the seeds."""
        return self.chance.choice(sorted(SEEDS))


NAMED: Final = (("ce_tenantid", TENANT.encode()),)
"""What a trusted producer says beside plain and structured events."""


def case(outcome: str, written: tuple[str, Json], **others: Any) -> Case:  # noqa: ANN401 (of a case)
    """Return a case whose value is this JSON."""
    topic, body = written
    return Case(outcome, topic, as_bytes(body), **{"headers": NAMED, **others})


def as_bytes(body: Json) -> bytes:
    """Return JSON as a producer prints it: by another library than ours, with no escapes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def beside(value: bytes, member: bytes) -> bytes:
    """Return a JSON object with one member more, at its beginning."""
    return value.replace(b"{", b"{" + member + b",", 1)
