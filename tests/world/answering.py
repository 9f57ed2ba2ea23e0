"""
Answer what goes out, as gateways and an offer system would: receipts, opt-outs, refusals.

What each says follows from the trigger's id, so the same world gives the same answers. Campaigns
get fallbacks, wordings and a gift with few units and little money for it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from cli.demo.bank import BankRecord
from tests.checker.identity import Facts
from tests.world.folded_world import FoldedWorld


CHANNELS: Final = ("sms", "push", "email", "voice", "wechat", "in_app")
SAID: Final = (
    *("failed", "failed", "failed", "failed", "rejected", "rejected", "blocked_optout", "expired"),
    *("delivered", "delivered", "delivered", "delivered", "delivered", "unknown", "late", "late"),
)
"""By a digit of the trigger's id; `late` is delivered after it was called failed."""

GRANTED: Final = ("granted", "granted", "refused", "expired")
WORDINGS: Final = (("first", "sms"), ("second", "push"), ("third", "email"))
"""The third is not approved by all."""

INVENTORY: Final = 30
BUDGET_MINOR: Final = 60


def spoken(campaign: Facts) -> Facts:
    """Return a campaign with channels to fall back to; what is marketing promises a gift."""
    slots = [
        {"channel": channel, "template_id": name, "template_version": 1}
        for name, channel in WORDINGS
    ]
    fallbacks = [one | {"after": ["failed", "rejected", "blocked_optout"]} for one in slots[1:]]
    made = campaign | {"treatment": slots[0], "fallbacks": fallbacks}
    if campaign["message_class"] != "marketing":
        return made
    money = {"budget_minor": BUDGET_MINOR, "contact_cost_minor": 1, "base_rate_ppm": 1_000_000}
    return made | {"offer": "gift", "value_minor": 9, "caps": [], "cool_down_ms": 0} | money


def controls(tenant: str, at_ms: int, said: str) -> list[BankRecord]:
    """Return what approves two wordings and defines the gift, `said` to be at this RFC 3339."""
    known = [
        ("template.approved", {"template": _wording(name, channel)})
        for name, channel in WORDINGS[:2]
    ]
    gift = {"id": "gift", "version": 1, "inventory_count": INVENTORY, "valid_ms": 86_400_000}
    known.append(("offer.defined", {"offer": gift | {"unit_cost_minor": 5}}))
    return [
        _record(
            "marketing.control.v1",
            at_ms,
            {"id": f"{tenant}-{kind}-{n}", "type": kind, "occurred_at": said, "tenant": tenant},
            data,
        )
        for n, (kind, data) in enumerate(known)
    ]


def _wording(name: str, channel: str) -> Facts:
    return {"id": name, "version": 1, "channel": channel, "text": "hello", "variables": []}


def _record(topic: str, at_ms: int, said: Facts, data: Facts) -> BankRecord:
    value = msgspec.json.encode(said | data)
    return BankRecord(topic, b"", value, (), at_ms, at_ms)


class AnsweredWorld(FoldedWorld):
    """A world in which whatever goes out is answered at the next moment."""

    def __init__(self, tenants: tuple[str, ...]) -> None:
        """Make empty topics; nothing has gone out yet."""
        super().__init__(tenants)
        self._answered_to: dict[tuple[str, int], int] = {}

    def settle(self, read_at_ms: int) -> None:
        """Let every task read all there is; then answer, to be read the next time."""
        super().settle(read_at_ms)
        said = datetime.fromtimestamp(read_at_ms // 1_000, UTC).isoformat()
        for one in self._answers(read_at_ms, said):
            self.append(one.topic, 0, read_at_ms, one.key, one.value, one.headers)

    def rest(self, read_at_ms: int) -> None:
        """Let every task read all there is, with nobody to answer any more."""
        super().settle(read_at_ms)

    def _answers(self, at_ms: int, said: str) -> Iterator[BankRecord]:
        """Yield what is said of what went out since; `said` is the moment in RFC 3339."""
        for channel in CHANNELS:
            for trigger in self._unread(f"marketing.triggers.{channel}.v1"):
                if "idempotency_key" in trigger:
                    yield from _receipts(trigger, at_ms, said)
        for asked in self._unread("marketing.offers.v1"):
            yield _result(asked, at_ms, said)

    def _unread(self, topic: str) -> list[Any]:
        found = []
        for partition, records in enumerate(self.topics[topic]):
            begin = self._answered_to.get((topic, partition), 0)
            found += [msgspec.json.decode(one.value or b"{}") for one in records[begin:]]
            self._answered_to[topic, partition] = len(records)
        return found


def _receipts(trigger: Facts, at_ms: int, said: str) -> Iterator[BankRecord]:
    told = SAID[int(trigger["trigger_id"][0], 16)]
    for status in ("failed", "delivered") if told == "late" else (told,):
        about = _about(trigger, status, "delivery.receipt", said)
        data = {"receipt_id": "r", "channel": trigger["channel"], "status": status}
        yield _record("gateway.receipt.v1", at_ms, about, data)


def _result(asked: Facts, at_ms: int, said: str) -> BankRecord:
    status = GRANTED[int(asked["reservation_id"][0], 16) % 4]
    data = {"reservation_id": asked["reservation_id"], "status": status}
    about = _about(asked, "result", "offer.result", said)
    return _record("gateway.response.v1", at_ms, about, data)


def _about(one: Facts, mark: str, kind: str, said: str) -> Facts:
    names = ("tenant", "customer_token", "trigger_id")
    about = {"id": f"{mark}-{one['trigger_id']}", "type": kind, "occurred_at": said}
    return about | {name: one[name] for name in names}
