"""Lay out the run of `tiny_offers` as topics, as its producers, workers and broker would have."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.checker import tiny_offer_outputs as made
from tests.checker import tiny_offers as world
from tests.checker.check import Names
from tests.checker.log_reader import LogRecord, Topic
from tests.checker.tiny_outputs import by_hand_move
from tests.checker.tiny_world import BASE, by_hand_uuid, envelope, packed


NAMES = Names()
CONTROL = "marketing.control.v1"
JOURNAL = "lifecycle.journal.v1"
PARTITIONS = {0: 0, 7: 0, 2: 1}
"""Where customers of these numbers lie, by Java's partitioner."""


def tiny_offer_topics() -> dict[str, Topic]:
    """Return every topic of the run, fresh lists that a test may spoil."""
    topics: dict[str, Topic] = {name: [[], []] for name in NAMES.all}
    tell(topics, world.CONTROLS, world.EVENTS)
    _came_out(topics)
    _kept(topics)
    return topics


def put(topics: dict[str, Topic], name: str, partition: int, *record: Any) -> None:  # noqa: ANN401
    """Append (timestamp, key, value, headers) to a partition."""
    records = topics[name][partition]
    records.append(LogRecord(name, partition, len(records), *record))


def _json(value: Any) -> bytes:  # noqa: ANN401 (any JSON)
    return json.dumps(value, separators=(",", ":")).encode()


Said = tuple[str, int, str, int, dict[str, Any]]
"""Topic, number of the customer, event id, time and data; 100 ms later it was in the log."""


def tell(
    topics: dict[str, Topic], controls: Sequence[tuple[str, dict[str, Any]]], events: Sequence[Said]
) -> None:
    """Put what producers said into the sources, and what ingest made of it into the journal."""
    told = [(CONTROL, None, event_id, BASE, data) for event_id, data in controls]
    for topic, number, event_id, at, data in (*told, *events):
        token = "" if number is None else f"c{number}"
        second, millisecond = divmod(at - BASE, 1_000)
        minute, second = divmod(second + 20, 60)
        said = {
            "specversion": "1.0",
            "id": event_id,
            "source": "/core",
            "type": data["event_type"],
            "time": f"2023-11-14T22:{13 + minute}:{second:02}.{millisecond:03}Z",
            "tenantid": "acme",
            "data": {name: value for name, value in data.items() if name != "event_type"},
        } | ({"subject": token} if token else {})
        place = [topic, 0, len(topics[topic][0])]
        put(topics, topic, 0, at + 100, None, _json(said), ())
        told_on = _json(envelope(at, token, f"/core {event_id}", data, source=place))
        for partition in (0, 1) if number is None else (PARTITIONS[number],):
            put(topics, JOURNAL, partition, at + 100, f"acme|{token}".encode(), told_on, ())


def came_out(
    topics: dict[str, Topic],
    name: str,
    number: int,
    kind: str,
    value: bytes,
    place: tuple[str, int] | None = None,
) -> None:
    """Append an output about a customer, with its headers; `place`: another key, its partition."""
    named = ("moved_id", "settled_id", "followed_id", "objected_id", "outcome_id", "exposure_id")
    named += ("cancellation_id", "idempotency_key", "decision_id", "reservation_id")
    said = json.loads(value)
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", next(said[one] for one in named if one in said).encode()),
        ("ce_source", b"cardcue"),
        ("ce_type", kind.encode()),
        ("ce_subject", b"c%d" % number),
        ("ce_tenantid", b"acme"),
        ("cardcue.semantics_version", b"1"),
    ]
    key, partition = place or (f"acme|c{number}", PARTITIONS[number])
    put(topics, name, partition, BASE, key.encode(), value, headers)


