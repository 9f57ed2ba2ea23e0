"""Guardrails hold a campaign once, with evidence, and say why (insight.md 4)."""

from typing import Any

import pytest

from lifecycle.effect.guardrail import Guardrail
from lifecycle.ids import derived_id
from schemas.campaign import Guardrails
from schemas.insight import GuardrailTripped
from schemas.journal import SourceCoordinates
from schemas.records import BROADCAST
from schemas.routing import JOURNAL_TOPIC, OUTCOMES_TOPIC
from tests.insight.insight_log import CONTROL_PPM, KEY, T0, WATCHED, Folded, InsightLog


def contacted(count: int = 100, **changed: Any) -> InsightLog:  # noqa: ANN401 (any field)
    """Return a log of so many contacts of a watched campaign."""
    log = InsightLog()
    for at in range(count):
        log.open(at, **({"guardrails": WATCHED} | changed))
    return log


def first_broken(bound_ppm: int, count: int, alpha_ppm: int = 10_000) -> tuple[int, int]:
    """Return the least number of events that break a bound, and the p-value then."""
    for event_count in range(1, count + 1):
        guardrail = Guardrail(bound_ppm)
        guardrail.look(count, event_count)
        if guardrail.broken(alpha_ppm):
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
        )
    ]


def test_guardrail_trips_once_a_version_and_anew_in_the_next() -> None:
    """What people let go on does not trip by the same kind again; a new version may."""
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

    found = [(one.policy_version, one.kind) for one in folded.tripped]
    assert found == [(1, "opt_out"), (2, "opt_out"), (1, "complaint")]
    assert folded.version(1).tripped == ["opt_out", "complaint"]
    assert folded.count(f"tripped|{KEY}|opt_out") == 2


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
    """Objections of repeated contacts beyond the count: all of them, no more."""
    log = contacted(3)
    for _ in range(5):
        log.objects()

    assert Folded(log).tripped[0].event_count == 3


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


def harmful(pairs: int, **changed: Any) -> InsightLog:  # noqa: ANN401 (any field)
    """Return a log in which only control converts."""
    log = InsightLog()
    log.open(guardrails=WATCHED)
    for at in range(pairs):
        log.settle(at, "control", 1, **changed)
        log.settle(at, "default", 0, **changed)
    return log


def test_harm_trips_once_with_the_series_that_shows_it() -> None:
    """Customers and conversions are those of the series; the bound is none; once a version."""
    folded = Folded(harmful(200))

    [one] = folded.tripped
    assert (one.kind, one.arm, one.bound_ppm) == ("harm", "default", 0)
    assert one.p_ppm <= WATCHED.alpha_ppm
    assert one.count in {2 * one.event_count, 2 * one.event_count - 1}
    assert folded.version().series.keys() == {f"default|{CONTROL_PPM}|0"}


def test_harm_is_not_asked_where_it_is_not_declared() -> None:
    """Only a campaign that declares `harm` is held for it."""
    log = InsightLog()
    log.open(guardrails=Guardrails(opt_out_ppm=10_000))
    log.records += harmful(200).records[1:]

    assert Folded(log).tripped == []


def test_harm_of_equal_arms_is_the_first_fed() -> None:
    """Two arms do the same harm: who is kept back tells of both at once, in order of shares."""
    shares = {"control": 200_000, "red": 400_000, "default": 400_000}
    log = InsightLog()
    log.open(guardrails=WATCHED, shares_ppm=shares)
    for at in range(200):
        log.settle(at, "red", 0)
        log.settle(at, "default", 0)
        log.settle(at, "control", 1)
    [one] = Folded(log).tripped

    assert one.arm == "red"


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
    assert (envelope.event_id, envelope.event_source) == ("bind-1-opt_out", "cardcue/insight")
    offset = envelope.source.offset
    assert envelope.source == SourceCoordinates(OUTCOMES_TOPIC, 0, offset)
    assert envelope.journal_at_ms == envelope.occurred_at_ms == T0 + 1_000 + offset - 100
    [told] = folded.holdings
    assert told.tripped == envelope.record
    assert told.at_ms == envelope.journal_at_ms
    assert told.report_id == derived_id("guardrail", "bank", "bind", "1", "opt_out")
    assert folded.outputs[place + 1].key == b"bank|bind|0|1|opt_out"
