"""Decisions are counted, not kept: verdicts, reasons, and how hard caps press (insight.md 1)."""

from msgspec.structs import replace

from schemas.decisions import CapReading
from schemas.examples import DECISION
from tests.insight.insight_log import Folded, InsightLog


CANDIDATE = DECISION.candidates[0]


def cap(before: int, after: int, count_max: int = 2, scope: str = "campaign") -> CapReading:
    """Return a cap as a decision has seen it."""
    return CapReading(
        scope=scope,  # type: ignore[arg-type]  # one of five
        window_ms=1,
        count_max=count_max,
        count_before=before,
        count_after=after,
    )


def test_insight_counts_candidates_by_verdict_and_reason() -> None:
    """Each candidate of an occasion counts by its campaign, whatever became of it."""
    log = InsightLog()
    refused = replace(CANDIDATE, campaign_id="other", verdict="suppressed", reason_code="CAP_CLASS")
    log.decide(candidates=(CANDIDATE, refused))
    log.decide()
    folded = Folded(log)

    assert folded.count("decision|bank|activation_nudge|sent|") == 2
    assert folded.count("decision|bank|other|suppressed|CAP_CLASS") == 1


def test_insight_counts_caps_asked_stopped_and_filled() -> None:
    """A full cap stops, one that this contact fills is filled, any other was only asked."""
    log = InsightLog()
    seen = (cap(2, 2), cap(3, 3), cap(1, 2), cap(0, 1), cap(0, 1, 1, "all"))
    log.decide(candidates=(replace(CANDIDATE, caps=seen),))
    folded = Folded(log)

    counted = {key: count for key, count in folded.fold.counts().items() if key.startswith("cap|")}
    assert counted == {
        "cap|bank|campaign|asked": 4,
        "cap|bank|campaign|stopped": 2,
        "cap|bank|campaign|filled": 1,
        "cap|bank|all|asked": 1,
        "cap|bank|all|filled": 1,
    }


def test_insight_passes_shadow_candidates_and_what_is_for_others() -> None:
    """Shadow decisions (T7) by candidate, outcomes for learning by record; nothing else moves."""
    log = InsightLog()
    log.decide(shadow=True, candidates=(CANDIDATE, CANDIDATE))
    log.add(b"outcome.recorded.v1", {})
    log.add(b"model.told.v1", {})
    folded = Folded(log)

    assert folded.fold.counts() == {"passed|bank": 4}
    assert folded.rows.keys() == {b"#counts|0"}
