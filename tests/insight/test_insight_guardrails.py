"""Guardrails hold a campaign once, with evidence, and say why (insight.md 4)."""

import math
from typing import Any

import pytest
from msgspec.structs import replace

from lifecycle.effect.guardrail import Guardrail
from lifecycle.ids import derived_id
from schemas.campaign import Guardrails
from schemas.insight import GuardrailTripped
from schemas.insight_rows import RoundState
from schemas.journal import SourceCoordinates
from schemas.records import BROADCAST
from schemas.routing import JOURNAL_TOPIC, OUTCOMES_TOPIC
from tests.insight.insight_log import HOUR, KEY, T0, WATCHED, Folded, InsightLog


LEVEL_PPM = 2_500
"""A quarter of what is declared: three kinds of objections, and harm of one arm."""


def contacted(count: int = 100, **changed: Any) -> InsightLog:  # noqa: ANN401 (any field)
    """Return a log of so many contacts of a watched campaign."""
    log = InsightLog()
    for at in range(count):
        log.open(at, **({"guardrails": WATCHED} | changed))
    return log


def first_broken(bound_ppm: int, count: int) -> tuple[int, int]:
    """Return the least number of events that break a bound, and the p-value then."""
    for event_count in range(1, count + 1):
        guardrail = Guardrail(bound_ppm)
        guardrail.look(count, event_count)
        if guardrail.broken(LEVEL_PPM):
            return event_count, guardrail.evidence.p_ppm
    raise AssertionError(f"wanted a bound that {count} events break, found {bound_ppm}")


@pytest.mark.parametrize(
    ("kind", "bound_ppm"), [("opt_out", 10_000), ("complaint", 10_000), ("failure", 50_000)]
)
def test_guardrail_trips_at_the_first_objection_too_many(kind: str, bound_ppm: int) -> None:
    """One event less is no evidence; at that many it trips, with what it saw."""
    needed, p_ppm = first_broken(bound_ppm, 100)
    log = contacted()
    for at in range(needed - 1):
        log.objects(kind, at)
    assert Folded(log).tripped == []
    log.objects(kind)
    assert Folded(log).tripped == [
        GuardrailTripped(
            campaign_id="bind",
            policy_version=1,
            kind=kind,  # type: ignore[arg-type]  # one of four
            bound_ppm=bound_ppm,
            count=100,
            event_count=needed,
            p_ppm=p_ppm,
            alpha_ppm=LEVEL_PPM,
        )
    ]


def test_the_e_value_of_three_contacted_by_hand() -> None:
    """
    At a bound of 1 % two of three make e 19.2, so p .0522: not above an alpha of .06.

    Odds r of 1.25, 1.5, 2, 3, 5, 10 bet r^2 / (1 + .01 (r - 1))^3: 1.551, 2.217, 3.882, 8.481,
    22.225, 77.218; their mean is 19.262. The first objection alone made 3.3.
    """
    log = contacted(3, guardrails=Guardrails(opt_out_ppm=10_000, alpha_ppm=60_000))
    log.objects()
    assert Folded(log).tripped == []
    log.objects()
    [one] = Folded(log).tripped

    assert (one.count, one.event_count, one.p_ppm, one.alpha_ppm) == (3, 2, 51_915, 60_000)


@pytest.mark.parametrize(
    ("declared", "changed", "level_ppm"),
    [
        ({}, {}, 12_000),
        ({"complaint_ppm": 5_000}, {}, 6_000),
        ({"complaint_ppm": 1_000_000}, {}, 12_000),
        ({"harm": True}, {}, 6_000),
        ({"complaint_ppm": 5_000, "failure_ppm": 5_000, "harm": True}, {}, 3_000),
        ({}, {"key_count": 3}, 4_000),
        ({"harm": True}, {"key_count": 7}, 857),
    ],
)
def test_alpha_is_divided_over_what_is_asked(
    declared: dict[str, Any], changed: dict[str, Any], level_ppm: int
) -> None:
    """By kinds with a bound that can be broken, and by keys; what is left over is not given."""
    guardrails = Guardrails(**{"opt_out_ppm": 10_000, "alpha_ppm": 12_000} | declared)
    log = contacted(guardrails=guardrails, **changed)
    for _ in range(40):
        log.objects()

    assert Folded(log).tripped[0].alpha_ppm == level_ppm


def test_each_kind_trips_in_each_version() -> None:
    """Of those contacted before a trip no more is heard; other kinds, and versions, go on."""
    log = contacted()
    for _ in range(40):
        log.objects()
    for _ in range(100):
        log.open(policy_version=2, guardrails=WATCHED)
    for _ in range(40):
        log.objects(policy_version=2)
    for _ in range(40):
        log.objects("complaint")
    folded = Folded(log)

    found = [(one.policy_version, one.kind, one.sequence) for one in folded.tripped]
    assert found == [(1, "opt_out", 1), (2, "opt_out", 1), (1, "complaint", 1)]
    assert folded.version(1).tripped == ["opt_out", "complaint"]
    assert folded.version(1).objection_counts == {"opt_out": 40, "complaint": 40}
    assert folded.count(f"tripped|{KEY}|opt_out") == 2


