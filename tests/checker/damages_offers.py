"""Damage to the run with gifts, each kind once, and what the checker must call it."""

import json
from collections.abc import Callable
from typing import Any

from tests.checker import tiny_offer_outputs as made
from tests.checker import tiny_offers as world
from tests.checker.spoiling import Topics, again, edit
from tests.checker.tiny_offer_topics import JOURNAL, came_out
from tests.checker.tiny_world import by_hand_uuid, packed, unpacked


SMS = "marketing.triggers.sms.v1"
PUSH = "marketing.triggers.push.v1"
OFFERS = "marketing.offers.v1"
DECISIONS = "lifecycle.decisions.v1"
ROWS = "lifecycle.state.v1"


def _retell(topics: Topics, event_id: str, **fields: Any) -> None:  # noqa: ANN401 (any field)
    """Let a producer have said something else, and the journal with it."""
    for name in topics:
        for records in topics[name] if name not in (ROWS, "ingest.state.v1") else ():
            for place, record in enumerate(records):
                said = json.loads(record.value or b"{}")
                if said.get("id") == event_id:
                    edit(records, place, data=_changed(said["data"], fields))
                elif name == JOURNAL and said["event_id"] == event_id:
                    edit(records, place, record=_changed(said["record"], fields))


def _changed(said: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Return data with other fields; a value that is a dict changes the inner ones."""
    return {
        name: {**said[name], **value} if isinstance(value, dict) else value
        for name, value in fields.items()
    }


def _lose_grant(topics: Topics) -> None:
    topics[OFFERS][0].clear()


def _double_grant(topics: Topics) -> None:
    again(topics[OFFERS][0], 0)


def _ask_for_another_trigger(topics: Topics) -> None:
    edit(topics[OFFERS][0], 0, trigger_id=world.PUSH)


def _ask_for_another_offer(topics: Topics) -> None:
    edit(topics[OFFERS][0], 0, offer_id="car")


def _invent_grant(topics: Topics) -> None:
    came_out(topics, OFFERS, 7, "offer.grant_requested.v1", made.grant(7, world.NOW + 1_000))


def _promise_a_unit_too_many(topics: Topics) -> None:
    """c7 is sent the third of two gifts, and 30 of 20 are spent."""
    at = world.NOW + 1_000
    decision = by_hand_uuid("decision", str(at), world.SMS_7)
    reserved = by_hand_uuid("reservation", world.SMS_7)
    sms = made.trigger(7, 0, decision, at, reserved)
    came_out(topics, SMS, 7, "trigger.requested.v1", sms)
    _invent_grant(topics)
    told = json.loads(topics[DECISIONS][0][1].value or b"")
    told["candidates"][0] |= {"verdict": "sent", "reason_code": ""}
    edit(topics[DECISIONS][0], 1, candidates=told["candidates"])


def _promise_what_is_not_there(topics: Topics) -> None:
    _retell(topics, "o1", offer={"inventory_count": 1})


def _spend_what_is_not_there(topics: Topics) -> None:
    _retell(topics, "p1", campaign={"budget_minor": 19})


def _fall_back_without_a_receipt(topics: Topics) -> None:
    _retell(topics, "r0", status="accepted")


def _fall_back_after_the_wrong_receipt(topics: Topics) -> None:
    _retell(topics, "r0", status="expired")


def _lose_fallback(topics: Topics) -> None:
    topics[PUSH][0].clear()


def _name_the_wrong_slot(topics: Topics) -> None:
    edit(topics[PUSH][0], 0, slot=2)


def _fall_back_into_the_wrong_channel(topics: Topics) -> None:
    topics["marketing.triggers.email.v1"][0] = topics[PUSH][0]
    topics[PUSH][0] = []


def _forget_what_a_fallback_follows(topics: Topics) -> None:
    told = json.loads(topics[DECISIONS][0][2].value or b"")
    told["candidates"][0]["follows"] = ""
    edit(topics[DECISIONS][0], 2, candidates=told["candidates"])


def _carry_another_reservation(topics: Topics) -> None:
    edit(topics[SMS][0], 0, reservation_id=world.RESERVED_2)


def _show_what_the_wording_does_not_list(topics: Topics) -> None:
    edit(topics[SMS][1], 0, variables={"amount_minor": 0})


def _send_as_somebody_else(topics: Topics) -> None:
    edit(topics[SMS][1], 0, sender_profile="mandatory")


def _approve_another_version(topics: Topics) -> None:
    _retell(topics, "w1", template={"version": 2})


def _approve_for_another_channel(topics: Topics) -> None:
    _retell(topics, "w2", template={"channel": "email"})


def _lose_cancellation(topics: Topics) -> None:
    topics[SMS][1].pop()


def _row(key: str, *way: int, value: Any) -> Callable[[Topics], None]:  # noqa: ANN401 (any field)
    """Return what puts another value into a row, at the end of a way of places."""

    def spoil(topics: Topics) -> None:
        for records in topics[ROWS]:
            for place, record in enumerate(records):
                if record.key == key.encode():
                    said: Any = {0: unpacked(record.value or b"")}
                    inner = said
                    for step in (0, *way)[:-1]:
                        inner = inner[step]
                    inner[(0, *way)[-1]] = value
                    records[place] = record._replace(value=packed(said[0]))

    return spoil


OFFER_DAMAGES: list[tuple[Callable[[Topics], None], set[str]]] = [
    (_lose_grant, {"MISSING", "UNPAIRED"}),
    (_double_grant, {"DUP_SAME", "UNPAIRED"}),
    (_ask_for_another_trigger, {"DIFFERENT", "UNPAIRED"}),
    (_ask_for_another_offer, {"DIFFERENT", "UNPAIRED", "OVERSOLD"}),
    (_invent_grant, {"UNEXPECTED", "UNPAIRED", "OVERSOLD"}),
    (_promise_a_unit_too_many, {"UNEXPECTED", "DIFFERENT", "OVERSOLD", "OVERSPENT"}),
    (
        _promise_what_is_not_there,
        {"OVERSOLD", "UNEXPECTED", "DIFFERENT", "STATE_DIFF", "COUNT_DIFF"},
    ),
    (
        _spend_what_is_not_there,
        {"OVERSPENT", "UNEXPECTED", "DIFFERENT", "STATE_DIFF", "COUNT_DIFF"},
    ),
    (_fall_back_without_a_receipt, {"UNEXPECTED", "STATE_DIFF", "COUNT_DIFF"}),
    (_fall_back_after_the_wrong_receipt, {"UNEXPECTED", "STATE_DIFF", "COUNT_DIFF"}),
    (_lose_fallback, {"MISSING"}),
    (_name_the_wrong_slot, {"DIFFERENT"}),
    (_fall_back_into_the_wrong_channel, {"MISSING", "UNEXPECTED"}),
    (_forget_what_a_fallback_follows, {"DIFFERENT"}),
    (_carry_another_reservation, {"DIFFERENT", "UNPAIRED"}),
    (_show_what_the_wording_does_not_list, {"DIFFERENT"}),
    (_send_as_somebody_else, {"DIFFERENT"}),
    (
        _approve_another_version,
        {"MISSING", "UNEXPECTED", "DIFFERENT", "STATE_DIFF", "COUNT_DIFF"},
    ),
    (_approve_for_another_channel, {"UNEXPECTED", "DIFFERENT", "STATE_DIFF", "COUNT_DIFF"}),
    (_lose_cancellation, {"MISSING"}),
]

OFFER_FIELDS: list[tuple[str, Callable[[Topics], None]]] = [
    ("units taken", _row("#offer|0|acme|gift", 1, value=0)),
    ("units not given back", _row("#offer|1|acme|gift", 1, value=1)),
    ("what was spent", _row("#budget|0|acme|gift_nudge", value=7)),
    ("a cost not given back", _row("#budget|1|acme|gift_nudge", value=10)),
    ("nothing spent", _row("#budget|1|acme|gift_nudge", value=0)),
    ("a wording's channel", _row("#template|0|acme|nudge|1", 2, value="push")),
    ("a wording's variables", _row("#template|0|acme|nudge|1", 3, value=[{"name": "x"}])),
    ("a contact's slot", _row("acme|c0", 5, 1, 16, value=0)),
    ("a reservation kept twice", _row("acme|c0", 5, 0, 18, value=world.UNITS)),
    ("a reservation forgotten", _row("acme|c0", 5, 1, 18, value=None)),
    ("what is left to be tried", _row("acme|c2", 5, 0, 17, value=None)),
    ("a reservation not returned", _row("acme|c2", 5, 0, 18, 5, value=False)),
]
"""What is spoilt in a row, by name; each is a STATE_DIFF."""
