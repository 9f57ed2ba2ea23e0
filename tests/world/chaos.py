"""
Make up a journal that no bank would write: everything happens to few customers, in any order.

Ids, times and amounts come from small pots, so that repeats, ties, late events, full rows and
caps that bind are the rule and not the exception. Two implementations that agree here agree.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from tests.checker.oracle_customer import Facts


START: Final = 1_700_000_000_000
HOUR: Final = 3_600_000
DAY: Final = 86_400_000
TENANTS: Final = ("acme", "evil")
CARD_EVENTS: Final = ("card.issued", "card.activated", "wallet.bound", "txn.posted")
EVENTS: Final = (*CARD_EVENTS, "txn.reversed", "statement.issued", "repayment.received")
RECEIPTS: Final = ("accepted", "delivered", "failed", "expired", "unknown", "blocked_optout")
CLASSES: Final = ("marketing", "marketing", "servicing", "mandatory")


class Chaos:
    """
    A journal partition, envelope by envelope.

    Attributes:
        sent: (tenant, customer token, trigger id) of what went out; receipts speak of these.
    """

    def __init__(self, seed: int) -> None:
        """Begin at START with nothing published."""
        self.sent: list[tuple[str, str, str]] = []
        self._random = Random(seed)  # noqa: S311 (a made-up journal, no secret)
        self._now = START
        self._watermarks = dict.fromkeys(TENANTS, START - DAY)
        self._versions: dict[tuple[str, str], int] = {}
        self._number = 0
        self._past: list[Facts] = []

    def envelopes(self, count: int) -> Iterator[Facts]:
        """Yield so many envelopes."""
        random = self._random
        for place in range(count):
            self._now += random.choice((0, 1, 1_000, HOUR, 5 * HOUR, DAY))
            tenant = random.choice(TENANTS)
            dice = random.random()
            if place < 8 or dice < 0.01:
                yield self._control(tenant, self._policy(tenant))
            elif dice < 0.02:
                yield self._control(tenant, self._switch())
            elif dice < 0.15:
                yield self._tick(tenant)
            elif dice < 0.22 and self._past:
                yield self._again()
            else:
                yield self._event(tenant)

    def _envelope(self, tenant: str, token: str, at: int, record: Facts) -> Facts:
        random = self._random
        self._number += 1
        envelope = {
            "v": 1,
            "tenant": tenant,
            "customer_token": token,
            "journal_at_ms": self._now,
            "occurred_at_ms": at,
            "event_id": f"e{self._number}",
            "event_source": random.choice(("/core", "/core", "/core", "/other")),
            "source": ["somewhere", 0, self._number],
            "lateness_ms": random.choice((0, 0, 1_000, HOUR)),
            "backfill": random.random() < 0.03,
            "key_id": "",
            "semantics_version": 1,
            "record": record,
        }
        self._past.append(envelope)
        return envelope

    def _again(self) -> Facts:
        """Return an envelope of before at a new place, as a producer's retry becomes."""
        return self._random.choice(self._past[-200:]) | {"journal_at_ms": self._now}

    def _tick(self, tenant: str) -> Facts:
        random = self._random
        last = self._watermarks[tenant]
        mark = max(last, self._now - random.choice((1, 1_000, DAY, 3 * DAY)))
        self._watermarks[tenant] = mark
        record = {"event_type": "tick", "now_at_ms": self._now, "watermark_at_ms": mark}
        record["backfill"] = random.random() < 0.1
        tick = self._envelope(tenant, "", self._now, record)
        self._past.pop()
        return tick | {"event_source": "cardcue/clock"}

    def _control(self, tenant: str, record: Facts) -> Facts:
        return self._envelope(tenant, "", self._now, record)

    def _switch(self) -> Facts:
        random = self._random
        if random.random() < 0.3:
            live_from = random.choice((0, self._now - DAY, self._now + 3 * DAY))
            return {"event_type": "tenant.configured", "live_from_ms": live_from}
        return {
            "event_type": "kill_switch.set",
            "engaged": random.random() < 0.4,
            "campaign_id": random.choice(("", "absent", "silent", "billed", "bought")),
            "reason": "",
        }

    def _event(self, tenant: str) -> Facts:
        random = self._random
        token = f"c{random.randrange(4)}"
        at = self._now - random.choice((0, 0, 1, HOUR, DAY, 4 * DAY, 30 * DAY, 91 * DAY))
        dice = random.random()
        if dice < 0.12:
            record = self._consent()
        elif dice < 0.25 and self.sent:
            tenant, token, trigger_id = random.choice(self.sent[-30:])
            at = self._now
            record = self._receipt(trigger_id if random.random() < 0.9 else "unheard-of")
        else:
            record = self._card_event(random.choices(EVENTS, (2, 2, 1, 8, 1, 2, 1))[0])
        return self._envelope(tenant, token, at, record)

    def _consent(self) -> Facts:
        random = self._random
        return {
            "event_type": "consent.changed",
            "purpose": random.choice(("marketing", "marketing", f"p{random.randrange(20)}")),
            "channel": random.choice(("sms", "push")),
            "status": random.choices(("granted", "denied", "revoked"), (6, 1, 1))[0],
            "evidence_ref": "",
        }

    def _receipt(self, trigger_id: str) -> Facts:
        random = self._random
        return {
            "event_type": "delivery.receipt",
            "receipt_id": f"r{self._number}",
            "trigger_id": trigger_id,
            "channel": "sms",
            "status": random.choice(RECEIPTS),
            "attempt": 1,
            "raw_status": "",
        }

    def _card_event(self, kind: str) -> Facts:
        random = self._random
        few = random.random() < 0.9
        event: Facts = {
            "event_type": kind,
            "card_token": f"k{random.randrange(3 if few else 25)}",
        }
        statement = random.choice(("s0", "s1", "s2"))
        if kind in ("txn.posted", "txn.reversed"):
            event |= {"txn_id": f"t{random.randrange(50)}"}
            event |= {"amount_minor": random.choice((0, 1, 100, 300, 301, 10_000))}
            event["currency"] = random.choice(("CNY", "CNY", "CNY", f"C{random.randrange(10, 14)}"))
        elif kind == "statement.issued":
            event |= {"statement_id": statement, "total_due_minor": random.choice((0, 999, 1_000))}
            event |= {"min_due_minor": 0, "currency": "CNY", "due_date": "2024-01-01"}
            event["instalment_eligible"] = random.random() < 0.8
        elif kind == "repayment.received":
            event |= {"repayment_id": "r", "amount_minor": 1, "currency": "CNY"}
            event["statement_id"] = random.choice((statement, ""))
        return event

    def _policy(self, tenant: str) -> Facts:
        """Return a campaign of any kind, in a version that is mostly the next."""
        random = self._random
        name = random.choice(("absent", "silent", "billed", "bought"))
        kind = name
        if random.random() < 0.05:
            kind = random.choice(("absent", "billed", "silent"))  # mostly of another kind: refused
        version = max(1, self._versions.get((tenant, name), 0) + random.choice((1, 1, 1, 0)))
        self._versions[tenant, name] = version
        delays = random.sample(
            (0, 1, HOUR, DAY, 3 * DAY, 7 * DAY, 99 * DAY), random.randrange(1, 4)
        )
        policy: Facts = {
            "id": name,
            "version": version,
            "tenant": tenant,
            "title": name,
            "owner": "chaos",
            "stage": "activate",
            "trigger_type": name,
            "message_class": random.choice(CLASSES),
            "purpose": "marketing",
            "entry": self._entry(kind),
            "occurrence": random.choice(("card", "statement", "txn")),
            "steps": [{"id": f"s{n}", "delay_ms": delay} for n, delay in enumerate(delays)],
            "treatment": self._treatment(version),
            "exit_on": random.sample(EVENTS, random.randrange(3)),
            "caps": self._caps(),
            "priority": random.choice((10, 50, 50, 90)),
            "expires_after_ms": DAY,
        }
        return {
            "event_type": "policy.published",
            "campaign": policy,
            "policy_hash": f"h-{name}-{version}",
            "author": "",
            "signatures": [],
        }

    def _treatment(self, version: int) -> Facts:
        channel = self._random.choice(("sms", "push"))
        return {"channel": channel, "template_id": "t", "template_version": version}

    def _caps(self) -> list[Facts]:
        random = self._random
        return [
            {
                "scope": random.choice(("campaign", "all")),
                "count": random.choice((1, 2, 3)),
                "window_ms": random.choice((1, HOUR, DAY, 7 * DAY)),
            }
            for _ in range(random.randrange(3))
        ]

    def _entry(self, kind: str) -> dict[str, Any]:
        random = self._random
        if kind == "absent":
            after, without = random.sample(EVENTS, 2)
            return {"kind": "absence", "after": after, "without": without}
        if kind == "silent":
            return {
                "kind": "silence",
                "r": random.choice((0.243, 1.0)),
                "alpha": random.choice((4.414, 0.5)),
                "a": random.choice((0.793, 1.0)),
                "b": random.choice((2.426, 1.0)),
                "unit_ms": random.choice((DAY, 7 * DAY)),
                "alive_ppm": random.choice((1, 200_000, 500_000, 999_999, 1_000_000)),
                "rate_ppm_min": random.choice((0, 20_000, 200_000)),
                "repeat_count_min": random.choice((1, 1, 3)),
            }
        on_bill = {"on": "statement.issued", "total_due_minor_min": 1_000}
        on_bill["instalment_eligible"] = random.random() < 0.5
        on_purchase = {"on": "txn.posted", "amount_minor_min": random.choice((0, 300))}
        on_purchase |= {"own_mean_percent_min": random.choice((0, 100, 300))}
        on_purchase["spend_count_min"] = random.choice((0, 1, 3))
        if kind == "billed":
            return {"kind": "event", "any_of": [on_bill, on_purchase]}
        return {"kind": "event", "any_of": [on_purchase]}
