"""
Send what waits, hear what became of it: the state machine between the store and the provider.

    received -> submitting -> submitted -> final

`submitting` is on the disk before the provider is called, `submitted` after it has answered; a
crash in between leaves `submitting`, which means: nobody knows (SEMANTICS G2).
"""

from collections.abc import Collection
from typing import Final, NamedTuple

import structlog

from cli.gateway.book import Book
from cli.gateway.pacing import Bucket, Lane, Pacing
from cli.gateway.provider import (
    Accepted,
    Busy,
    DeliveryReport,
    FateUnknownError,
    Outbound,
    Provider,
    Refused,
    Reply,
    Report,
)
from cli.gateway.store import Message
from cli.gateway.templates import TemplateError, Templates
from schemas.codec import decode_trigger
from schemas.events import ReceiptStatus


SUBMITS_PER_TURN: Final = 50
TURN_MS_MAX: Final = 1_000
"""So that a kill switch is never behind more than so many messages, or so slow a provider."""
ENDS_PER_TURN: Final = 500
SWITCH_AGE_MS_MAX: Final = 5_000
"""A gateway that has not looked at the kill switch for so long sends nothing (SEMANTICS O6)."""
PRUNE_MS: Final = 60_000

_LOG: Final = structlog.get_logger(__name__)


class Ready(NamedTuple):
    """A message whose text is filled, and by which signature it goes."""

    message: Message
    text: str
    sender_profile: str


class Desk:
    """The gateway's hands; one thread at a time."""

    def __init__(
        self, book: Book, provider: Provider, templates: Templates, tenants: Collection[str]
    ) -> None:
        """Prepare; nothing is sent before `recover` and `switches_read`."""
        self._book = book
        self._provider = provider
        self._templates = templates
        self._pacing = Pacing(tenants, book.settings.ports)
        self._switches_read_at_ms = 0
        self._pruned_at_ms = 0

    def recover(self) -> None:
        """Settle what was on its way to the provider when the gateway ended."""
        with self._book.store.transaction():
            for message in self._book.store.submitting():
                self._book.doubt(message)

    def switches_read(self, at_ms: int) -> None:
        """Take note that every kill switch known at this time has been taken."""
        self._switches_read_at_ms = at_ms

    def switches_fresh(self) -> bool:
        """Return whether the kill switches were read lately enough to send anything."""
        return self._book.clock() - self._switches_read_at_ms < SWITCH_AGE_MS_MAX

    def turn(self) -> bool:
        """Do what is due; return whether there is more to do at once."""
        self._expire()
        more = self._hear()
        self._give_up_waiting()
        more = self._submit() or more
        self._prune()
        self._book.meters.waiting.set(self._book.store.waiting_count())
        return more

    def _expire(self) -> None:
        """End what was not sent in time."""
        store, now_ms = self._book.store, self._book.clock()
        with store.transaction():
            for message in store.past("received", now_ms, ENDS_PER_TURN):
                self._book.end_unsent(message, "expired")

    def _give_up_waiting(self) -> None:
        """End what the provider has never reported about: silence is no news."""
        store = self._book.store
        expired_by_ms = self._book.clock() - self._book.settings.report_wait_ms
        with store.transaction():
            for message in store.past("submitted", expired_by_ms, ENDS_PER_TURN):
                self._book.end(message, "unknown", "NO_REPORT")

    def _hear(self) -> bool:
        """Store the provider's reports, then confirm them; return whether there were any."""
        reports = self._provider.reports()
        if reports:
            with self._book.store.transaction():
                for report in reports:
                    self._take_report(report)
            self._provider.confirm(reports)
        return bool(reports)

    def _take_report(self, report: Report) -> None:
        message = self._book.store.reported(report.gateway_msg_id)
        if message is not None and not isinstance(report, DeliveryReport):
            self._book.respond(message, report)
        elif (
            message is not None and isinstance(report, DeliveryReport) and message.state != "final"
        ):
            self._book.end_reported(message, report)
        else:
            self._book.meters.unmatched.inc()

    def _submit(self) -> bool:
        """Send one message of each lane in turn; return whether the turn ended before they did."""
        until_ms = self._book.clock() + TURN_MS_MAX
        lanes, tried_count, moved = self._pacing.lanes(), 0, True
        while moved and tried_count < SUBMITS_PER_TURN and self._book.clock() < until_ms:
            moves = [self._submit_next(lane) for lane in lanes]
            tried_count += sum(moves)
            moved = any(moves)
        return moved

    def _submit_next(self, lane: Lane) -> bool:
        """Send the next message of a lane; return False where none may go now."""
        now_ms, bucket = self._book.clock(), self._pacing.bucket(lane)
        if not self.switches_fresh() or not bucket.has(now_ms):
            return False
        message = self._book.store.next_due(lane, now_ms)
        if message is None:
            return False
        ready = self._prepare(message)
        if ready is not None:
            bucket.take()
            self._send(ready, bucket)
        return True

    def _prepare(self, message: Message) -> Ready | None:
        """Store that a message is on its way, or end it; None where it has ended."""
        book = self._book
        with book.store.transaction():
            try:
                trigger = decode_trigger(message.value or b"")
                text = self._templates.fill(trigger)
            except TemplateError as error:  # the folder has changed since it was taken
                book.end_unsent(message, "rejected", error.problem)
                return None
            attempt = message.attempt + 1
            on_its_way = book.store.change(message, state="submitting", attempt=attempt)
            return Ready(on_its_way, text, trigger.sender_profile)

    def _send(self, ready: Ready, bucket: Bucket) -> None:
        """Call the provider, unless the disk was so slow that it has become too late."""
        message, book = ready.message, self._book
        if book.clock() >= message.expires_at_ms:
            with book.store.transaction():
                book.end_unsent(message, "expired")
            return
        try:
            answer = self._provider.submit(
                Outbound(
                    message.key,
                    message.attempt,
                    message.tenant,
                    message.port,
                    message.customer_token,
                    ready.text,
                    message.expires_at_ms,
                    ready.sender_profile,
                )
            )
        except FateUnknownError:
            _LOG.warning("had no answer from the provider", tenant=message.tenant)
            with book.store.transaction():
                book.doubt(message)
            return
        with book.store.transaction():
            self._take_answer(message, answer, bucket)

    def _take_answer(
        self, message: Message, answer: Accepted | Refused | Busy, bucket: Bucket
    ) -> None:
        book, now_ms = self._book, self._book.clock()
        if isinstance(answer, Busy):  # it was surely not sent
            book.store.change(message, state="received")
            bucket.hold(now_ms + answer.retry_after_ms)
        elif isinstance(answer, Refused):
            status: ReceiptStatus = "blocked_optout" if answer.opted_out else "rejected"
            book.end_unsent(message, status, answer.raw_status)
            if answer.opted_out:
                reply_id = f"{message.key}.refused"
                book.respond(message, Reply(reply_id, "", now_ms, "optout"))
        else:
            sent = book.store.change(
                message,
                state="submitted",
                submitted_at_ms=now_ms,
                gateway_msg_id=answer.gateway_msg_id,
            )
            book.answer(sent, "submitted")
            book.meters.submitted.labels(message.tenant).inc()
            book.meters.seconds.observe((now_ms - message.issued_at_ms) / 1_000)

    def _prune(self) -> None:
        now_ms = self._book.clock()
        if now_ms - self._pruned_at_ms < PRUNE_MS:
            return
        self._pruned_at_ms = now_ms
        with self._book.store.transaction():
            self._book.store.prune(now_ms, self._book.settings.kept_after_expiry_ms)
