"""What the pieces of the demonstration are shown instead of a running house."""

from typing import Any, NamedTuple, cast

from confluent_kafka import Message
from msgspec.structs import replace

from schemas.codec import encode_json, encode_row
from schemas.decisions import OfferGrantRequested, Trigger
from schemas.examples import TRIGGER
from schemas.offer import Offer
from schemas.routing import OFFERS_TOPIC, STATE_TOPICS, TRIGGER_TOPICS
from schemas.state_source import ClockRow, SourceRow
from schemas.state_tenant import OfferRow


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


def offer_row(partition: int, taken_count: int) -> Told:
    """Return how many gifts of the bank a journal partition has taken."""
    gift = Offer(id="gift", version=1, inventory_count=9, valid_ms=1)
    return row("lifecycle", f"#offer|{partition}|bank|gift", OfferRow(gift, taken_count))


def grant(reservation_id: str, tenant: str = "bank") -> OfferGrantRequested:
    """Return that a gift is asked for, of one of the customer's triggers."""
    return OfferGrantRequested(
        reservation_id=reservation_id,
        offer_id="gift",
        offer_version=1,
        tenant=tenant,
        customer_token="c-1",
        card_token="k-1",
        trigger_id=f"of-{reservation_id}",
        campaign_id="first_spend_offer",
        policy_version=1,
        requested_at_ms=1_772_673_300_123,
        expires_at_ms=1_772_759_700_123,
    )


def grant_told(request: OfferGrantRequested) -> Told:
    """Return a request as the offer system finds it."""
    return Told(OFFERS_TOPIC, b"", encode_json(request))


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
