"""Damage to the run with exposures, each kind once, and what the checker must call it."""

import json
from collections.abc import Callable
from typing import Any

from tests.checker import tiny_effect_decisions as decided
from tests.checker import tiny_effects as world
from tests.checker.identity import Facts
from tests.checker.log_reader import LogRecord
from tests.checker.spoiling import Topics, again, edit
from tests.checker.tiny_effect_topics import OUTCOMES
from tests.checker.tiny_offer_topics import JOURNAL, came_out
from tests.checker.tiny_world import by_hand_uuid, packed, unpacked


SMS = "marketing.triggers.sms.v1"
DECISIONS = "lifecycle.decisions.v1"
ROWS = "lifecycle.state.v1"


def _first(topics: Topics, kind: str, partition: int = 0) -> tuple[list[LogRecord], int]:
    """Return the records of a partition of the outcomes, and where the first of a type is."""
    records = topics[OUTCOMES][partition]
    types = [dict(one.headers)["ce_type"].decode() for one in records]
    return records, types.index(kind)


def _lose(kind: str, partition: int = 0) -> Callable[[Topics], None]:
    def spoil(topics: Topics) -> None:
        records, at = _first(topics, kind, partition)
        del records[at]

    return spoil


def _double(kind: str, partition: int = 0) -> Callable[[Topics], None]:
    def spoil(topics: Topics) -> None:
        records, at = _first(topics, kind, partition)
        again(records, at)

    return spoil


def _change(kind: str, partition: int = 0, **fields: Any) -> Callable[[Topics], None]:  # noqa: ANN401
    def spoil(topics: Topics) -> None:
        records, at = _first(topics, kind, partition)
        edit(records, at, **fields)

    return spoil


def _under_another_key(topics: Topics) -> None:
    records, at = _first(topics, "exposure.settled.v1")
    records[at] = records[at]._replace(key=b"acme|c0")


def _settle_twice_by_another_id(topics: Topics) -> None:
    records, at = _first(topics, "exposure.settled.v1")
    again(records, at)
    edit(records, -1, settled_id="00000000-0000-8000-8000-000000000000")


def _object_before_it_is_told(topics: Topics) -> None:
    """The objection stands in the log before the exposure that it is about."""
    records, at = _first(topics, "exposure.opened.v1")
    _, after = _first(topics, "exposure.objected.v1")
    first, second = records[at], records[after]
    records[at] = second._replace(offset=first.offset)
    records[after] = first._replace(offset=second.offset)


def _retell(topics: Topics, event_id: str, change: Callable[[Facts], None]) -> None:
    """Let a producer have said something else, and the journal with it."""
    for name in topics:
        for records in topics[name] if name not in (ROWS, "ingest.state.v1") else ():
            for place, record in enumerate(records):
                said = json.loads(record.value or b"{}")
                if event_id in (said.get("id"), said.get("event_id")):
                    change(said["data"] if "id" in said else said["record"])
                    value = json.dumps(said, separators=(",", ":")).encode()
                    records[place] = record._replace(value=value)


def _bring_another_sum(topics: Topics) -> None:
    _retell(topics, "x0", lambda said: said.update(amount_minor=650))


def _deliver_what_failed(topics: Topics) -> None:
    _retell(topics, "r0", lambda said: said.update(status="expired"))


def _ask_for_another_salt(topics: Topics) -> None:
    _retell(topics, "t1", lambda said: said.update(holdout_salt="h2"))


def _open_at_the_first_event(topics: Topics) -> None:
    """c2 is exposed to the tenant's holdout by what they said, before anything could be sent."""
    records, at = _first(topics, OPENED, 1)
    edit(records, at, decided_at_ms=world.TOLD, closes_at_ms=world.TOLD + 90 * world.DAY)


def _open_for_who_is_sent(topics: Topics) -> None:
    """c2, to whom the guardrail lets nothing be sent, is not exposed: neither record nor row."""
    for records in topics[OUTCOMES]:
        records[:] = [one for one in records if b"c2" not in one.value or b"moved" in one.value]
    _row("acme|c2", EXPOSURES, value=[])(topics)


