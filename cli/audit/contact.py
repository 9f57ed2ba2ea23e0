"""Derive what quiet hours, spacing and caps have said from the times and counts in the record."""

from collections.abc import Iterator
from typing import Final

from lifecycle.caps import MEMORY, REASON_BY_SCOPE
from lifecycle.quiet_hours import HORIZON_MS
from schemas.decisions import Considered, Decision, GateReading
from schemas.reasons import ReasonCode
from schemas.state import CONTACTS_MAX


LENGTH_BY_REASON: Final[dict[ReasonCode, str]] = {
    "COOL_DOWN": "cool_down_ms",
    "EXCLUSION": "within_ms",
}
"""What a refusal of spacing shows beside `since_ms`."""


def contact_faults(record: Decision, one: Considered) -> Iterator[str]:
    """Yield where a reading of these gates does not follow from what it saw."""
    for reading in one.gates:
        if reading.gate == "quiet":
            yield from _quiet(record, reading)
        elif reading.gate == "spacing":
            yield from _spacing(reading)
    yield from _caps(record, one)


def _quiet(record: Decision, reading: GateReading) -> Iterator[str]:
    """Yield where the morning is not one that follows this moment (SEMANTICS O5)."""
    saw = reading.saw
    if saw and (reading.reason_code != "QUIET_HOURS" or saw.keys() != {"open_at_ms"}):
        yield "quiet: wanted no more than when quiet hours are over"
    elif saw and not 0 < saw["open_at_ms"] - record.decided_at_ms <= HORIZON_MS:
        yield "quiet: it opens at no moment after this one, or too late to be known"


def _spacing(reading: GateReading) -> Iterator[str]:
    """Yield where what was met too recently was not (SEMANTICS E2)."""
    saw, reason = reading.saw, reading.reason_code
    length = LENGTH_BY_REASON.get(reason)
    if saw.keys() != ({length, "since_ms"} if length else set()):
        yield "spacing: wanted how long, and since when, for a refusal alone"
        return
    if (reason == "EXCLUSION") != bool(reading.clause):
        yield "spacing: wanted another campaign's name for an exclusion alone"
    if length:
        since_ms, at_once = saw["since_ms"], reason == "EXCLUSION" and saw["since_ms"] == 0
        if not (at_once or 0 <= since_ms < saw[length]):
            yield "spacing: the reason is not that of the times"


def _caps(record: Decision, one: Considered) -> Iterator[str]:
    """Yield where caps and their counts do not agree (SEMANTICS C1)."""
    readings = [reading for reading in one.gates if reading.gate == "caps"]
    if readings:
        wanted = _refusal(record, one, readings[-1])
        refused = readings[-1].reason_code, readings[-1].clause
        if wanted != refused:
            yield f"caps: the counts say {wanted[0] or 'free'}, the reason {refused[0] or 'free'}"
    for reading in readings:
        if (reading.clause == MEMORY) != bool(reading.saw):
            yield "caps: wanted what is not remembered for a refusal for that alone"
        elif reading.saw and not _remembered(record, one, reading):
            yield "caps: what is not remembered is no reason to refuse"
    made = int(one.verdict == "sent")
    if any(cap.count_after != cap.count_before + made for cap in one.caps):
        yield "caps: counts after are not those before and what was sent"


def _remembered(record: Decision, one: Considered, reading: GateReading) -> bool:
    """Return whether a refusal for want of memory saw what there is to see, and nothing else."""
    saw = reading.saw
    if saw.keys() == {"forgotten_at_ms"}:
        return 0 < saw["forgotten_at_ms"] <= record.decided_at_ms
    return (
        saw.keys() == {"contact_count", "longest_window_ms"}
        and saw["contact_count"] == CONTACTS_MAX
        and all(cap.window_ms <= saw["longest_window_ms"] for cap in one.caps)
    )


def _refusal(record: Decision, one: Considered, reading: GateReading) -> tuple[str, str]:
    """Return the reason and clause that the counts, and what was forgotten, lead to."""
    as_of_ms = one.reserved_at_ms or record.decided_at_ms
    forgotten_at_ms = reading.saw.get("forgotten_at_ms", 0)
    for cap in one.caps:
        if cap.count_before >= cap.count_max:
            return REASON_BY_SCOPE[cap.scope], ""
        if forgotten_at_ms and as_of_ms - cap.window_ms < forgotten_at_ms:
            return REASON_BY_SCOPE[cap.scope], MEMORY
    full = bool(one.caps) and reading.saw.get("contact_count", 0) >= CONTACTS_MAX
    return ("CAP_GLOBAL", MEMORY) if full else ("", "")
