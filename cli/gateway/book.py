"""
Answer for messages: every change of state and the receipt that tells of it are one write.

Each message ends once. One that may have reached the customer never ends as if it had not: a
receipt that denies the contact would give its cap back (SEMANTICS C1).
"""

from collections.abc import Callable
from typing import Final

from cli.gateway import answers
from cli.gateway.answers import Told
from cli.gateway.meters import Meters
from cli.gateway.provider import DeliveryReport, Reply
from cli.gateway.settings import GatewaySettings
from cli.gateway.store import Message, Store
from schemas.events import ReceiptStatus


OPTOUT_GRACE_MS: Final = 60_000
"""Triggers issued so shortly after a STOP were decided before the house could have read of it."""


class Book:
    """The store, and how a gateway answers; for inside of a transaction."""

    def __init__(
        self, store: Store, settings: GatewaySettings, clock: Callable[[], int], meters: Meters
    ) -> None:
        """Keep the parts; `clock` returns wall time, epoch milliseconds UTC."""
        self.store = store
        self.settings = settings
        self.clock = clock
        self.meters = meters

    def answer(
        self,
        message: Message,
        status: ReceiptStatus,
        raw_status: str = "",
        report: DeliveryReport | None = None,
    ) -> None:
        """Store a receipt; one that was told before is not told again."""
        told = Told(status, self.clock(), raw_status)
        if report is not None:
            seen = (report.at_ms, report.raw_status, report.segment_count, report.cost_minor)
            told = Told(status, *seen)
        keep_until_ms = self._keep_until_ms(message)
        outgoing = answers.receipt(message, self.settings.channel, told, keep_until_ms)
        if self.store.put_out(outgoing):
            self.meters.receipts.labels(status).inc()

    def respond(self, message: Message, reply: Reply) -> None:
        """Store what a customer did with a message; a STOP ends what waits for that customer."""
        keep_until_ms = self._keep_until_ms(message)
        self.store.put_out(answers.response(message, self.settings.channel, reply, keep_until_ms))
        if reply.kind == "optout":
            self.opt_out(message, reply.at_ms)

    def opt_out(self, message: Message, at_ms: int) -> None:
        """Note a STOP, and end what waits for that customer and was decided without it."""
        tenant, customer_token = message.tenant, message.customer_token
        self.store.opt_out(tenant, customer_token, at_ms)
        for waiting in self.store.waiting_of_customer(tenant, customer_token):
            if self.opted_out(waiting):
                self.end_unsent(waiting, "blocked_optout", "STOP")

    def opted_out(self, message: Message) -> bool:
        """Return whether the customer's STOP came before this could have been decided."""
        if message.message_class == "mandatory":
            return False
        said_at_ms = self.store.opted_out_at_ms(message.tenant, message.customer_token)
        return said_at_ms > 0 and message.issued_at_ms <= said_at_ms + OPTOUT_GRACE_MS

    def end(
        self,
        message: Message,
        status: ReceiptStatus,
        raw_status: str = "",
        report: DeliveryReport | None = None,
    ) -> None:
        """Give a message its final status."""
        self.store.change(message, state="final", final_status=status)
        self.answer(message, status, raw_status, report)

    def end_unsent(self, message: Message, status: ReceiptStatus, raw_status: str = "") -> None:
        """End what this attempt has not sent; what an earlier one may have sent is unknown."""
        if message.doubtful:
            self.end(message, "unknown", raw_status)
        else:
            self.end(message, status, raw_status)

    def end_reported(self, message: Message, report: DeliveryReport) -> None:
        """End a message as reported; what an earlier attempt may have sent has not failed."""
        may_be_there = message.doubtful and report.status == "failed"
        self.end(message, "unknown" if may_be_there else report.status, report=report)

    def doubt(self, message: Message) -> None:
        """
        Take note that nobody knows whether a message was sent (SEMANTICS G2).

        Marketing ends here. What must arrive is sent again under the same key.
        """
        if message.on_unknown == "drop":
            self.end(message, "unknown")
            return
        again_at_ms = self.clock() + self.settings.retry_after_ms
        self.store.change(message, state="received", doubtful=True, due_at_ms=again_at_ms)

    def _keep_until_ms(self, message: Message) -> int:
        later_ms = max(message.expires_at_ms, self.clock())
        return later_ms + self.settings.kept_after_expiry_ms
