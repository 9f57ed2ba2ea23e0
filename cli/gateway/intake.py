"""
Take what the house says: triggers, cancellations, kill switches; the store has it when it returns.

Nothing is sent here. A key that was seen is never sent again, whoever repeats it and why.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import structlog

from cli.gateway.book import Book
from cli.gateway.reading import Cancelled, Identity, Reader, Requested, Unreadable
from cli.gateway.store import Message
from cli.gateway.templates import TemplateError, Templates
from schemas.events import KillSwitchSet
from schemas.incoming import Incoming, SourceReader
from schemas.records import SourceRecord
from schemas.rejects import RejectedError
from schemas.routing import SourceBinding
from streams.topic_table import TRIGGER_RETENTION_MS


CONTROL_CONTRACT: Final = "marketing.control.v1"

_LOG: Final = structlog.get_logger(__name__)


class Intake:
    """The gateway's ear."""

    def __init__(
        self,
        book: Book,
        templates: Templates,
        tenants: Collection[str],
        bindings: Sequence[SourceBinding],
    ) -> None:
        """Prepare; `bindings` say which topics carry control records, and of whom."""
        self._book = book
        self._templates = templates
        self._reader = Reader(book.settings, tenants)
        self._control = {
            binding.topic: SourceReader(binding, tenants)
            for binding in bindings
            if (binding.contract or binding.topic) == CONTROL_CONTRACT
        }

    @property
    def control_topics(self) -> Collection[str]:
        """The topics that carry kill switches."""
        return self._control.keys()

    def take(self, records: Sequence[SourceRecord]) -> None:
        """Store records of the trigger topic; their offsets may be committed afterwards."""
        with self._book.store.transaction():
            for record in records:
                self._take(record)

    def take_control(
        self, records: Sequence[SourceRecord], positions: Mapping[tuple[str, int], int]
    ) -> None:
        """Store kill switches, what they end, and where to go on reading: one write."""
        with self._book.store.transaction():
            for record in records:
                event = self._control_event(record)
                if event is not None and isinstance(event.record, KillSwitchSet):
                    self._switch(event, event.record)
            for (topic, partition), next_offset in positions.items():
                self._book.store.switches.move(topic, partition, next_offset)

    def _take(self, record: SourceRecord) -> None:
        found = self._reader.read(record)
        if isinstance(found, Requested):
            self._book.meters.received.inc()
            self._request(found)
        elif isinstance(found, Cancelled):
            self._cancel(found)
        else:
            self._refuse(record, found)

    def _request(self, found: Requested) -> None:
        """Store a trigger once; answer at once what is known at once."""
        trigger, book = found.trigger, self._book
        seen = book.store.seen(trigger.tenant, trigger.idempotency_key, trigger.trigger_id)
        if seen is not None:
            book.answer(seen, "duplicate_ignored")
            return
        message = book.store.add(
            Message(
                seq=0,
                tenant=trigger.tenant,
                key=trigger.idempotency_key,
                trigger_id=trigger.trigger_id,
                customer_token=trigger.customer_token,
                campaign_id=trigger.campaign_id,
                port=book.settings.port_of(trigger.message_class, trigger.sender_profile),
                message_class=trigger.message_class,
                on_unknown=trigger.on_unknown,
                issued_at_ms=trigger.issued_at_ms,
                due_at_ms=trigger.not_before_ms,
                expires_at_ms=trigger.expires_at_ms,
                value=found.value,
            )
        )
        if not self._ended_at_once(message, found):
            book.answer(message, "accepted")

    def _ended_at_once(self, message: Message, found: Requested) -> bool:
        """End what can never be sent; return whether it has ended."""
        book, overdue_ms = self._book, self._book.clock() - message.expires_at_ms
        if overdue_ms >= book.settings.kept_after_expiry_ms:
            # its key may have been known and forgotten: to deny the contact could be a lie
            book.end(message, "unknown", "FORGOTTEN")
        elif overdue_ms >= 0:
            book.end(message, "expired")
        elif book.opted_out(message):
            book.end(message, "blocked_optout", "STOP")
        elif book.store.switches.stop(message.tenant, message.campaign_id):
            book.end(message, "cancelled", "KILL_SWITCH")
        else:
            return self._unfillable(message, found)
        return True

    def _unfillable(self, message: Message, found: Requested) -> bool:
        """Reject what has no text, rather when it comes than when it is due."""
        try:
            self._templates.fill(found.trigger)
        except TemplateError as error:
            self._book.end(message, "rejected", error.problem)
            return True
        return False

    def _cancel(self, found: Cancelled) -> None:
        """Take a trigger back, if it is not too late; one that comes after its cancellation too."""
        book, identity = self._book, found.identity
        seen = book.store.seen(identity.tenant, identity.trigger_id, identity.trigger_id)
        if seen is None:
            book.end(self._stand_in(identity, ""), "cancelled", found.reason_code)
        elif seen.state == "received":
            book.end_unsent(seen, "cancelled", found.reason_code)
        elif seen.state != "final" or seen.submitted_at_ms or seen.final_status == "unknown":
            book.answer(seen, "too_late", found.reason_code)

    def _refuse(self, record: SourceRecord, found: Unreadable) -> None:
        """Keep what cannot be acted upon as it came; answer it if it says whose it is."""
        book = self._book
        if not book.store.refuse(record, found.reason, book.clock()):
            return  # its offset was not committed before a crash
        book.meters.refused.labels(found.reason).inc()
        _LOG.warning(
            "refused a record",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=found.reason,
        )
        if found.identity is None:
            return
        key = found.key or found.identity.trigger_id
        seen = book.store.seen(found.identity.tenant, key, found.identity.trigger_id)
        if seen is None:
            book.end(self._stand_in(found.identity, found.key), "rejected", found.reason)
        else:  # it may have been sent: to reject it would deny the contact
            book.answer(seen, "duplicate_ignored")

    def _stand_in(self, identity: Identity, key: str) -> Message:
        """Store a message for a trigger that is not there, so that it ends once as well."""
        expires_at_ms = self._book.clock() + TRIGGER_RETENTION_MS
        return self._book.store.add(
            Message(
                seq=0,
                tenant=identity.tenant,
                key=key or identity.trigger_id,
                trigger_id=identity.trigger_id,
                customer_token=identity.customer_token,
                campaign_id="",
                port="",
                message_class="",
                on_unknown="drop",
                issued_at_ms=0,
                due_at_ms=0,
                expires_at_ms=expires_at_ms,
            )
        )

    def _control_event(self, record: SourceRecord) -> Incoming | None:
        """Return a control record by the rules of ingest, None for what ingest refuses."""
        try:
            return self._control[record.topic].read(record)
        except RejectedError:
            self._book.meters.refused.labels("CONTROL").inc()
            return None

    def _switch(self, event: Incoming, switch: KillSwitchSet) -> None:
        """Take a kill switch, and end at once what waits behind it."""
        book, campaign_id = self._book, switch.campaign_id
        if book.store.switches.set(event, switch, book.clock()):
            for message in book.store.waiting_of_campaign(event.tenant, campaign_id):
                book.end_unsent(message, "cancelled", "KILL_SWITCH")
