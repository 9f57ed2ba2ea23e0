"""Lay out the run of `tiny_effects` as topics, as its producers, workers and broker would have."""

import json
from typing import Any

from tests.checker import tiny_effect_decisions as decided
from tests.checker import tiny_effect_outputs as made
from tests.checker import tiny_effects as world
from tests.checker.log_reader import Topic
from tests.checker.tiny_offer_topics import JOURNAL, NAMES, came_out, put, read_sources, tell
from tests.checker.tiny_world import BASE, envelope, packed, tick


OUTCOMES = "lifecycle.outcomes.v1"
PLACES = {"": ("acme|", 1), "welcome": ("acme|welcome", 0)}
"""The key of an exposure's records, and where it lies by Java's partitioner."""


def tiny_effect_topics() -> dict[str, Topic]:
    """Return every topic of the run, fresh lists that a test may spoil."""
    topics: dict[str, Topic] = {name: [[], []] for name in NAMES.all}
    tell(topics, world.CONTROLS, world.EVENTS)
    trip = envelope(world.TRIPPED, "", "cardcue/insight welcome-1-failure-3-2", world.TRIP)
    _into_all(topics, trip)
    tell(topics, (), world.LATER)
    for watermark in world.TICKS:
        _into_all(topics, tick(watermark + 5_000, watermark))
    _came_out(topics)
    _kept(topics)
    return topics


def _into_all(topics: dict[str, Topic], said: dict[str, Any]) -> None:
    value = json.dumps(said, separators=(",", ":")).encode()
    for partition in (0, 1):
        put(topics, JOURNAL, partition, BASE, b"acme|", value, ())


def _came_out(topics: dict[str, Topic]) -> None:
    sms = (decided.TRIGGER, "trigger.requested.v1")
    came_out(topics, "marketing.triggers.sms.v1", 0, sms[1], sms[0])
    for number, value in ((0, decided.DECISION), (2, decided.DECISION_2)):
        came_out(topics, "lifecycle.decisions.v1", number, "decision.recorded.v1", value)
    for number, campaign, kind, value in _outcomes():
        place = None if campaign is None else PLACES[campaign]
        came_out(topics, OUTCOMES, number, kind, value, place)


def _outcomes() -> list[tuple[int, str | None, str, bytes]]:
    """Return what is told: whose, of which campaign (None for cards), which type, the record."""
    paid, none = (700, 0)
    opened, moved = "exposure.opened.v1", "card.moved.v1"
    settled, followed = "exposure.settled.v1", "exposure.followed.v1"
    return [
        (0, None, moved, made.MOVED),
        (0, "", opened, made.OWN),
        (0, "welcome", opened, made.OPENED),
        (0, "welcome", "exposure.objected.v1", made.OBJECTED),
        (0, None, moved, made.MOVED_ON),
        (0, "welcome", "outcome.recorded.v1", made.CONVERTED),
        (2, None, moved, made.MOVED_2),
        (2, "", opened, made.OWN_2),
        (0, "welcome", settled, made.settled(0, "welcome", "not_sent", paid)),
        (0, "welcome", followed, made.followed(0, "welcome", 30, active=True)),
        (0, "", settled, made.settled(0, "", "unknown", paid)),
        (0, "", followed, made.followed(0, "", 30, active=True)),
        *((0, "", followed, made.followed(0, "", day)) for day in (60, 90)),
        *((0, "welcome", followed, made.followed(0, "welcome", day)) for day in (60, 90)),
        (2, "", settled, made.settled(2, "", "unknown", none)),
        *((2, "", followed, made.followed(2, "", day)) for day in (30, 60, 90)),
    ]


CONTROLLED = {"control|acme|policy.published": 1, "control|acme|tenant.configured": 1}
COUNTS = CONTROLLED | {
    "control|acme|guardrail.tripped": 1,
    "applied|acme|consent.changed": 1,
    "applied|acme|card.issued": 1,
    "milestone|acme|issued": 1,
    "occasion|acme": 1,
    "exposure|acme||assigned": 1,
}
COUNTS_0 = COUNTS | {
    "applied|acme|delivery.receipt": 1,
    "applied|acme|txn.posted": 1,
    "milestone|acme|first_spend": 1,
    "decision|acme|welcome|sent|": 1,
    "exposure|acme|welcome|sent": 1,
    "objected|acme|welcome|failure": 1,
    "outcome|acme|welcome|converted": 1,
    "settled|acme|welcome|1": 1,
    "settled|acme||1": 1,
}
COUNTS_1 = COUNTS | {
    "decision|acme|welcome|suppressed|GUARDRAIL_STOP": 1,
    "settled|acme||0": 1,
}


def _kept(topics: dict[str, Topic]) -> None:
    def row(partition: int, key: str, value: Any) -> None:  # noqa: ANN401 (any row)
        put(topics, "lifecycle.state.v1", partition, BASE, key.encode(), packed(value), ())

    for partition, counts in enumerate((COUNTS_0, COUNTS_1)):
        row(partition, f"#counts|{partition}", counts)
        row(partition, f"#tenant|{partition}|acme", world.TENANT_ROW)
        row(partition, "#offsets", {JOURNAL: {partition: len(topics[JOURNAL][partition])}})
    row(0, "acme|c0", world.ROW)
    row(1, "acme|c2", world.ROW_2)
    read_sources(topics, (*world.EVENTS, *world.LATER), CONTROLLED)
