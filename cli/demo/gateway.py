"""
Stand in for the gateways: take each trigger once, and say afterwards what became of it.

Their answers carry the time of the history, not of today. That a message was delivered is reported
at once. What failed is reported when the histories are over: a failure gives the customer's cap
back, or lets another channel be tried while the trigger has not expired, and how many days of
history go by before a report arrives depends on the machine, so the same seed would not give the
same triggers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from confluent_kafka import Message

from cli.demo.echo import Said, echo
from cli.demo.loader import Outgoing
from schemas.codec import decode_trigger
from schemas.decisions import Trigger
from schemas.routing import TRIGGER_TOPICS


TRIGGERS: Final = frozenset(TRIGGER_TOPICS.values())
CANCELLED: Final = ("ce_type", b"trigger.cancelled.v1")
"""Comes too late for this gateway, which delivers or fails at once."""

FAILED_PERCENT: Final[Mapping[str, int]] = {"sms": 4, "push": 50}
"""By channel; a push does not reach who has removed the app."""

SECONDS_TO_DELIVER: Final = 7
SECONDS_TO_FAIL: Final = 3_600


class Gateway:
    """What the gateway knows: the ids it has seen, and what it has not reported yet."""

    def __init__(self) -> None:
        """Start without a trigger."""
        self.received: Counter[tuple[str, str]] = Counter()
        """Triggers by tenant and campaign."""
        self.repeated_count = 0
        """Triggers that came with an id seen before: none, unless a decision was doubled."""
        self._seen: set[str] = set()
        self._failed: list[Trigger] = []

    @property
    def has_failures(self) -> bool:
        """Return whether there are failures that were not reported."""
        return bool(self._failed)

    @property
    def trigger_ids(self) -> frozenset[str]:
        """Return every id, once."""
        return frozenset(self._seen)

    @property
    def received_count(self) -> int:
        """Return how many triggers have come, repeats too."""
        return self.received.total()

    def take(self, messages: Iterable[Message]) -> Iterator[Trigger]:
        """Yield each new trigger, once."""
        for message in messages:
            value = message.value()
            if value is None or message.topic() not in TRIGGERS:
                continue
            if CANCELLED in (message.headers() or ()):
                continue
            trigger = decode_trigger(value)
            self.received[trigger.tenant, trigger.campaign_id] += 1
            if trigger.idempotency_key in self._seen:
                self.repeated_count += 1
                continue
            self._seen.add(trigger.idempotency_key)
            yield trigger

    def deliver(self, trigger: Trigger) -> Iterator[Outgoing]:
        """Yield the report of a delivery; keep a failure for later."""
        if failed(trigger):
            self._failed.append(trigger)
        else:
            yield receipt(trigger, "delivered", SECONDS_TO_DELIVER)

    def report_failures(self) -> Iterator[Outgoing]:
        """Yield a report of each failure that was kept, the oldest first, and forget them."""
        failures, self._failed = self._failed, []
        # which of two gives its place back first may decide whether another is tried
        for trigger in sorted(failures, key=lambda one: (one.issued_at_ms, one.trigger_id)):
            yield receipt(trigger, "failed", SECONDS_TO_FAIL)


def failed(trigger: Trigger) -> bool:
    """Return whether the message does not reach its customer: the same for the same trigger."""
    return int(trigger.trigger_id[-4:], 16) % 100 < FAILED_PERCENT[trigger.channel]


def receipt(trigger: Trigger, status: str, seconds: int) -> Outgoing:
    """Return a gateway's report."""
    receipt_id = f"receipt-{trigger.trigger_id}"
    at_ms = trigger.issued_at_ms + seconds * 1_000
    said = Said("delivery.receipt", receipt_id, f"/gateways/{trigger.channel}", at_ms)
    body = {
        "receipt_id": receipt_id,
        "trigger_id": trigger.trigger_id,
        "channel": trigger.channel,
        "status": status,
    }
    return echo(said, trigger.tenant, trigger.customer_token, body)
