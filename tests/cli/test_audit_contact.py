"""An audit derives what quiet hours, spacing and caps said again; no input changes unseen."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cli.audit.verdicts import faults
from lifecycle.records import digest_of
from schemas.decisions import Decision, GateReading
from schemas.events import TenantConfigured
from schemas.state import CONTACTS_MAX
from tests.cli.flips import flipped_somewhere
from tests.lifecycle.builders import DAY, HOUR, T0, Bank, cap, spend
from tests.lifecycle.contacts import (
    ALL_DAY,
    CLOSE,
    OPEN,
    any_purchase,
    apart,
    bank_policy,
    limit,
    night,
    offer,
)


SCOPES = {
    "campaign": "CAP_CAMPAIGN",
    "channel": "CAP_CHANNEL",
    "purpose": "CAP_PURPOSE",
    "class": "CAP_CLASS",
    "all": "CAP_GLOBAL",
}


def purchases(bank: Bank, *ats: int, amount_minor: int = 1_000) -> list[Decision]:
    """Return the records of purchases at these times."""
    effects = [effect for at in ats for effect in bank.say(spend(amount_minor), at)]
    return [effect for effect in effects if isinstance(effect, Decision)]


def by_night() -> list[Decision]:
    """Return records of quiet hours: deferred, released, given up, of no zone, of other classes."""
    bank = Bank(offer(), *(offer(kind, message_class=kind) for kind in ("servicing", "mandatory")))
    bank.control(night())
    told = purchases(bank, HOUR)
    told += (one for one in bank.tick(OPEN) if isinstance(one, Decision))
    bank.control(night(ALL_DAY, version=2), OPEN)
    told += purchases(bank, CLOSE)
    bank.control(TenantConfigured(), CLOSE)
    return told + purchases(bank, CLOSE)


def apart_by_rule() -> list[Decision]:
    """Return records of a cool-down, and of exclusions an hour later and at the very moment."""
    bank = Bank(offer(cool_down_ms=DAY), offer("b", entry=any_purchase(9_000), priority=90))
    bank.control(bank_policy(apart("a", "b", 2 * HOUR)))
    told = purchases(bank, 0, HOUR)
    told += purchases(bank, 3 * DAY, amount_minor=9_000)
    return told + purchases(bank, 3 * DAY, 3 * DAY + HOUR, 4 * DAY)


def over_caps() -> list[Decision]:
    """Return records of a cap of each scope that is full, and of both kinds of full memory."""
    told = []
    for scope in SCOPES:
        bank = Bank(offer())
        bank.control(bank_policy(limit(9, HOUR), limit(1, DAY, scope)))
        told += purchases(bank, 0, 1)
    for extra in (0, 1):
        bank = Bank(
            offer(entry=any_purchase(9_000), caps=(cap(50, DAY),)),
            offer("z", message_class="mandatory"),
        )
        purchases(bank, *range(CONTACTS_MAX + extra))
        told += purchases(bank, HOUR, amount_minor=9_000)
    return told


RECORDS = by_night() + apart_by_rule() + over_caps()


def test_records_of_the_contact_policy_follow_from_what_they_say() -> None:
    """Every reason that these gates give, and not one fault."""
    ends = {(one.reason_code, one.clause) for record in RECORDS for one in record.candidates}

    assert {
        ("QUIET_HOURS", ""),
        ("ZONE_UNKNOWN", ""),
        ("COOL_DOWN", ""),
        ("EXCLUSION", "b"),
        *((reason, "") for reason in SCOPES.values()),
        ("CAP_GLOBAL", "memory"),
        ("CAP_CAMPAIGN", "memory"),
    } <= ends
    assert [] == [fault for record in RECORDS for fault in faults(record)]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_recorded_input_of_the_contact_policy_can_be_flipped_unseen(
    data: st.DataObject,
) -> None:
    """Any leaf of any of these records: the digest tells, if nothing else does."""
    record = flipped_somewhere(data, RECORDS)

    assert record is None or faults(record)


def told(reason: str, clause: str = "", saw: str = "") -> Decision:
    """Return the first record whose first candidate has failed so."""
    return next(
        record
        for record in RECORDS
        if (one := record.candidates[0]).reason_code == reason
        and one.clause == clause
        and saw in "".join(one.gates[-1].saw)
    )


def resealed(record: Decision, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record whose first candidate says something else, with a digest that fits."""
    first = replace(record.candidates[0], **changed)
    forged = replace(record, candidates=(first, *record.candidates[1:]))
    return replace(forged, digest=digest_of(forged))


