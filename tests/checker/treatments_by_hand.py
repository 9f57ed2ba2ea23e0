"""Wordings, offers and campaigns with fallbacks by hand, for the tests of the oracle."""

import json
from typing import Any

from tests.checker.identity import Facts
from tests.checker.journal_by_hand import NUDGED, fold, happened, published
from tests.checker.oracle import PartitionOracle
from tests.checker.tiny_world import BASE, CAMPAIGN, DECIDED, KEY, by_hand_uuid, envelope


def treatment(channel: str, **other: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return a treatment with the nudge's wording."""
    return {"channel": channel, "template_id": "nudge", "template_version": 3, **other}


FALLEN = CAMPAIGN | {"caps": [], "fallbacks": [treatment("push"), treatment("email")]}
"""The nudge by sms, else by push, else by email."""


BESIDE = FALLEN | {
    "id": "beside",
    "message_class": "servicing",
    "treatment": treatment("push"),
    "fallbacks": [],
    "entry": {"kind": "event", "when": [{"on": "app.session"}]},
    "steps": [{"id": "now", "delay_ms": 0}],
    "exit_on": [],
}
"""Goes by push whenever the app is opened."""


def may(channel: str, status: str = "granted", at: int = BASE + 30_000) -> Facts:
    """Return c0's word about activation on a channel."""
    said = {"purpose": "activation", "channel": channel, "status": status}
    return happened(at, f"{channel}-{status}", "consent.changed", **said)


ALL_CHANNELS = tuple(may(channel) for channel in ("sms", "push", "email"))


def nudged(policy: Facts, *before: Facts, words: tuple[Facts, ...] = ALL_CHANNELS) -> list[Facts]:
    """Return what leads to a nudge by this policy, with these records before and these words."""
    return [*before, published(policy), *words, *NUDGED[2:]]


def slot_id(slot: int, step: str = "first") -> str:
    """Return the id of the nudge's trigger in a slot."""
    return by_hand_uuid("acme", "c0", "activation_nudge", KEY, step, str(slot))


def told(status: str, slot: int = 0, at: int = DECIDED + 1_000) -> Facts:
    """Return what a gateway says of the nudge in a slot."""
    said = {"trigger_id": slot_id(slot), "channel": "sms", "status": status}
    return happened(at, f"{status}-{slot}-{at}", "delivery.receipt", **said)


def approved(channel: str = "sms", event_id: str = "w1", **said: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return the envelope of an approved wording, the nudge's if nothing else is said."""
    named = {"id": "nudge", "version": 3, "channel": channel, "text": "x", "variables": []}
    record = {"event_type": "template.approved", "template": named | said}
    return envelope(BASE, "", f"control {event_id}", record)


def shows(*named: str) -> list[Facts]:
    """Return the variables of a wording; each is `name:kind`."""
    return [dict(zip(("name", "kind"), one.split(":"), strict=True)) for one in named]


def defined(event_id: str = "o1", **said: Any) -> Facts:  # noqa: ANN401 (any field)
    """Return the envelope of an offer."""
    offer = {"id": "gift", "version": 1, "inventory_count": 10, "valid_ms": 5_000, "title": ""}
    record = {"event_type": "offer.defined", "offer": offer | {"unit_cost_minor": 0} | said}
    return envelope(BASE, "", f"control {event_id}", record)


FAILED = told("failed")


def triggers(oracle: PartitionOracle) -> list[Facts]:
    """Return the triggers, decoded."""
    return _of_type(oracle, "trigger.requested.v1")


def grants(oracle: PartitionOracle) -> list[Facts]:
    """Return what the offer system is asked for, decoded."""
    return _of_type(oracle, "offer.grant_requested.v1")


def _of_type(oracle: PartitionOracle, ce_type: str) -> list[Facts]:
    found = (item.output for item in oracle.expected)
    return [json.loads(one.value) for one in found if one.ce_type == ce_type]


def after(*receipts: Facts, policy: Facts = FALLEN) -> PartitionOracle:
    """Return c0 after the nudge by sms and these records."""
    return fold(*nudged(policy), *receipts)
