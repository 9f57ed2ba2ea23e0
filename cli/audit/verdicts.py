"""
Derive every verdict of a decision record again from the inputs that it recorded.

Pure and without the log: gates in the order that binds the class, caps against their counts,
worth from its factors, the winner from worth and priority, the arm from its bucket, ids from
their parts, and the digest over all of it. What a record rests on but does not hold, a card's
status or a word of consent, is in the journal: a replay is the judge of that.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from cli.audit.contact import contact_faults
from cli.audit.fallback import NOT_ASKED, fallback_faults, slot_id
from cli.audit.option import option_faults, worth_faults
from cli.audit.promise import promise_faults
from cli.audit.score import score_faults, unscored
from lifecycle.bindings import BINDINGS, Binding
from lifecycle.experiment import KEPT_BACK, PPM_PER_BP
from lifecycle.ids import derived_id
from lifecycle.records import digest_of
from lifecycle.worth import worth_micro
from schemas.decisions import Considered, Decision, GateReading
from schemas.reasons import GATES, REASONS


CORRECTIONS: Final = frozenset({"invalidated", "cap_overrun"})
OCCASION_GATES: Final = frozenset({"worth", "arbitration", "experiment"})


def faults(record: Decision) -> list[str]:
    """Return what does not follow from what the record says, nothing for a good one."""
    found = [] if record.digest == digest_of(record) else ["digest: not that of the record"]
    found += _ids(record)
    for candidate in record.candidates:
        checks = _correction if candidate.verdict in CORRECTIONS else _candidate
        where = f"{candidate.campaign_id} {candidate.step}"
        found += (f"{where}: {fault}" for fault in checks(record, candidate))
    found += _arbitration(record.candidates)
    return found


def _ids(record: Decision) -> Iterator[str]:
    """Yield ids that are not those of their cause (SEMANTICS B1)."""
    for one in record.candidates:
        if one.trigger_id != slot_id(record, one, one.slot):
            yield f"trigger id: {one.trigger_id} is not that of its parts"
    if any(one.verdict in CORRECTIONS for one in record.candidates):
        return
    trigger_ids = [one.trigger_id for one in record.candidates]
    if record.decision_id != derived_id("decision", str(record.decided_at_ms), *trigger_ids):
        yield "decision id: not that of its time and candidates"
    sent = tuple(one.trigger_id for one in record.candidates if one.verdict == "sent")
    if record.chosen != sent:
        yield f"chosen: wanted the {len(sent)} that were sent, found {len(record.chosen)}"


def _correction(record: Decision, one: Considered) -> Iterator[str]:
    """Yield what is wrong with a correction: one candidate, one reading."""
    if len(record.candidates) != 1 or [reading.gate for reading in one.gates] != ["truth"]:
        yield "correction: wanted one candidate with the reading of truth alone"
    elif one.gates[0].reason_code != one.reason_code:
        yield f"correction: the reason is {one.reason_code}, the reading's another"
    elif one.follows or one.reserved_at_ms:
        yield "correction: wanted no fallback"
    elif not unscored(one):
        yield "correction: wanted no propensity"


def _candidate(record: Decision, one: Considered) -> Iterator[str]:
    """Yield what is wrong with a candidate of an occasion."""
    binding = BINDINGS.get(one.message_class)
    if binding is None:
        yield f"message class: {one.message_class} is none"
        return
    yield from _gates(binding, one)
    yield from fallback_faults(record, one)
    yield from contact_faults(record, one)
    yield from promise_faults(one)
    yield from score_faults(one, weighed=_reading(one, "worth") is not None)
    yield from option_faults(one)
    yield from _worth(one)
    yield from _experiment(one)
    yield from _verdict(record, one)


def _gates(binding: Binding, one: Considered) -> Iterator[str]:
    """Yield where other gates were asked than those that bind, or one after a failure."""
    order, asked = _order(binding, one), [reading.gate for reading in one.gates]
    complete = len(order)
    if binding.caps and not one.follows:
        order.append("caps")  # asked again last, and told of only where it fails by then
    if not one.gates or asked != order[: len(asked)]:
        yield f"gates: asked {', '.join(asked)}, bound are {', '.join(order)}"
        return
    if any(reading.reason_code for reading in one.gates[:-1]):
        yield "gates: went on after one had failed"
    last = one.gates[-1]
    if (last.reason_code, last.clause) != (one.reason_code, one.clause):
        yield "reason: not that of the last gate"
    if last.reason_code not in {"", "RULE_ERROR"} and REASONS[last.reason_code].gate != last.gate:
        yield "reason: not one that its gate gives"
    if not last.reason_code and len(asked) != complete:
        yield f"gates: passed {len(asked)}, bound are {complete}"
    if len(asked) > complete and not last.reason_code:
        yield "caps: asked again and told of without having failed"


def _order(binding: Binding, one: Considered) -> list[str]:
    """Return the gates that are asked of a candidate as long as none fails (SEMANTICS O3)."""
    bound = {name for name, binds in binding._asdict().items() if binds not in {False, "not asked"}}
    if binding.arbitration:
        bound |= OCCASION_GATES
    if one.follows:
        bound -= NOT_ASKED
    elif not one.offer_id and _reading(one, "offer") is None:
        bound.discard("offer")  # nothing is promised, nor paid from a budget
    return [name for name in GATES if name in bound]


def _worth(one: Considered) -> Iterator[str]:
    """Yield where the worth is not that of its factors (SEMANTICS O2)."""
    reading = _reading(one, "worth")
    if reading is None:
        if one.worth_micro:
            yield "worth: told, and never weighed"
        return
    wanted = worth_micro(
        one.propensity_ppm, one.value_minor, one.lever_percent, one.contact_cost_minor
    )
    if one.options_ppm:
        yield from worth_faults(one, reading, wanted)
        return
    if {"worth_micro": wanted} != reading.saw or one.worth_micro != wanted:
        yield f"worth: the factors give {wanted}, the record says {one.worth_micro}"
    if (wanted < 0) != (reading.reason_code == "NOT_WORTH"):
        yield "worth: the reason is not that of the sum"


def _experiment(one: Considered) -> Iterator[str]:
    """Yield where the arm is not that of its bucket (SEMANTICS E1)."""
    reading = _reading(one, "experiment")
    if reading is None:
        if one.arm or one.arm_ppm:
            yield "arm: told, and never assigned"
        return
    saw = reading.saw
    if saw.keys() != {"bucket", "first_bucket", "end_bucket"}:
        yield "arm: wanted its bucket and range"
        return
    if not saw["first_bucket"] <= saw["bucket"] < saw["end_bucket"]:
        yield "arm: the bucket is not in its range"
    if one.arm_ppm != (saw["end_bucket"] - saw["first_bucket"]) * PPM_PER_BP:
        yield "arm: the share is not that of its range"
    verdict, reason = KEPT_BACK.get(one.arm, ("", ""))
    if one.follows and verdict:
        verdict = "suppressed"  # it was treated before; nobody is kept back twice
    if reading.reason_code != reason or (verdict and one.verdict != verdict):
        yield f"arm: {one.arm} does not lead to {one.verdict}"


def _verdict(record: Decision, one: Considered) -> Iterator[str]:
    """Yield where the verdict is not that of the reason."""
    went = "shadow" if record.shadow else "sent"
    kept_back = {reason: verdict for verdict, reason in KEPT_BACK.values()}
    wanted = kept_back.get(one.reason_code, "suppressed") if one.reason_code else went
    if one.reason_code == "QUIET_HOURS" and one.gates[-1].saw:
        wanted = "deferred"
    if one.follows and one.reason_code:
        wanted = "suppressed"  # its contact expires; there is nothing to put off
    if one.verdict != wanted:
        yield f"verdict: the reason gives {wanted}, the record says {one.verdict}"


def _arbitration(candidates: Sequence[Considered]) -> Iterator[str]:
    """Yield where another candidate should have won, or the number of competitors is wrong."""
    competed = [one for one in candidates if _reading(one, "arbitration") is not None]
    if not competed:
        return
    best = max((one.worth_micro, one.priority) for one in competed)
    equals = [one for one in competed if (one.worth_micro, one.priority) == best]
    winners = [one for one in competed if one.reason_code != "LOST_ARBITRATION"]
    if winners != equals[:1]:
        yield "arbitration: the winner is not the first of those that are worth most"
    for one in competed:
        reading = _reading(one, "arbitration")
        if reading is not None and reading.saw != {"competing_count": len(competed)}:
            yield f"arbitration: {one.campaign_id} saw another number than {len(competed)}"


def _reading(one: Considered, gate: str) -> GateReading | None:
    """Return a candidate's reading of a gate, None if it was not asked."""
    return next((reading for reading in one.gates if reading.gate == gate), None)