def again(log: InsightLog, objection_count: int) -> Folded:
    """Go on with a hundred contacted after a trip, of whom so many opt out."""
    for at in range(100):
        log.open(HOUR + at, guardrails=WATCHED)
    for _ in range(objection_count):
        log.objects(at=2 * HOUR, decided_at_ms=T0 + HOUR)
    return Folded(log)


def test_evidence_begins_anew_after_a_trip() -> None:
    """It takes as many to trip again as it took at first; then it is the second of its kind."""
    needed, p_ppm = first_broken(10_000, 100)
    log = contacted()
    for _ in range(needed):
        log.objects()
    assert len(again(log, needed - 1).tripped) == 1
    log.objects(at=2 * HOUR, decided_at_ms=T0 + HOUR)
    folded = Folded(log)
    first, second = folded.tripped

    assert second == replace(first, sequence=2)
    assert (second.count, second.event_count, second.p_ppm) == (100, needed, p_ppm)
    assert folded.version().tripped == ["opt_out", "opt_out"]
    assert folded.version().rounds == {"opt_out": RoundState(T0 + 2 * HOUR)}
    assert [one.event_id for one in folded.envelopes] == [
        "bind-1-opt_out-0-1",
        "bind-1-opt_out-0-2",
    ]
    assert len({one.report_id for one in folded.holdings}) == 2


def test_late_objections_to_contacts_of_before_trip_nothing() -> None:
    """They were counted once: forty more who were contacted before the trip, or at its moment."""
    log = contacted()
    for _ in range(40):
        log.objects()
    again(log, 0)
    for at in (0, 99):
        for _ in range(20):
            log.objects(at=3 * HOUR, decided_at_ms=T0 + at)
    folded = Folded(log)

    assert len(folded.tripped) == 1
    assert folded.version().rounds == {"opt_out": RoundState(T0 + 99, count=100)}
    assert folded.version().evidence == {}


def test_who_is_kept_back_is_not_counted_among_the_contacted_of_a_round() -> None:
    """Control and holdout after a trip: exposed, not contacted."""
    log = contacted()
    for _ in range(40):
        log.objects()
    log.open(HOUR, "control")
    log.open(HOUR, "holdout")
    log.open(HOUR)

    assert Folded(log).version().rounds["opt_out"].count == 1


@pytest.mark.parametrize(
    "guardrails", [None, Guardrails(complaint_ppm=10_000), Guardrails(opt_out_ppm=1_000_000)]
)
def test_what_has_no_bound_never_trips(guardrails: Guardrails | None) -> None:
    """Without guardrails, without a bound of this kind, and where all may object."""
    log = contacted(guardrails=guardrails)
    for _ in range(100):
        log.objects()
    folded = Folded(log)

    assert folded.tripped == []
    assert folded.version().objection_counts == {"opt_out": 100}


def test_events_never_exceed_those_contacted() -> None:
    """Five objections of three contacted are three of three: e 153.6, as section 4 reckons it."""
    log = contacted(3)
    for _ in range(5):
        log.objects()
    log_e, _ = Folded(log).version().evidence["opt_out"]

    assert Folded(log).tripped == []
    assert math.exp(log_e) == pytest.approx(153.630, abs=0.001)


def test_evidence_is_the_greatest_so_far() -> None:
    """Evidence that later contacts dilute does not go away: a p-value at any time."""
    log = contacted(50)
    log.objects()
    log.objects()
    before = Folded(log).version().evidence["opt_out"]
    for at in range(500):
        log.open(at, guardrails=WATCHED)
    log.objects()
    log_e, max_log_e = Folded(log).version().evidence["opt_out"]

    assert before == (before[1], before[1])
    assert log_e < max_log_e == before[1]


def test_a_trip_goes_into_every_journal_partition_and_to_people() -> None:
    """The envelope is no customer's, at the row's time, from the record that broke the bound."""
    log = contacted()
    for at in range(40):
        log.objects(at=1_000 + at)
    folded = Folded(log)

    [envelope] = folded.envelopes
    [output] = [one for one in folded.outputs if one.topic == JOURNAL_TOPIC]
    place = next(number for number, one in enumerate(folded.outputs) if one is output)
    assert (output.partition, output.key) == (BROADCAST, b"bank|")
    assert (envelope.tenant, envelope.customer_token) == ("bank", "")
    assert (envelope.event_id, envelope.event_source) == ("bind-1-opt_out-0-1", "cardcue/insight")
    offset = envelope.source.offset
    assert envelope.source == SourceCoordinates(OUTCOMES_TOPIC, 0, offset)
    assert envelope.journal_at_ms == envelope.occurred_at_ms == T0 + 1_000 + offset - 100
    [told] = folded.holdings
    assert told.tripped == envelope.record
    assert told.at_ms == envelope.journal_at_ms
    assert told.report_id == derived_id("guardrail", "bank", "bind", "1", "opt_out", "0", "1")
    assert folded.outputs[place + 1].key == b"bank|bind|0|1|opt_out"