def _came_out(topics: dict[str, Topic]) -> None:
    for _, number, event_id, moment, data in world.EVENTS:
        if data["event_type"] == "card.issued":
            moved = by_hand_move(number, ("/core", event_id), moment)
            came_out(topics, "lifecycle.outcomes.v1", number, "card.moved.v1", _json(moved))
    at, kind = world.NOW, "trigger.requested.v1"
    for number, reserved in ((0, world.RESERVED), (2, world.RESERVED_2)):
        decision = by_hand_uuid("decision", str(at), world.trigger_of(number, 0))
        sms = made.trigger(number, 0, decision, at, reserved)
        came_out(topics, "marketing.triggers.sms.v1", number, kind, sms)
        asked = made.grant(number)
        came_out(topics, "marketing.offers.v1", number, "offer.grant_requested.v1", asked)
    at = world.ISSUED + 9_100
    decision = by_hand_uuid("decision", str(at), world.PUSH)
    push = made.trigger(0, 1, decision, at, world.RESERVED)
    came_out(topics, "marketing.triggers.push.v1", 0, kind, push)
    cancelled = ("marketing.triggers.sms.v1", 2, "trigger.cancelled.v1", made.CANCELLED)
    came_out(topics, *cancelled)
    decisions = ((0, made.DECISION), (7, made.DECISION_7), (0, made.FELL_BACK))
    for number, decided in (*decisions, (2, made.DECISION_2)):
        came_out(topics, "lifecycle.decisions.v1", number, "decision.recorded.v1", decided)


CONTROLLED = {
    "control|acme|policy.published": 1,
    "control|acme|tenant.configured": 1,
    "control|acme|template.approved": 2,
    "control|acme|offer.defined": 1,
}
COUNTS = CONTROLLED | {
    "applied|acme|consent.changed": 3,
    "applied|acme|card.issued": 2,
    "applied|acme|delivery.receipt": 1,
    "milestone|acme|issued": 2,
    "occasion|acme": 3,
    "decision|acme|gift_nudge|sent|": 2,
    "decision|acme|gift_nudge|suppressed|NO_INVENTORY": 1,
}
COUNTS_1 = CONTROLLED | {
    "applied|acme|consent.changed": 1,
    "applied|acme|card.issued": 1,
    "applied|acme|offer.result": 1,
    "milestone|acme|issued": 1,
    "occasion|acme": 1,
    "decision|acme|gift_nudge|sent|": 1,
    "cancelled|acme|gift_nudge|NO_INVENTORY": 1,
}


def _kept(topics: dict[str, Topic]) -> None:
    def row(partition: int, key: str, value: Any, name: str = "lifecycle.state.v1") -> None:  # noqa: ANN401
        put(topics, name, partition, BASE, key.encode(), packed(value), ())

    for partition, (taken, spent, counts) in enumerate(((1, 10, COUNTS), (0, 3, COUNTS_1))):
        row(partition, f"#offer|{partition}|acme|gift", [world.GIFT, taken])
        row(partition, f"#budget|{partition}|acme|gift_nudge", spent)
        for name, channel in (("nudge", "sms"), ("nudge.push", "push")):
            row(partition, f"#template|{partition}|acme|{name}|1", [name, 1, channel, []])
        row(partition, f"#counts|{partition}", counts)
        read_to = len(topics[JOURNAL][partition])
        row(partition, "#offsets", {JOURNAL: {partition: read_to}})
    row(0, "acme|c0", world.ROW)
    row(0, "acme|c7", world.ROW_7)
    row(1, "acme|c2", world.ROW_2)
    read_sources(topics, world.EVENTS, CONTROLLED)


def read_sources(
    topics: dict[str, Topic], events: Sequence[Said], controlled: dict[str, int]
) -> None:
    """Put the rows of an ingest that has read all of its sources."""

    def row(key: str, value: Any) -> None:  # noqa: ANN401 (any row)
        put(topics, "ingest.state.v1", 0, BASE, key.encode(), packed(value), ())

    sources = {topic: topics[topic][0] for topic in (CONTROL, *(one[0] for one in events))}
    row("#offsets", {topic: {0: len(records)} for topic, records in sources.items()})
    for topic in sources:
        kinds = Counter(one[4]["event_type"] for one in events if one[0] == topic)
        counts = {f"forwarded|acme|{kind}": count for kind, count in kinds.items()}
        row(f"#source|{topic}|0", [BASE, counts or controlled, 0])
