"""
Print the worked examples in the forms that ingest accepts, and as the journal keeps them.

A source record is a plain JSON object, a CloudEvent in Kafka headers (binary mode), or a
CloudEvent as one JSON object (structured mode). `docs/core.md` section 1 says how they are read.
"""

from typing import Any, Final

from msgspec import to_builtins

from schemas.examples import CUSTOMER, EVENTS, SNAPSHOT, TENANT, TICK, WorkedEvent
from schemas.examples_learnt import CHOSEN, OBSERVED, SEGMENTS
from schemas.examples_outcomes import OBJECTED, TRIPPED
from schemas.insight import ChoicePublished, GuardrailTripped
from schemas.journal import JournalEnvelope, SourceCoordinates
from schemas.learning import ModelPublished
from schemas.routing import ROUTE_BY_TYPE, SOURCE_TOPICS
from schemas.segments import SegmentsPublished


EVENT_SOURCE: Final = "/demo/core-banking"
"""`source` of the CloudEvents examples."""

ARRIVAL_MS: Final = 1_500
"""How long each example was on its way: journal time less event time."""


def own_fields(event_type: str) -> dict[str, Any]:
    """
    Return what the example says of itself, in declaration order, defaults included.

    >>> own_fields("card.activated")
    {'card_token': 'k-1', 'entry_channel': 'app'}
    """
    fields: dict[str, Any] = to_builtins(EVENTS[event_type].content)
    del fields["event_type"]
    return fields


def plain(event_type: str) -> dict[str, Any]:
    """
    Return the flat JSON object: attributes and own fields side by side.

    >>> list(plain("card.activated"))
    ['id', 'type', 'occurred_at', 'customer_token', 'tenant', 'card_token', 'entry_channel']
    """
    event = EVENTS[event_type]
    attributes = {"id": event.event_id, "type": event_type, "occurred_at": event.occurred_at}
    return attributes | _whose(event_type, "customer_token", "tenant") | own_fields(event_type)


def binary_headers(event_type: str) -> dict[str, str]:
    """Return the Kafka headers of the CloudEvent whose value is `own_fields`."""
    names = {f"ce_{name}": value for name, value in _cloudevent(event_type).items()}
    return names | {"content-type": "application/json"}


def structured(event_type: str) -> dict[str, Any]:
    """Return the CloudEvent as one JSON object; its header `content-type` may say so."""
    return _cloudevent(event_type) | {"data": own_fields(event_type)}


def journaled(event_type: str) -> JournalEnvelope:
    """Return what ingest makes of the example: re-keyed, timed, with its coordinates."""
    event = EVENTS[event_type]
    topic = ROUTE_BY_TYPE[event_type].topic
    concerns_one = ROUTE_BY_TYPE[event_type].concerns == "customer"
    return JournalEnvelope(
        tenant=TENANT,
        customer_token=CUSTOMER if concerns_one else "",
        journal_at_ms=event.occurred_at_ms + ARRIVAL_MS,
        occurred_at_ms=event.occurred_at_ms,
        event_id=event.event_id,
        event_source=topic,
        source=SourceCoordinates(topic, 3, 41),
        record=event.content,
    )


def journaled_tick() -> JournalEnvelope:
    """Return the clock's example as every journal partition gets it."""
    return JournalEnvelope(
        tenant=TENANT,
        customer_token="",
        journal_at_ms=TICK.now_at_ms,
        occurred_at_ms=TICK.now_at_ms,
        event_id=f"tick-{TENANT}-{TICK.now_at_ms}-{TICK.watermark_at_ms}",
        event_source="cardcue/clock",
        source=SourceCoordinates("lifecycle.progress.v1", 0, 7),
        record=TICK,
    )


def journaled_snapshot() -> JournalEnvelope:
    """Return the model's example as every journal partition gets it."""
    event_id = f"{SNAPSHOT.model.id}-{SNAPSHOT.sequence}"
    return _found(SNAPSHOT, event_id, 1_772_323_207_500, offset=12)


def journaled_tripped() -> JournalEnvelope:
    """Return the example of a broken guardrail as every journal partition gets it."""
    event_id = f"{TRIPPED.campaign_id}-{TRIPPED.policy_version}-{TRIPPED.kind}-3-1"
    return _found(TRIPPED, event_id, OBJECTED.objected_at_ms, offset=1_207, fold="insight")


def journaled_choice() -> JournalEnvelope:
    """Return the example of what options have brought as every journal partition gets it."""
    event_id = f"choice-{CHOSEN.campaign_id}-{CHOSEN.sequence}"
    return _found(CHOSEN, event_id, OBSERVED.observed_at_ms, offset=2_044)


def journaled_segments() -> JournalEnvelope:
    """Return the example of a bank's segments as every journal partition gets it."""
    event_id = f"segments-{SEGMENTS.sequence}"
    return _found(SEGMENTS, event_id, OBSERVED.observed_at_ms, offset=2_044)


def _found(
    record: ModelPublished | GuardrailTripped | ChoicePublished | SegmentsPublished,
    event_id: str,
    at_ms: int,
    *,
    offset: int,
    fold: str = "learning",
) -> JournalEnvelope:
    """Return what a fold has found in outcomes, at the one with this offset."""
    return JournalEnvelope(
        tenant=TENANT,
        customer_token="",
        journal_at_ms=at_ms,
        occurred_at_ms=at_ms,
        event_id=event_id,
        event_source=f"cardcue/{fold}",
        source=SourceCoordinates("lifecycle.outcomes.v1", 0, offset),
        record=record,
    )


def carried_by(event_type: str) -> tuple[str, ...]:
    """
    Return the source topics that may carry the event: one, or all of them for `*`.

    >>> carried_by("txn.reversed"), len(carried_by("history.ended"))
    (('card.spend.v1',), 19)
    """
    topic = ROUTE_BY_TYPE[event_type].topic
    return SOURCE_TOPICS if topic == "*" else (topic,)


def _cloudevent(event_type: str) -> dict[str, str]:
    """Return the CloudEvents 1.0 context attributes of the example."""
    event: WorkedEvent = EVENTS[event_type]
    attributes = {
        "specversion": "1.0",
        "id": event.event_id,
        "source": EVENT_SOURCE,
        "type": f"{event_type}.v1",
        "time": event.occurred_at,
    }
    return attributes | _whose(event_type, "subject", "tenantid")


def _whose(event_type: str, customer: str, tenant: str) -> dict[str, str]:
    """Return whom the example concerns, under the names that the form uses."""
    if ROUTE_BY_TYPE[event_type].concerns == "customer":
        return {customer: CUSTOMER, tenant: TENANT}
    return {tenant: TENANT}
