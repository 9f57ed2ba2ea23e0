"""Forge decision records: say something else in one of them, with ids and a digest that fit."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from lifecycle.ids import derived_id
from lifecycle.records import digest_of
from schemas.decisions import Decision, GateReading
from schemas.events import OfferDefined
from schemas.offer import Offer
from tests.lifecycle.builders import DAY, Bank


def gift(count: int, cost_minor: int = 0, version: int = 1) -> OfferDefined:
    """Return that there are so many gifts."""
    return OfferDefined(
        offer=Offer(
            id="gift",
            version=version,
            inventory_count=count,
            valid_ms=DAY,
            unit_cost_minor=cost_minor,
        )
    )


def said(bank: Bank, at: int, event: Any) -> list[Decision]:  # noqa: ANN401 (any event)
    """Return the records that an event leads to."""
    return [effect for effect in bank.say(event, at) if isinstance(effect, Decision)]


def told(reason: str, among: Sequence[Decision], *saw: str, clause: str = "") -> Decision:
    """Return the first record whose first candidate ended so, and whose gates saw all of this."""
    return next(
        record
        for record in among
        if (one := record.candidates[0]).reason_code == reason
        and one.clause == clause
        and {*saw} <= {name for reading in one.gates for name in reading.saw}
    )


def resealed(record: Decision, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record whose first candidate says something else, with ids and digest that fit."""
    first = replace(record.candidates[0], **changed)
    about = first.campaign_id, first.occurrence_key, first.step, str(first.slot)
    own_id = derived_id(record.tenant, record.customer_token, *about)
    first = replace(first, trigger_id=own_id)
    return sealed(record, candidates=(first, *record.candidates[1:]))


def sealed(record: Decision, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record that says something else, its ids and its digest made to fit."""
    record = replace(record, **changed)
    ids = [one.trigger_id for one in record.candidates]
    forged = replace(
        record,
        decision_id=derived_id("decision", str(record.decided_at_ms), *ids),
        chosen=tuple(one.trigger_id for one in record.candidates if one.verdict == "sent"),
    )
    return replace(forged, digest=digest_of(forged))


def regated(record: Decision, gate: str, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record in which one gate says something else; the candidate says it after it."""
    one = record.candidates[0]
    gates = [replace(at, **changed) if at.gate == gate else at for at in one.gates]
    last: GateReading = gates[-1]
    return resealed(record, gates=tuple(gates), reason_code=last.reason_code, clause=last.clause)


def without(record: Decision, gate: str) -> Decision:
    """Return a record in which a gate was never asked."""
    one = record.candidates[0]
    return resealed(record, gates=tuple(at for at in one.gates if at.gate != gate))


def asked_too(record: Decision, reading: GateReading) -> Decision:
    """Return a record in which one more gate was asked, before the last."""
    gates = record.candidates[0].gates
    return resealed(record, gates=(*gates[:-1], reading, gates[-1]))