def reread(record: Decision, **changed: Any) -> Decision:  # noqa: ANN401 (any field)
    """Return a record whose first candidate's last gate says something else, reason and all."""
    one = record.candidates[0]
    last: GateReading = replace(one.gates[-1], **changed)
    said = {"reason_code": last.reason_code, "clause": last.clause}
    return resealed(record, gates=(*one.gates[:-1], last), **said)


NIGHT, NOWHERE = told("QUIET_HOURS"), told("ZONE_UNKNOWN")
GIVEN_UP = next(one for one in RECORDS if one.candidates[0].verdict == "suppressed")
COOL, EXCLUDED = told("COOL_DOWN"), told("EXCLUSION", "b")
FULL, FORGOTTEN = told("CAP_GLOBAL", "memory", "contact"), told("CAP_CAMPAIGN", "memory")
CAPPED = told("CAP_CLASS")
LENGTHS = {"cool_down_ms": DAY}


@pytest.mark.parametrize(
    ("forged", "fault"),
    [
        (reread(NIGHT, saw={"open_at_ms": NIGHT.decided_at_ms}), "quiet"),
        (reread(NIGHT, saw={"open_at_ms": NIGHT.decided_at_ms + 14 * DAY + 1}), "quiet"),
        (reread(NIGHT, saw={"open_at_ms": T0 + OPEN, "more": 1}), "quiet"),
        (reread(NIGHT, saw={}), "verdict"),
        (reread(NIGHT, reason_code="ZONE_UNKNOWN"), "quiet"),
        (reread(NIGHT, reason_code="NO_CONSENT"), "its gate"),
        (reread(NIGHT, reason_code="", saw={}), "gates"),
        (resealed(NIGHT, verdict="suppressed"), "verdict"),
        (resealed(GIVEN_UP, verdict="deferred"), "verdict"),
        (resealed(NOWHERE, verdict="deferred"), "verdict"),
        (reread(NOWHERE, saw={"open_at_ms": NOWHERE.decided_at_ms + 1}), "quiet"),
        (reread(COOL, saw=LENGTHS | {"since_ms": DAY}), "spacing"),
        (reread(COOL, saw=LENGTHS | {"since_ms": -1}), "spacing"),
        (reread(COOL, saw={"cool_down_ms": HOUR, "since_ms": HOUR}), "spacing"),
        (reread(COOL, saw=LENGTHS), "spacing"),
        (reread(COOL, saw={}), "spacing"),
        (reread(COOL, clause="b"), "spacing"),
        (reread(COOL, reason_code="EXCLUSION", clause="b"), "spacing"),
        (reread(EXCLUDED, clause=""), "spacing"),
        (reread(EXCLUDED, saw={"within_ms": HOUR, "since_ms": HOUR}), "spacing"),
        (reread(EXCLUDED, reason_code="", clause=""), "spacing"),
        (reread(FULL, saw={"contact_count": 31, "longest_window_ms": DAY}), "caps"),
        (reread(FULL, saw={"contact_count": 33, "longest_window_ms": DAY}), "caps"),
        (reread(FULL, saw={"contact_count": 32, "longest_window_ms": DAY - 1}), "caps"),
        (reread(FULL, saw={"contact_count": 32}), "caps"),
        (reread(FULL, saw={}), "caps"),
        (reread(FULL, clause=""), "caps"),
        (reread(FORGOTTEN, saw={"forgotten_at_ms": FORGOTTEN.decided_at_ms + 1}), "caps"),
        (reread(FORGOTTEN, saw={"forgotten_at_ms": FORGOTTEN.decided_at_ms - DAY}), "caps"),
        (reread(FORGOTTEN, reason_code="CAP_CHANNEL"), "caps"),
        (reread(FORGOTTEN, saw={}), "caps"),
        (reread(CAPPED, reason_code="CAP_GLOBAL"), "caps"),
        (reread(CAPPED, clause="memory"), "caps"),
        (reread(CAPPED, saw={"forgotten_at_ms": 1}), "caps"),
        (resealed(CAPPED, caps=()), "caps"),
    ],
)
def test_forgery_of_the_contact_policy_with_a_fitting_digest_is_found(
    forged: Decision, fault: str
) -> None:
    """Whoever can write digests cannot write times and counts that do not lead to the reason."""
    assert any(fault in one for one in faults(forged))


@pytest.mark.parametrize("gate", ["quiet", "spacing", "caps"])
def test_gate_that_passed_has_seen_nothing(gate: str) -> None:
    """Numbers beside no reason are none that the fold writes."""
    record = next(one for one in RECORDS if one.candidates[0].verdict == "sent")
    gates = tuple(
        replace(reading, saw={"since_ms": 1}) if reading.gate == gate else reading
        for reading in record.candidates[0].gates
    )

    found = faults(resealed(record, gates=gates))
    assert any(one.partition(": ")[2].startswith(gate) for one in found)
