"""Derive what wording, offer and budget have said from what the record holds of them."""

from collections.abc import Iterator
from typing import Final

from schemas.decisions import Considered, GateReading
from schemas.reasons import ReasonCode


CLAUSED: Final[dict[ReasonCode, bool]] = {
    "": False,
    "NO_TEMPLATE": False,
    "VARIABLE_MISSING": True,
}
"""What the gate `content` can say, and whether it names a variable."""

UNDEFINED: Final = "offer"
"""The clause of a refusal because nobody has defined the offer."""

BUDGET: Final = frozenset({"left_minor", "cost_minor"})


def promise_faults(one: Considered) -> Iterator[str]:
    """Yield where a reading of these gates does not follow from what it saw (3.14, 3.15)."""
    for reading in one.gates:
        if reading.gate == "content":
            yield from _content(reading)
        elif reading.gate == "offer":
            yield from _offer(one, reading)


def _content(reading: GateReading) -> Iterator[str]:
    """Yield where a wording is refused otherwise than unapproved, or for a variable by name."""
    if CLAUSED.get(reading.reason_code) != bool(reading.clause):
        yield "content: wanted a variable's name for one that is missing, and for nothing else"
    if reading.saw:
        yield "content: wanted nothing that was seen"


def _offer(one: Considered, reading: GateReading) -> Iterator[str]:
    """Yield where units and money left do not lead to the reason (SEMANTICS C3)."""
    wanted = _refusal(one, reading)
    found = reading.reason_code, reading.clause
    if wanted is None:
        yield "offer: saw other numbers than those of an offer and a budget"
    elif wanted != found:
        yield f"offer: the numbers say {wanted[0] or 'enough'}, the reason {found[0] or 'enough'}"
    yield from _cost(one, reading)


def _refusal(one: Considered, reading: GateReading) -> tuple[ReasonCode, str] | None:
    """Return the reason and clause that the numbers lead to, None where others are there."""
    saw = reading.saw
    if one.offer_id and not saw:
        return "NO_INVENTORY", UNDEFINED
    counted = {"left_count"} if one.offer_id else set()
    if saw.keys() - BUDGET != counted:
        return None
    if one.offer_id and saw["left_count"] < 1:
        return ("NO_INVENTORY", "") if saw.keys() == counted else None
    if saw.keys() == counted:
        return ("", "") if counted else None
    if saw.keys() != counted | BUDGET:
        return None
    return ("NO_BUDGET", "") if saw["left_minor"] < saw["cost_minor"] else ("", "")


def _cost(one: Considered, reading: GateReading) -> Iterator[str]:
    """Yield where the cost is less than the contact's, or more though nothing is promised."""
    cost_minor = reading.saw.get("cost_minor", one.contact_cost_minor)
    unit_cost_minor = cost_minor - one.contact_cost_minor
    if unit_cost_minor < 0 or (unit_cost_minor and not one.offer_id):
        yield f"offer: a contact costs {one.contact_cost_minor}, all of it {cost_minor}"