def _lose_guardrail(topics: Topics) -> None:
    for records in topics[JOURNAL]:
        trips = [one for one in records if b"guardrail.tripped" in (one.value or b"")]
        records.remove(trips[0])


def _trip_for_a_version_of_before(topics: Topics) -> None:
    for records in topics[JOURNAL]:
        for place, one in enumerate(records):
            if b"guardrail.tripped" in (one.value or b""):
                edit(records, place, record={**world.TRIP, "policy_version": 0})


def _send_what_is_held(topics: Topics) -> None:
    """c2 is sent the welcome after the guardrail has tripped."""
    goes = decided.GOES | {"consent": "g2"}
    topics[DECISIONS][1].clear()
    told = decided.decision(2, world.NOW_2, decided.WON, **goes)
    came_out(topics, DECISIONS, 2, "decision.recorded.v1", told)
    trigger = json.loads(decided.TRIGGER) | {"customer_token": "c2", "card_token": "k2"}
    trigger |= dict.fromkeys(("trigger_id", "idempotency_key"), world.trigger_of(2))
    at = world.NOW_2
    trigger |= {"decision_id": by_hand_uuid("decision", str(at), world.trigger_of(2))}
    trigger |= {"consent_ref": "g2", "issued_at_ms": at, "not_before_ms": at}
    trigger |= {"expires_at_ms": at + 43_200_000}
    came_out(topics, SMS, 2, "trigger.requested.v1", decided.text(trigger))


def _row(key: str, *way: int, value: Any) -> Callable[[Topics], None]:  # noqa: ANN401 (any field)
    """Return what puts another value into a row, at the end of a way of places."""

    def spoil(topics: Topics) -> None:
        for records in topics[ROWS]:
            for place, record in enumerate(records):
                if record.key == key.encode():
                    row = inner = unpacked(record.value or b"")
                    for step in way[:-1]:
                        inner = inner[step]
                    inner[way[-1]] = value
                    records[place] = record._replace(value=packed(row))

    return spoil


SETTLED, FOLLOWED = "exposure.settled.v1", "exposure.followed.v1"
OBJECTED, MOVED = "exposure.objected.v1", "card.moved.v1"
OPENED = "exposure.opened.v1"
STATE = {"STATE_DIFF", "COUNT_DIFF"}

