"""Say what trips of what one partition knows of a version: docs/insight.md §4."""

from typing import NamedTuple

from tests.checker.identity import Facts
from tests.checker.insight_evidence import MILLION, guarded, p_ppm


BOUNDS = ("opt_out", "complaint", "failure")
UNASKED = [0.0, 0.0]
"""Evidence (log e, greatest log e) of a test before its round's first record."""


class Won(NamedTuple):
    """What a bet on an arm's harm won, as a logarithm."""

    arm: str
    log_factor: float


def level_of(version: Facts, kind: str) -> int:
    """Return which part of the declared alpha a test of this kind has."""
    rails = version["guardrails"]
    declared = [name for name in BOUNDS if is_bounded(version, name)]
    declared += ["harm"] if rails["harm"] else []
    parts: int = len(declared) * version["key_count"]
    if kind == "harm":
        parts *= len(_arms(version))
    alpha: int = rails["alpha_ppm"]
    return alpha // parts


def is_bounded(version: Facts, kind: str) -> bool:
    """Return whether a kind of objection has a bound that can be broken."""
    return version["guardrails"] is not None and 0 < version["guardrails"][f"{kind}_ppm"] < MILLION


def _arms(version: Facts) -> list[str]:
    return [arm for arm in version["shares_ppm"] if arm != "control"]


def _is_of_round(version: Facts, test: str, record: Facts) -> bool:
    """Return whether the exposure was decided after the trip that the test's round began with."""
    known = version["rounds"].get(test)
    return known is None or record["decided_at_ms"] > known["since_ms"]


def count_contact(version: Facts, record: Facts) -> None:
    """Count an exposure that opens where a kind of objection is in a later round."""
    for kind in BOUNDS:
        is_asked = kind in version["rounds"] and _is_of_round(version, kind, record)
        if is_asked and record["verdict"] == "sent":
            version["rounds"][kind]["count"] += 1


def objected(version: Facts, record: Facts, at_ms: int) -> Facts | None:
    """
    Return what trips of an objection that the version has counted.

    Args:
        version: as it is after the record.
        record: `exposure.objected.v1`.
        at_ms: the row's time.
    """
    kind = record["objection"]
    if not is_bounded(version, kind) or not _is_of_round(version, kind, record):
        return None
    known = version["rounds"].get(kind)
    if known is not None:
        known["event_count"] += 1
    else:
        known = {"count": version["contacted_count"]}
        known["event_count"] = version["objection_counts"][kind]
    count, bound = known["count"], version["guardrails"][f"{kind}_ppm"]
    events = min(known["event_count"], count)
    evidence = guarded(version["evidence"].get(kind, UNASKED), bound, count, events)
    version["evidence"][kind] = evidence
    if p_ppm(evidence) > level_of(version, kind):
        return None
    said = {"kind": kind, "arm": "", "bound_ppm": bound, "count": count, "event_count": events}
    return _trip(version, said, evidence, at_ms)


def harmed(version: Facts, record: Facts, won: list[Won], at_ms: int) -> Facts | None:
    """
    Return what trips where contact makes fewer convert: of the arms fed the one that says so most.

    Args:
        version: as it is after the record.
        record: `exposure.settled.v1`.
        won: by what the series were fed, in order.
        at_ms: the row's time.
    """
    if version["guardrails"] is None or not version["guardrails"]["harm"]:
        return None
    asked = [one for one in won if _is_of_round(version, f"harm|{one.arm}", record)]
    for arm, log_factor in asked:
        log_e, greatest = version["evidence"].get(f"harm|{arm}", UNASKED)
        log_e += log_factor
        version["evidence"][f"harm|{arm}"] = [log_e, max(greatest, log_e)]
        if known := version["rounds"].get(f"harm|{arm}"):
            known["count"] += 1
            known["event_count"] += record["label"]
    if not asked:
        return None
    worst = min(
        (one.arm for one in asked), key=lambda arm: p_ppm(version["evidence"][f"harm|{arm}"])
    )
    evidence = version["evidence"][f"harm|{worst}"]
    if p_ppm(evidence) > level_of(version, "harm"):
        return None
    said = {"kind": "harm", "arm": worst, "bound_ppm": 0, **_compared(version, worst)}
    return _trip(version, said, evidence, at_ms)


def _compared(version: Facts, arm: str) -> Facts:
    """Return how many customers the arm's series have settled in this round, and who converted."""
    if known := version["rounds"].get(f"harm|{arm}"):
        return {name: known[name] for name in ("count", "event_count")}
    bets = [one["change"] for one in version["series"].values() if _is_fed(one, arm)]
    return {
        "count": sum(sum(one["count"].values()) for one in bets),
        "event_count": int(sum(sum(one["sum"].values()) for one in bets)),
    }


def _is_fed(series: Facts, arm: str) -> bool:
    return series["arm"] == arm and "change" in series


def _trip(version: Facts, said: Facts, evidence: list[float], at_ms: int) -> Facts:
    """Return the trip; the next round of its kind begins."""
    kind = said["kind"]
    version["tripped"].append(kind)
    for test in [f"harm|{arm}" for arm in _arms(version)] if kind == "harm" else [kind]:
        version["evidence"].pop(test, None)
        version["rounds"][test] = {"since_ms": at_ms, "count": 0, "event_count": 0}
    seen = {"p_ppm": p_ppm(evidence), "alpha_ppm": level_of(version, kind)}
    return said | seen | {"sequence": version["tripped"].count(kind)}
