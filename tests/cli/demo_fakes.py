"""What the pieces of the demonstration are shown instead of a running house."""

from typing import Any, NamedTuple, cast

from confluent_kafka import Message
from msgspec.structs import replace

from schemas.codec import encode_json, encode_row
from schemas.decisions import Trigger
from schemas.examples import TRIGGER
from schemas.routing import STATE_TOPICS, TRIGGER_TOPICS
from schemas.state_source import ClockRow, SourceRow


class Told(NamedTuple):
    """A message as far as the demonstration looks at one."""

    of: str
    named: bytes | None
    said: bytes | None

    def topic(self) -> str:
        """Return where it was found."""
        return self.of

    def key(self) -> bytes | None:
        """Return its key."""
        return self.named

    def value(self) -> bytes | None:
        """Return its value."""
        return self.said

    def headers(self) -> list[tuple[str, bytes]]:
        """Return none: the gateway asks for those of a cancellation."""
        return []


def messages(*told: Told) -> list[Message]:
    """Return them under the type that the client library gives them."""
    return cast("list[Message]", list(told))


def row(fold: str, key: str, value: Any) -> Told:  # noqa: ANN401 (any row)
    """Return a row of a fold's changelog."""
    return Told(STATE_TOPICS[fold], key.encode(), encode_row(value))


def source_row(topic: str, partition: int, counts: dict[str, int]) -> Told:
    """Return what ingest says of a source partition."""
    return row("ingest", f"#source|{topic}|{partition}", SourceRow(0, counts))


def counts_row(partition: int, counts: dict[str, int]) -> Told:
    """Return what lifecycle says of a journal partition."""
    return row("lifecycle", f"#counts|{partition}", counts)


def tick_row(tenant: str, at_ms: int) -> Told:
    """Return what the clock says of a tenant."""
    return row("clock", f"#tick|{tenant}", ClockRow(at_ms, at_ms, backfill=True))


def trigger_told(trigger: Trigger) -> Told:
    """Return a trigger as its gateway finds it."""
    return Told(TRIGGER_TOPICS[trigger.channel], b"", encode_json(trigger))


def trigger(tenant: str, campaign_id: str, trigger_id: str) -> Trigger:
    """Return a trigger like the worked example's."""
    return replace(
        TRIGGER,
        tenant=tenant,
        campaign_id=campaign_id,
        trigger_id=trigger_id,
        idempotency_key=trigger_id,
    )