EFFECT_DAMAGES: list[tuple[str, Callable[[Topics], None], set[str]]] = [
    ("a settled record lost", _lose(SETTLED), {"MISSING"}),
    ("the tenant's own lost", _lose(SETTLED, 1), {"MISSING"}),
    ("a settled record twice", _double(SETTLED), {"DUP_SAME"}),
    ("settled twice", _settle_twice_by_another_id, {"UNEXPECTED"}),
    ("another label", _change(SETTLED, label=0), {"DIFFERENT"}),
    ("no label", _change(SETTLED, label=None), {"DIFFERENT"}),
    ("another value", _change(SETTLED, value_minor=500), {"DIFFERENT"}),
    ("another delivery", _change(SETTLED, delivery="unknown"), {"DIFFERENT"}),
    ("not the first", _change(SETTLED, is_first=False), {"DIFFERENT"}),
    ("under another key", _under_another_key, {"DIFFERENT"}),
    ("a follow-up lost", _lose(FOLLOWED), {"MISSING"}),
    ("a follow-up twice", _double(FOLLOWED, 1), {"DUP_SAME"}),
    ("another day", _change(FOLLOWED, day=60), {"DIFFERENT"}),
    ("not active", _change(FOLLOWED, active=False), {"DIFFERENT"}),
    ("an objection lost", _lose(OBJECTED), {"MISSING"}),
    ("an objection twice", _double(OBJECTED), {"DUP_SAME"}),
    ("another objection", _change(OBJECTED, objection="complaint"), {"DIFFERENT"}),
    ("an objection too early", _object_before_it_is_told, {"ORDER"}),
    ("an own exposure lost", _lose(OPENED, 1), {"MISSING"}),
    ("exposed at the first event", _open_at_the_first_event, {"DIFFERENT"}),
    ("exposed if sent", _open_for_who_is_sent, {"MISSING", "STATE_DIFF"}),
    ("another share", _change(OPENED, 1, arm_ppm=1_000_000), {"DIFFERENT"}),
    ("other bounds", _change(OPENED, guardrails={"failure_ppm": 2_000}), {"DIFFERENT"}),
    ("other keys", _change(OPENED, key_count=2), {"DIFFERENT"}),
    ("a move lost", _lose(MOVED), {"MISSING"}),
    ("a move twice", _double(MOVED), {"DUP_SAME"}),
    ("a move to elsewhere", _change(MOVED, after="issued+bound"), {"DIFFERENT"}),
    ("a wait that was none", _change(MOVED, waited_ms=0), {"DIFFERENT"}),
    ("another sum", _bring_another_sum, {"DIFFERENT", "STATE_DIFF"}),
    ("not a failure", _deliver_what_failed, {"UNEXPECTED", *STATE}),
    ("another salt", _ask_for_another_salt, {"MISSING", "UNEXPECTED", "STATE_DIFF"}),
    ("no guardrail", _lose_guardrail, {"MISSING", "DIFFERENT", *STATE}),
    ("an old guardrail", _trip_for_a_version_of_before, {"MISSING", "DIFFERENT", *STATE}),
    ("held, and sent", _send_what_is_held, {"UNEXPECTED", "DIFFERENT"}),
]
"""What is spoilt, how, and under which names it is found."""

EXPOSURES, OWN, FIRST = 25, 0, 1
OLD_MARKS = world.OWN_MARK + world.by_hand_mark("welcome", "", "h")
"""What c0's row would remember were the holdout's salt part of every campaign's experiment."""

EFFECT_FIELDS: list[tuple[str, Callable[[Topics], None]]] = [
    ("not first", _row("acme|c0", EXPOSURES, FIRST, 20, value=False)),
    ("pooled", _row("acme|c0", EXPOSURES, FIRST, 21, value=True)),
    ("no holdout", _row("acme|c0", EXPOSURES, FIRST, 22, value=0)),
    ("not settled", _row("acme|c0", EXPOSURES, OWN, 23, value=False)),
    ("no currency", _row("acme|c0", EXPOSURES, OWN, 24, value="")),
    ("other money", _row("acme|c0", EXPOSURES, OWN, 25, value=500)),
    ("no objection", _row("acme|c0", EXPOSURES, FIRST, 26, value=0)),
    ("other days", _row("acme|c0", EXPOSURES, FIRST, 27, value=3)),
    ("fewer follow-ups", _row("acme|c0", EXPOSURES, FIRST, 28, value=2)),
    ("a fallback that was not", _row("acme|c0", EXPOSURES, FIRST, 31, value=["t"])),
    ("an outcome of its own", _row("acme|c0", EXPOSURES, OWN, 12, value=1)),
    ("an experiment forgotten", _row("acme|c0", 26, value=world.OWN_MARK)),
    ("a holdout in a campaign's experiment", _row("acme|c0", 26, value=OLD_MARKS)),
    ("an experiment that was not", _row("acme|c2", 26, value=world.OWN_MARK * 2)),
    ("a campaign let go", _row("#tenant|0|acme", 18, value=[])),
    ("another campaign held", _row("#tenant|1|acme", 18, value=["nudge", "welcome"])),
    ("a trip that was not remembered", _row("#tenant|0|acme", 19, value={})),
    ("other money that counts", _row("#tenant|1|acme", 16, value=901)),
    ("statistics given away", _row("#tenant|1|acme", 17, value=True)),
]
"""What is spoilt in a row, by name; each is a STATE_DIFF."""
