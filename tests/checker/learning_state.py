"""Keep what is known of one model that learns: docs/learning.md §1, §3 and §4, on plain dicts."""

import struct
from base64 import b64decode
from typing import Any

from tests.checker.identity import Facts
from tests.checker.learning_cohorts import begun, new_pool
from tests.checker.learning_heads import MILLION, beginning, brought, is_looked_at
from tests.checker.model_shapes import whole
from tests.checker.oracle_models import score


COHORTS_MAX = 64
KEPT_MAX = 16
DAY_MS = 86_400_000
HEADS = ("contact", "control")


def defined(record: Facts, before: Facts | None) -> Facts:
    """Return what is known of a model from this definition on; `before`, until then."""
    model = whole(record["model"])
    made: Facts = {"sequence": 0, "time": 0, "frozen": False, "alarms": [0, 0]} | (before or {})
    made |= {"model": model, "is_taught": False}
    if before is not None and _stays(model, record, before["model"]):
        return made
    for name in HEADS:
        head = record.get(name)
        made[name] = brought(model, head) if head else beginning(model)
    return made | {
        "weights_since": model["version"],
        "withheld": False,
        "is_proven": False,
        "average": model["base_rate_ppm"] / MILLION,
        "cohorts": [],
        "judged_until": 0,
        "pooled": new_pool(),
        "reports": [],
        "scores": [],
        "losses": [],
        "worse_count": 0,
        "fallen_to": 0,
        "kept": {},
        "good": set(),
    }


def _stays(model: Facts, record: Facts, before: Facts) -> bool:
    """Return whether weights stay as they are."""
    is_alike = all(model[name] == before[name] for name in ("inputs", "optimizer"))
    return is_alike and not any(record.get(name) for name in HEADS)


def vector_in(record: Facts) -> list[float]:
    """Return a record's vector, [] where there is no whole one."""
    raw = b64decode(record["vector"])
    return [*struct.unpack(f"<{len(raw) // 4}f", raw)] if len(raw) % 4 == 0 else []


def is_matched(state: Facts, record: Facts) -> bool:
    """Return whether a record is of a version with these weights, and its vector one of theirs."""
    model = state["model"]
    is_of_version = record["model_version"] in range(state["weights_since"], model["version"] + 1)
    is_score = 1 <= record.get("score_ppm", 0) <= MILLION - 1
    return is_of_version and is_score and is_looked_at(model, vector_in(record))


def enter(state: Facts, record: Facts) -> None:
    """Let a contact belong to a cohort; the first of a new one begins it."""
    cohorts, at_ms = state["cohorts"], record["decided_at_ms"]
    is_full = cohorts and cohorts[-1]["exposure_count"] >= state["model"]["cohort_count"]
    has_room = len(cohorts) < COHORTS_MAX
    if not cohorts or (is_full and has_room and at_ms > cohorts[-1]["last_ms"]):
        cohorts.append(begun(record, state))
        _keep(state, state["published"])
    since = [one for one in cohorts if one["from_ms"] <= at_ms]
    cohort = since[-1] if since else cohorts[0]
    cohort["exposure_count"] += 1
    cohort["last_ms"] = max(cohort["last_ms"], at_ms)
    cohort["closes_ms"] = max(cohort["closes_ms"], record["closes_at_ms"])


def _keep(state: Facts, published: Facts) -> None:
    kept: dict[int, Facts] = state["kept"]
    kept[published["sequence"]] = published
    for gone in sorted(kept)[:-KEPT_MAX]:
        del kept[gone]
        state["good"].discard(gone)


def put_down(state: Facts, record: Facts) -> bool:
    """Let a first outcome be its exposure's; return False where that was judged already."""
    cohort = _cohort_of(state, record["decided_at_ms"])
    if cohort is None:
        return False
    if record["label"] is None:
        cohort["exposure_count"] -= 1
        return True
    champion = state["kept"].get(cohort["champion"])
    delay_ms = record["occurred_at_ms"] - record["decided_at_ms"] if record["label"] else 0
    said = {"label": record["label"], "score_ppm": record["score_ppm"], "delay_ms": delay_ms}
    said["champion_ppm"] = (
        score(state["model"], champion["contact"], vector_in(record)) if champion else None
    )
    cohort["outcomes"].append(said)
    return True


def _cohort_of(state: Facts, at_ms: int) -> Facts | None:
    """Return the cohort of an outcome, None where that is judged already."""
    cohorts: list[Any] = state["cohorts"]
    if not cohorts or at_ms < state["judged_until"]:
        return None
    since = [one for one in cohorts if one["from_ms"] <= at_ms]
    return since[-1] if since else cohorts[0]


def is_ripe(state: Facts, cohort: Facts) -> bool:
    """Return whether all outcomes of a cohort are known, or all of its windows are over."""
    is_whole = len(cohort["outcomes"]) == cohort["exposure_count"]
    return is_whole or state["time"] > cohort["closes_ms"] + DAY_MS
