"""
Describe every topic that others may read or write, as one AsyncAPI 3.0.0 document.

Seen from us: we receive source topics and send what comes out. Messages are in
`schemas.messages`, their schemas those of `schemas.jsonschema` said in AsyncAPI's dialect.
"""

from collections.abc import Iterator
from typing import Any, Final

from schemas.forms import carried_by
from schemas.messages import BINDING_VERSION, FORMS, component_messages, component_schemas
from schemas.routing import (
    DECISIONS_TOPIC,
    INSIGHT_TOPIC,
    JOURNAL_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    PROGRESS_TOPIC,
    REJECTED_TOPIC,
    ROUTES,
    SOURCE_TOPICS,
    TRIGGER_TOPICS,
)
from schemas.topic_meanings import TOPICS


CONTRACT_VERSION: Final = "1.4.0"
"""Raised in the middle for what is added; what breaks gets a new topic name (`.v2`)."""

ABOUT: Final = """\
Cardcue turns a bank's card events into the right contact at the right moment, exactly once.

Producers may write an event in three forms: a plain JSON object, a CloudEvent in Kafka headers \
(binary mode), or a CloudEvent as one JSON object (structured mode). Unknown fields are ignored. \
What cannot be read goes to the rejected topic with its reason and its original bytes; of what \
carried a card number or an identity number, only a digest goes there.

Read what comes out with `isolation.level=read_committed`: all of it is written in transactions. \
A topic has as many partitions as its deployment decides, where none are given here, and is \
compacted only where it says so. \
Money is in integer minor units with an ISO 4217 code; no phone number, name or card number \
is in any topic."""


def asyncapi_document() -> dict[str, Any]:
    """Return the whole document as plain dicts, lists and scalars."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:cardcue",
        "info": {
            "title": "Cardcue",
            "version": CONTRACT_VERSION,
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "127.0.0.1:9092",
                "protocol": "kafka",
                "description": "The address that settings have by default; a bank has its own",
            }
        },
        "channels": _channels(),
        "operations": _operations(),
        "components": {"schemas": component_schemas(), "messages": component_messages()},
    }


def _channels() -> dict[str, Any]:
    """Return every topic by its name."""
    channels = {
        topic: _channel(topic, TOPICS[topic], *_messages_of(topic)) for topic in SOURCE_TOPICS
    }
    channels |= {topic: _channel(topic, about, *names) for topic, about, *names in _sent()}
    # One partition by construction: a single clock reads it in one order.
    channels[PROGRESS_TOPIC]["bindings"]["kafka"]["partitions"] = 1
    # Whoever reads it anew wants what is known now, not every hour of last year.
    compacted = {"cleanup.policy": ["compact"]}
    channels[INSIGHT_TOPIC]["bindings"]["kafka"]["topicConfiguration"] = compacted
    return channels


def _sent() -> Iterator[tuple[str, ...]]:
    """Yield every topic that we write, what it is about, and its messages."""
    yield JOURNAL_TOPIC, "Everything that can change a decision, in order", "journal.recorded"
    yield PROGRESS_TOPIC, "How far each ingest task has read", "progress.recorded"
    yield REJECTED_TOPIC, "What could not be read", "record.rejected"
    yield DECISIONS_TOPIC, "Every decision, sent or not, with its reason", "decision.recorded"
    for channel, topic in TRIGGER_TOPICS.items():
        about = f"Requests to contact a customer by {channel}, and their cancellations"
        yield topic, about, "trigger.requested", "trigger.cancelled"
    about = "What campaigns have caused, where cards stand, what is held: the newest of each"
    yield INSIGHT_TOPIC, about, "effect.reported", "funnel.reported", "guardrail.tripped"
    yield OFFERS_TOPIC, "Units of offers that contacts promise", "offer.grant_requested"
    about = "Whose decision's effect is measured, what came of it, which models learn from it, and \
cards that move in the funnel"
    learnt_from = "exposure.opened", "outcome.recorded", "model.told"
    counted = "exposure.settled", "exposure.followed", "exposure.objected", "card.moved"
    yield OUTCOMES_TOPIC, about, *learnt_from, "customer.observed", *counted


def _channel(topic: str, about: str, *messages: str) -> dict[str, Any]:
    """Return one topic with the messages that it carries."""
    return {
        "address": topic,
        "description": about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "kafka": {
                "topic": topic,
                "topicConfiguration": {"cleanup.policy": ["delete"]},
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _messages_of(topic: str) -> list[str]:
    """Return the names of the messages that a source topic carries, each event in each form."""
    carried = [route.event_type for route in ROUTES if topic in carried_by(route.event_type)]
    return [f"{event_type}.{form}" for event_type in carried for form in FORMS]


def _operations() -> dict[str, Any]:
    """Return what we do with every topic; what a fold says to another is sent and received."""
    sent = (
        JOURNAL_TOPIC,
        PROGRESS_TOPIC,
        REJECTED_TOPIC,
        DECISIONS_TOPIC,
        *TRIGGER_TOPICS.values(),
        INSIGHT_TOPIC,
        OFFERS_TOPIC,
        OUTCOMES_TOPIC,
    )
    received = (*SOURCE_TOPICS, JOURNAL_TOPIC, PROGRESS_TOPIC, DECISIONS_TOPIC, OUTCOMES_TOPIC)
    named = [("receive", topic) for topic in received] + [("send", topic) for topic in sent]
    return {
        f"{action}.{topic}": {"action": action, "channel": {"$ref": f"#/channels/{topic}"}}
        for action, topic in named
    }
